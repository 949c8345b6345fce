//! Tokens as the token endpoint answers them (RFC 6749 section 5.1).

use application::clients::AuthenticatedClient;
use application::tokens::{ClientToken, IssuedTokens};
use domain::aidbox::ResourceKind;
use poem_openapi::Object;

use super::refusal::OAuthError;
use crate::context::Context;
use crate::json::SecretText;
use crate::problem::Problem;

/// The type of tokens that are exchanged (RFC 8693 section 3).
pub(super) const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Tokens. They are secrets: whoever holds them can use them.
#[derive(Object)]
#[oai(rename = "OAuthTokens", skip_serializing_if_is_none)]
pub(super) struct OAuthTokens {
    /// The token for calls.
    access_token: SecretText,
    /// Always `Bearer`.
    token_type: String,
    /// For how long, in seconds.
    expires_in: u64,
    /// For the next access token, once. Only for clients with the grant `refresh_token`.
    refresh_token: Option<SecretText>,
    /// What the access token may be used for.
    scope: String,
    /// Who logged in, and how (OpenID Connect Core section 2). Only with the scope `openid`.
    id_token: Option<SecretText>,
    /// What kind of token it is; for exchanged tokens only.
    issued_token_type: Option<String>,
    /// Who logged in. Only for clients that a document of the Aidbox profile describes.
    userinfo: Option<TokenUserInfo>,
}

/// Who logged in, as Aidbox tells its clients.
#[derive(Object)]
#[oai(rename = "AidboxUserInfo", skip_serializing_if_is_none, rename_all = "camelCase")]
pub(super) struct TokenUserInfo {
    /// The user.
    id: String,
    /// The e-mail address.
    email: Option<String>,
    /// Always `User`.
    resource_type: String,
}

impl From<IssuedTokens> for OAuthTokens {
    fn from(issued: IssuedTokens) -> Self {
        Self {
            access_token: SecretText(issued.access_token),
            token_type: String::from("Bearer"),
            expires_in: issued.expires_in,
            refresh_token: issued.refresh_token.map(|token| SecretText(token.expose().to_owned())),
            scope: issued.scopes.to_string(),
            id_token: issued.id_token.map(SecretText),
            issued_token_type: None,
            userinfo: None,
        }
    }
}

impl From<ClientToken> for OAuthTokens {
    fn from(token: ClientToken) -> Self {
        Self {
            access_token: SecretText(token.access_token),
            token_type: String::from("Bearer"),
            expires_in: token.expires_in,
            refresh_token: None,
            scope: token.scopes.to_string(),
            id_token: None,
            issued_token_type: None,
            userinfo: None,
        }
    }
}

impl OAuthTokens {
    /// As the answer to a login, which tells some clients who logged in.
    pub async fn of_login(
        context: &Context,
        client: &AuthenticatedClient,
        issued: IssuedTokens,
    ) -> Result<Self, OAuthError> {
        let user = context.app.aidbox.token_user(&client.id, &issued.user).await;
        let userinfo = user.map_err(Problem::from)?.map(|user| TokenUserInfo {
            id: user.id,
            email: user.email,
            resource_type: ResourceKind::User.name().to_owned(),
        });
        Ok(Self {
            userinfo,
            ..Self::from(issued)
        })
    }

    /// As the answer of an exchange: an access token and nothing besides.
    pub fn exchanged(issued: IssuedTokens) -> Self {
        Self {
            id_token: None,
            refresh_token: None,
            issued_token_type: Some(ACCESS_TOKEN_TYPE.to_owned()),
            ..Self::from(issued)
        }
    }
}
