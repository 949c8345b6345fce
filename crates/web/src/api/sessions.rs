//! `/v1/me/sessions`: where one is logged in.

use application::tokens::Caller;
use domain::id::SessionId;
use domain::session::Session;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};

use super::Chapter;
use crate::bearer::Owner;
use crate::context::{Context, Source};
use crate::json::{Answer, DateTime, Id, NoContent};
use crate::problem::{Code, OwnProblem, OwnSessionProblem, Problem};

/// A session: one login with everything that was issued from it.
#[derive(Object)]
#[oai(rename = "Session", skip_serializing_if_is_none)]
pub(crate) struct SessionInfo {
    /// Its identity: the `sid` of its tokens.
    id: Id,
    /// Whether the token of this call is from it.
    current: bool,
    /// The client application that it was opened for.
    client_id: String,
    /// What its tokens may be used for.
    scope: String,
    /// Which factors were proved.
    amr: Vec<String>,
    /// What they are worth together.
    acr: String,
    /// When it was opened.
    opened_at: DateTime,
    /// When it last issued a token.
    used_at: DateTime,
    /// When it ends whatever happens.
    expires_at: DateTime,
    /// The network address that it was opened from.
    address: Option<String>,
    /// The program that opened it, by its own word.
    user_agent: Option<String>,
}

impl SessionInfo {
    fn of(session: Session, caller: &Caller) -> Self {
        Self {
            id: Id::from(&session.id),
            current: session.id == caller.session,
            client_id: session.client_id,
            scope: session.scopes.to_string(),
            amr: session.proved.amr().into_iter().map(str::to_owned).collect(),
            acr: session.proved.assurance().acr().to_owned(),
            opened_at: session.opened_at.into(),
            used_at: session.used_at.into(),
            expires_at: session.expires_at.into(),
            address: session.origin.address,
            user_agent: session.origin.user_agent,
        }
    }
}

/// Sessions.
#[derive(Object)]
pub(crate) struct SessionList {
    /// Newest first.
    sessions: Vec<SessionInfo>,
}

/// One's own sessions.
pub(crate) struct SessionsApi;

#[OpenApi]
impl SessionsApi {
    /// List your sessions
    #[oai(
        path = "/v1/me/sessions",
        method = "get",
        operation_id = "listSessions",
        tag = "Chapter::Account"
    )]
    async fn list(&self, context: Data<&Context>, caller: Owner) -> Result<Answer<SessionList>, OwnProblem> {
        let sessions = context.app.queries.my_sessions(&caller.0).await?;
        Ok(Answer(SessionList {
            sessions: sessions
                .into_iter()
                .map(|session| SessionInfo::of(session, &caller.0))
                .collect(),
        }))
    }

    /// End all your sessions
    ///
    /// The one of this call included. Everything that was issued from them is void at once.
    #[oai(
        path = "/v1/me/sessions",
        method = "delete",
        operation_id = "endSessions",
        tag = "Chapter::Account"
    )]
    async fn end_all(
        &self,
        context: Data<&Context>,
        source: Source,
        caller: Owner,
    ) -> Result<NoContent, OwnSessionProblem> {
        context.app.end_sessions.all_own(&caller.0, &source.origin).await?;
        Ok(NoContent)
    }

    /// End one of your sessions
    #[oai(
        path = "/v1/me/sessions/:id",
        method = "delete",
        operation_id = "endSession",
        tag = "Chapter::Account"
    )]
    async fn end(
        &self,
        context: Data<&Context>,
        source: Source,
        caller: Owner,
        /// The session.
        id: Path<Id>,
    ) -> Result<NoContent, OwnSessionProblem> {
        let id = SessionId::parse(&id.0.0).ok_or_else(|| Problem::new(Code::NotFound))?;
        context.app.end_sessions.one(&caller.0, id, &source.origin).await?;
        Ok(NoContent)
    }
}
