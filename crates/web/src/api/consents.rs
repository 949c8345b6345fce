//! `/v1/me/consents`: what one allowed applications.

use domain::client::{Client, ClientId};
use domain::consent::Consent;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};

use super::Chapter;
use crate::bearer::Owner;
use crate::context::{Context, Source};
use crate::json::{Answer, DateTime, NoContent};
use crate::problem::{Code, OwnProblem, OwnSessionProblem, Problem};

/// What one allowed an application.
#[derive(Object)]
#[oai(rename = "Consent")]
pub(crate) struct ConsentInfo {
    /// The application.
    client_id: String,
    /// What it is called.
    client_name: String,
    /// What it may do.
    scope: String,
    /// When that was last allowed.
    granted_at: DateTime,
}

impl From<(Consent, Client)> for ConsentInfo {
    fn from((consent, client): (Consent, Client)) -> Self {
        Self {
            client_id: client.id.to_string(),
            client_name: client.name,
            scope: consent.scopes.to_string(),
            granted_at: consent.granted_at.into(),
        }
    }
}

/// Consents.
#[derive(Object)]
pub(crate) struct ConsentList {
    /// Ordered by application.
    consents: Vec<ConsentInfo>,
}

/// One's own consents.
pub(crate) struct ConsentsApi;

#[OpenApi(tag = "Chapter::Account")]
impl ConsentsApi {
    /// List what you allowed applications
    #[oai(path = "/v1/me/consents", method = "get", operation_id = "listConsents")]
    async fn list(&self, context: Data<&Context>, caller: Owner) -> Result<Answer<ConsentList>, OwnProblem> {
        let consents = context.app.oauth.consents.own(&caller.0).await?;
        Ok(Answer(ConsentList {
            consents: consents.into_iter().map(ConsentInfo::from).collect(),
        }))
    }

    /// Take back what you allowed an application
    ///
    /// Everything that it was issued for you is void at once, and it has to ask again.
    #[oai(
        path = "/v1/me/consents/:client",
        method = "delete",
        operation_id = "withdrawConsent"
    )]
    async fn withdraw(
        &self,
        context: Data<&Context>,
        source: Source,
        caller: Owner,
        /// The application.
        client: Path<String>,
    ) -> Result<NoContent, OwnSessionProblem> {
        let client = ClientId::parse(&client.0).map_err(|_| Problem::new(Code::NotFound))?;
        let consents = &context.app.oauth.consents;
        consents.withdraw(&caller.0, &client, &source.origin).await?;
        Ok(NoContent)
    }
}
