//! `POST /auth/introspect`: what a token is good for at the moment (RFC 7662).

use application::tokens::{Caller, Introspection};
use domain::claims::ClientClaims;
use poem::web::Data;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::client::{ClientHeader, authenticate};
use super::parameters::Sent;
use super::refusal::{OAuthError, Refusal};
use crate::api::Chapter;
use crate::context::{Context, Source};
use crate::json::{Answer, SecretText};

/// A token to be examined or revoked.
#[derive(Object)]
#[oai(rename = "OAuthTokenToLookAt", example, skip_serializing_if_is_none)]
pub(super) struct TokenToLookAt {
    /// The token.
    token: SecretText,
    /// `access_token` or `refresh_token`; the service finds out by itself, and other values mean nothing.
    token_type_hint: Option<String>,
    /// The client, unless it authenticates with HTTP Basic.
    client_id: Option<String>,
    /// Its secret, unless it authenticates in another way.
    client_secret: Option<SecretText>,
}

impl Example for TokenToLookAt {
    fn example() -> Self {
        Self {
            token: SecretText("eyJ and the rest of it".to_owned()),
            token_type_hint: None,
            client_id: Some("reports".to_owned()),
            client_secret: Some(SecretText("ccs_ and the rest of it".to_owned())),
        }
    }
}

/// Who acts with a token.
#[derive(Object)]
#[oai(rename = "OAuthActor")]
pub(super) struct ActorClaim {
    /// The client, or the account.
    sub: String,
}

/// What a token says. Of one that is not active, nothing but that.
#[derive(Object, Default)]
#[oai(rename = "Introspection", skip_serializing_if_is_none)]
pub(super) struct IntrospectionAnswer {
    /// Whether it is good at the moment.
    active: bool,
    /// Always `Bearer`.
    token_type: Option<String>,
    /// Who issued it.
    iss: Option<String>,
    /// The account; or the client, if it got the token for itself.
    sub: Option<String>,
    /// The resources that it is for.
    aud: Option<Vec<String>>,
    /// The client.
    client_id: Option<String>,
    /// What it may be used for.
    scope: Option<String>,
    /// The name that the account logs in with.
    username: Option<String>,
    /// Its own name.
    jti: Option<String>,
    /// The session that it is from.
    sid: Option<String>,
    /// What was proved is worth this.
    acr: Option<String>,
    /// Which factors were proved.
    amr: Option<Vec<String>>,
    /// When, in seconds since 1970.
    auth_time: Option<i64>,
    /// When it was issued.
    iat: Option<i64>,
    /// From when it is good.
    nbf: Option<i64>,
    /// Until when.
    exp: Option<i64>,
    /// Who acts with it for the account, if not the account itself.
    act: Option<ActorClaim>,
}

impl From<&Caller> for IntrospectionAnswer {
    fn from(claims: &Caller) -> Self {
        Self {
            active: true,
            token_type: Some(String::from("Bearer")),
            iss: Some(claims.issuer.clone()),
            sub: Some(claims.subject.to_string()),
            aud: Some(claims.audience.clone()),
            client_id: Some(claims.client_id.clone()),
            scope: Some(claims.scopes.to_string()),
            username: Some(claims.username.clone()),
            jti: Some(claims.token.to_string()),
            sid: Some(claims.session.to_string()),
            acr: Some(claims.proved.assurance().acr().to_owned()),
            amr: Some(claims.proved.amr().into_iter().map(str::to_owned).collect()),
            auth_time: Some(claims.proved.at().seconds()),
            iat: Some(claims.issued_at.seconds()),
            nbf: Some(claims.not_before.seconds()),
            exp: Some(claims.expires_at.seconds()),
            act: claims.actor.clone().map(|sub| ActorClaim { sub }),
        }
    }
}

impl From<&ClientClaims> for IntrospectionAnswer {
    fn from(claims: &ClientClaims) -> Self {
        Self {
            active: true,
            token_type: Some(String::from("Bearer")),
            iss: Some(claims.issuer.clone()),
            sub: Some(claims.client.to_string()),
            aud: Some(claims.audience.clone()),
            client_id: Some(claims.client.to_string()),
            scope: Some(claims.scopes.to_string()),
            jti: Some(claims.token.to_string()),
            iat: Some(claims.issued_at.seconds()),
            nbf: Some(claims.not_before.seconds()),
            exp: Some(claims.expires_at.seconds()),
            ..Self::default()
        }
    }
}

/// The introspection endpoint.
pub(super) struct IntrospectionEndpoint;

#[OpenApi]
impl IntrospectionEndpoint {
    /// Ask what a token is good for
    ///
    /// RFC 7662. For clients that authenticate. To be asked about uses up a token that is for one use. Refresh tokens are not
    /// active here: they are good at the token endpoint only.
    #[oai(
        path = "/auth/introspect",
        method = "post",
        operation_id = "introspectToken",
        tag = "Chapter::OAuth"
    )]
    async fn introspect(
        &self,
        context: Data<&Context>,
        source: Source,
        header: ClientHeader,
        body: Sent<TokenToLookAt>,
    ) -> Result<Answer<IntrospectionAnswer>, Refusal> {
        let token = body.parameters.needed("token")?;
        let client = authenticate(&context, header, &body.parameters, &source).await?;
        if client.is_public() {
            return Err(OAuthError::invalid_client(false).into());
        }
        let found = context.app.oauth.introspect.execute(&client, token).await;
        Ok(Answer(match found.map_err(OAuthError::from)? {
            Introspection::Inactive => IntrospectionAnswer::default(),
            Introspection::User(caller) => IntrospectionAnswer::from(&caller),
            Introspection::Client(claims) => IntrospectionAnswer::from(&claims),
        }))
    }
}
