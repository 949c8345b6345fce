//! `DELETE /Session`: ending the session of the token that is sent.

use application::accounts::EndSessionsError;
use application::tokens::Believed;
use poem::web::Data;
use poem_openapi::OpenApi;

use crate::api::Chapter;
use crate::bearer::AnyBearer;
use crate::context::{Context, Source};
use crate::json::NoContent;
use crate::problem::{AidboxSessionProblem, Problem};

/// The session of a token.
pub(super) struct SessionApi;

#[OpenApi(tag = "Chapter::Aidbox")]
impl SessionApi {
    /// End the session of your token
    ///
    /// Everything that was issued from it is void at once. With the session of a client of the operator's own ends that of the
    /// browser that it came from. Any access token of the service will do, a JWT or an opaque one, also
    /// one for another resource. A token that a client got for itself has no session, and is revoked instead.
    #[oai(path = "/Session", method = "delete", operation_id = "aidboxEndSession")]
    async fn end(
        &self,
        context: Data<&Context>,
        source: Source,
        token: AnyBearer,
    ) -> Result<NoContent, AidboxSessionProblem> {
        let app = &context.app;
        match app.authenticate.examine(&token.0).await.map_err(Problem::from)? {
            Believed::User(caller) => {
                let shared = app.aidbox.shared_session(&caller).await?;
                for session in [Some(caller.session), shared].into_iter().flatten() {
                    match app.end_sessions.one(&caller, session, &source.origin).await {
                        // It ended a moment ago, which is what was asked for.
                        Ok(()) | Err(EndSessionsError::NotFound) => {}
                        Err(EndSessionsError::Store(error)) => return Err(error.into()),
                    }
                }
            }
            Believed::Client(claims) => {
                let revoked = app.revoke.believed(&claims, &token.0, &source.origin).await;
                revoked.map_err(Problem::from)?;
            }
        }
        Ok(NoContent)
    }
}
