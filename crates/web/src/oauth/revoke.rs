//! `POST /auth/revoke`: revocation by the client that a token was issued to (RFC 7009).

use poem::web::Data;
use poem_openapi::OpenApi;

use super::client::{ClientHeader, authenticate};
use super::introspect::TokenToLookAt;
use super::parameters::Sent;
use super::refusal::{LimitedRefusal, OAuthError};
use crate::api::Chapter;
use crate::context::{Context, Source};
use crate::json::Done;

/// The revocation endpoint.
pub(super) struct RevocationEndpoint;

#[OpenApi]
impl RevocationEndpoint {
    /// Revoke a token of a client
    ///
    /// RFC 7009. An access token alone is revoked; a refresh token with its session and everything that came from it. A token that
    /// is unknown, or another client's, is answered in the same way, and nothing is done to it.
    #[oai(
        path = "/auth/revoke",
        method = "post",
        operation_id = "oauthRevoke",
        tag = "Chapter::OAuth"
    )]
    async fn revoke(
        &self,
        context: Data<&Context>,
        source: Source,
        header: ClientHeader,
        body: Sent<TokenToLookAt>,
    ) -> Result<Done, LimitedRefusal> {
        let token = body.parameters.needed("token")?;
        let client = authenticate(&context, header, &body.parameters, &source).await?;
        let revoked = context.app.revoke.for_client(&client, token, &source.origin).await;
        revoked.map_err(OAuthError::from)?;
        Ok(Done)
    }
}
