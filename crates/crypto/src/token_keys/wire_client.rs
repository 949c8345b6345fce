//! The claims of an access token that a client got for itself, as JSON (RFC 9068 section 2.2).

use std::borrow::Cow;

use domain::claims::{ClientClaims, TokenFault};
use domain::client::ClientId;
use domain::id::TokenId;
use serde::{Deserialize, Serialize};

use super::audience;
use super::token_form::read_object;
use super::wire_claims::{date, scopes};

/// The claims. Every one must be there, once; there are no others. No token of an account can be read as one and the other
/// way round: those have a session, and their `sub` is a UUID, which no client is named.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireClient<'text> {
    #[serde(borrow)]
    iss: Cow<'text, str>,
    #[serde(borrow)]
    sub: Cow<'text, str>,
    #[serde(serialize_with = "audience::write", deserialize_with = "audience::read")]
    aud: Vec<String>,
    exp: i64,
    nbf: i64,
    iat: i64,
    #[serde(borrow)]
    jti: Cow<'text, str>,
    #[serde(borrow)]
    client_id: Cow<'text, str>,
    #[serde(borrow)]
    scope: Cow<'text, str>,
}

impl<'text> WireClient<'text> {
    /// The JSON of these claims.
    pub(super) fn write(claims: &ClientClaims) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(&WireClient {
            iss: claims.issuer.as_str().into(),
            sub: claims.client.as_str().into(),
            aud: claims.audience.clone(),
            exp: claims.expires_at.seconds(),
            nbf: claims.not_before.seconds(),
            iat: claims.issued_at.seconds(),
            jti: claims.token.to_string().into(),
            client_id: claims.client.as_str().into(),
            scope: claims.scopes.to_string().into(),
        })
    }

    /// Reads a payload whose signature was right. Who issued it, for whom and when is not judged here.
    pub(super) fn read(payload: &'text [u8]) -> Result<ClientClaims, TokenFault> {
        let wire: Self = read_object(payload)?;
        wire.claims().ok_or(TokenFault::Malformed)
    }

    fn claims(self) -> Option<ClientClaims> {
        let is_for_itself = self.sub == self.client_id;
        is_for_itself.then_some(())?;
        Some(ClientClaims {
            client: ClientId::parse(&self.sub).ok()?,
            token: TokenId::parse(&self.jti)?,
            scopes: scopes(&self.scope)?,
            issued_at: date(self.iat)?,
            not_before: date(self.nbf)?,
            expires_at: date(self.exp)?,
            issuer: self.iss.into_owned(),
            audience: self.aud,
        })
    }
}
