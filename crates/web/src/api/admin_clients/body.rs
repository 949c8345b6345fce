//! What is sent to and answered by the operations on client applications.

use std::time::Duration;

use application::clients::{RegisteredClient, usual_draft};
use application::core::OAuthPolicy;
use domain::client::{Client, ClientId, GrantType};
use domain::client_rules::ClientDraft;
use domain::factor::FactorPolicy;
use domain::redirect_uri::RedirectUri;
use domain::scope::Scopes;
use poem_openapi::Object;
use poem_openapi::types::{Example, MaybeUndefined};
use serde_json::Value;

use super::names::{
    AuthenticationName, ClientStateName, GrantName, PartyName, PkceName, SecondFactorName, TokenFormatName,
};
use crate::json::{DateTime, SecretText};
use crate::problem::{Code, Problem};

/// A new client application. Its lifetimes are in seconds.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct NewClient {
    /// Its identity: letters, digits and `. _ ~ - : /`. Absent: one is made.
    client_id: Option<String>,
    /// What people are shown.
    client_name: String,
    /// How it proves which one it is. Absent: `client_secret`.
    authentication: Option<AuthenticationName>,
    /// With `private_key_jwt`: its public keys as a JWK Set (RFC 7517 section 5).
    jwks: Option<Value>,
    /// `first` for an application of the operator's own, which asks nobody for consent. Absent: `third`.
    party: Option<PartyName>,
    /// What it may ask for tokens with. Absent: `authorization_code` and `refresh_token`.
    grant_types: Option<Vec<GrantName>>,
    /// Where answers of the authorization endpoint may go, exactly.
    redirect_uris: Option<Vec<String>>,
    /// Where a browser may go after a logout, exactly.
    post_logout_redirect_uris: Option<Vec<String>>,
    /// Where logout tokens are sent.
    backchannel_logout_uri: Option<String>,
    /// The scopes that it may ask for, with spaces between. Absent: `openid profile email offline_access`.
    scope: Option<String>,
    /// The resources that its tokens may be for; the first is the default. Absent: this service itself.
    audiences: Option<Vec<String>>,
    /// How long an access token lives: 30 to 86400. Absent: as the settings say, and so with the others.
    access_token_lifetime: Option<u64>,
    /// Whether access tokens are JWTs or references. Absent: `jwt`.
    token_format: Option<TokenFormatName>,
    /// How long a session lives, however much it is refreshed.
    refresh_token_lifetime: Option<u64>,
    /// How long a refresh token that is not used lives.
    refresh_token_idle: Option<u64>,
    /// Whether codes must be bound to a proof key. Absent: `required`.
    pkce: Option<PkceName>,
    /// Whether authorization requests must be pushed (RFC 9126). Absent: they need not.
    require_pushed_authorization_requests: Option<bool>,
    /// The second factors with which somebody may log in for it. Absent: all.
    factors: Option<Vec<SecondFactorName>>,
    /// The web origins whose scripts may call the token endpoint for it.
    cors_origins: Option<Vec<String>>,
}

impl Example for NewClient {
    fn example() -> Self {
        Self {
            client_id: Some("shop".to_owned()),
            client_name: "The shop".to_owned(),
            authentication: Some(AuthenticationName::ClientSecret),
            jwks: None,
            party: Some(PartyName::Third),
            grant_types: Some(vec![GrantName::AuthorizationCode, GrantName::RefreshToken]),
            redirect_uris: Some(vec!["https://shop.example.com/callback".to_owned()]),
            post_logout_redirect_uris: None,
            backchannel_logout_uri: None,
            scope: Some("openid profile".to_owned()),
            audiences: None,
            access_token_lifetime: Some(600),
            token_format: None,
            refresh_token_lifetime: None,
            refresh_token_idle: None,
            pkce: Some(PkceName::Required),
            require_pushed_authorization_requests: None,
            factors: None,
            cors_origins: None,
        }
    }
}

fn scopes(text: &str) -> Result<Scopes, Problem> {
    if text.is_empty() {
        return Ok(Scopes::default());
    }
    Scopes::parse(text).map_err(|fault| Problem::fault(Code::InvalidRequest, "/scope", fault.to_string()))
}

fn grants(names: Vec<GrantName>) -> Vec<GrantType> {
    names.into_iter().map(Into::into).collect()
}

fn factors(names: Vec<SecondFactorName>) -> FactorPolicy {
    let types: Vec<_> = names.into_iter().map(Into::into).collect();
    FactorPolicy::new(&types)
}

impl NewClient {
    /// What the use case takes.
    pub fn into_draft(self, defaults: &OAuthPolicy) -> Result<(Option<ClientId>, ClientDraft), Problem> {
        let id = self.client_id.as_deref().map(ClientId::parse).transpose();
        let id = id.map_err(|fault| Problem::fault(Code::InvalidRequest, "/client_id", fault.to_string()))?;
        let usual = usual_draft(self.client_name, defaults);
        let seconds = |given: Option<u64>, usual: Duration| given.map_or(usual, Duration::from_secs);
        let draft = ClientDraft {
            party: self.party.map_or(usual.party, Into::into),
            authentication: self.authentication.map_or(usual.authentication, Into::into),
            jwks: self.jwks.map(|jwks| jwks.to_string()),
            grant_types: self.grant_types.map_or(usual.grant_types, grants),
            redirect_uris: self.redirect_uris.unwrap_or_default(),
            post_logout_redirect_uris: self.post_logout_redirect_uris.unwrap_or_default(),
            backchannel_logout_uri: self.backchannel_logout_uri,
            scopes: self.scope.as_deref().map_or(Ok(usual.scopes), scopes)?,
            audiences: self.audiences.unwrap_or_default(),
            access_token_lifetime: seconds(self.access_token_lifetime, usual.access_token_lifetime),
            token_format: self.token_format.map_or(usual.token_format, Into::into),
            refresh_token_lifetime: seconds(self.refresh_token_lifetime, usual.refresh_token_lifetime),
            refresh_token_idle: seconds(self.refresh_token_idle, usual.refresh_token_idle),
            pkce: self.pkce.map_or(usual.pkce, Into::into),
            requires_pushed_requests: self.require_pushed_authorization_requests.unwrap_or(false),
            factors: self.factors.map(factors),
            cors_origins: self.cors_origins.unwrap_or_default(),
            ..usual
        };
        Ok((id, draft))
    }
}

/// What to change. A field that is absent stays as it is; `null` empties one that may be empty.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct ClientChange {
    /// What people are shown.
    client_name: Option<String>,
    /// `disabled` takes every session away and lets it have no new ones.
    state: Option<ClientStateName>,
    /// Whose application it is.
    party: Option<PartyName>,
    /// How it proves which one it is.
    authentication: Option<AuthenticationName>,
    /// Its public keys.
    jwks: MaybeUndefined<Value>,
    /// What it may ask for tokens with.
    grant_types: Option<Vec<GrantName>>,
    /// Where answers of the authorization endpoint may go.
    redirect_uris: Option<Vec<String>>,
    /// Where a browser may go after a logout.
    post_logout_redirect_uris: Option<Vec<String>>,
    /// Where logout tokens are sent.
    backchannel_logout_uri: MaybeUndefined<String>,
    /// The scopes that it may ask for.
    scope: Option<String>,
    /// The resources that its tokens may be for.
    audiences: Option<Vec<String>>,
    /// How long an access token lives, in seconds.
    access_token_lifetime: Option<u64>,
    /// Whether access tokens are JWTs or references.
    token_format: Option<TokenFormatName>,
    /// How long a session lives, in seconds.
    refresh_token_lifetime: Option<u64>,
    /// How long a refresh token that is not used lives, in seconds.
    refresh_token_idle: Option<u64>,
    /// Whether codes must be bound to a proof key.
    pkce: Option<PkceName>,
    /// Whether authorization requests must be pushed.
    require_pushed_authorization_requests: Option<bool>,
    /// The second factors with which somebody may log in for it.
    factors: MaybeUndefined<Vec<SecondFactorName>>,
    /// The web origins whose scripts may call the token endpoint for it.
    cors_origins: Option<Vec<String>>,
}

impl Example for ClientChange {
    fn example() -> Self {
        Self {
            client_name: Some("The new shop".to_owned()),
            state: None,
            party: None,
            authentication: None,
            jwks: MaybeUndefined::Undefined,
            grant_types: None,
            redirect_uris: None,
            post_logout_redirect_uris: None,
            backchannel_logout_uri: MaybeUndefined::Undefined,
            scope: None,
            audiences: None,
            access_token_lifetime: None,
            token_format: None,
            refresh_token_lifetime: None,
            refresh_token_idle: None,
            pkce: None,
            require_pushed_authorization_requests: None,
            factors: MaybeUndefined::Undefined,
            cors_origins: None,
        }
    }
}

fn set<T>(target: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *target = value;
    }
}

/// Absent leaves it as it is, and null empties it.
fn set_or_empty<T>(target: &mut Option<T>, value: MaybeUndefined<T>) {
    match value {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => *target = None,
        MaybeUndefined::Value(value) => *target = Some(value),
    }
}

impl ClientChange {
    /// What the use case does to the client.
    pub fn into_change(self) -> Result<impl FnOnce(&mut ClientDraft) + Send, Problem> {
        let scopes = self.scope.as_deref().map(scopes).transpose()?;
        Ok(move |draft: &mut ClientDraft| {
            set(&mut draft.name, self.client_name);
            set(&mut draft.state, self.state.map(Into::into));
            set(&mut draft.party, self.party.map(Into::into));
            set(&mut draft.authentication, self.authentication.map(Into::into));
            set_or_empty(&mut draft.jwks, self.jwks.map_value(|jwks| jwks.to_string()));
            set(&mut draft.grant_types, self.grant_types.map(grants));
            set(&mut draft.redirect_uris, self.redirect_uris);
            set(&mut draft.post_logout_redirect_uris, self.post_logout_redirect_uris);
            set_or_empty(&mut draft.backchannel_logout_uri, self.backchannel_logout_uri);
            set(&mut draft.scopes, scopes);
            set(&mut draft.audiences, self.audiences);
            let seconds = |value: Option<u64>| value.map(Duration::from_secs);
            set(&mut draft.access_token_lifetime, seconds(self.access_token_lifetime));
            set(&mut draft.token_format, self.token_format.map(Into::into));
            set(&mut draft.refresh_token_lifetime, seconds(self.refresh_token_lifetime));
            set(&mut draft.refresh_token_idle, seconds(self.refresh_token_idle));
            set(&mut draft.pkce, self.pkce.map(Into::into));
            set(
                &mut draft.requires_pushed_requests,
                self.require_pushed_authorization_requests,
            );
            set_or_empty(&mut draft.factors, self.factors.map_value(factors));
            set(&mut draft.cors_origins, self.cors_origins);
        })
    }
}

/// A client application, without its secret.
#[derive(Object)]
#[oai(rename = "Client", skip_serializing_if_is_none)]
pub(crate) struct ClientInfo {
    /// Its identity.
    client_id: String,
    /// What people are shown.
    client_name: String,
    /// Whether it may be used.
    state: ClientStateName,
    /// Whose application it is.
    party: PartyName,
    /// How it proves which one it is.
    authentication: AuthenticationName,
    /// Its public keys.
    jwks: Option<Value>,
    /// What it may ask for tokens with.
    grant_types: Vec<GrantName>,
    /// Where answers of the authorization endpoint may go.
    redirect_uris: Vec<String>,
    /// Where a browser may go after a logout.
    post_logout_redirect_uris: Vec<String>,
    /// Where logout tokens are sent.
    backchannel_logout_uri: Option<String>,
    /// The scopes that it may ask for.
    scope: String,
    /// The resources that its tokens may be for; none for this service itself.
    audiences: Vec<String>,
    /// How long an access token lives, in seconds.
    access_token_lifetime: u64,
    /// Whether access tokens are JWTs or references.
    token_format: TokenFormatName,
    /// How long a session lives, in seconds.
    refresh_token_lifetime: u64,
    /// How long a refresh token that is not used lives, in seconds.
    refresh_token_idle: u64,
    /// Whether codes must be bound to a proof key.
    pkce: PkceName,
    /// Whether authorization requests must be pushed.
    require_pushed_authorization_requests: bool,
    /// The second factors with which somebody may log in for it. Absent: all.
    factors: Option<Vec<SecondFactorName>>,
    /// The web origins whose scripts may call the token endpoint for it.
    cors_origins: Vec<String>,
    /// Counts changes: for `If-Match`.
    version: i64,
    /// When it was registered.
    created_at: DateTime,
    /// When it was last changed.
    updated_at: DateTime,
}

impl From<&Client> for ClientInfo {
    fn from(client: &Client) -> Self {
        let texts = |uris: &[RedirectUri]| uris.iter().map(|uri| uri.as_str().to_owned()).collect();
        let jwks = client.jwks.as_deref().and_then(|jwks| serde_json::from_str(jwks).ok());
        let factors = client.factors.as_ref().map(FactorPolicy::second_factors);
        Self {
            client_id: client.id.to_string(),
            client_name: client.name.clone(),
            state: client.state.into(),
            party: client.party.into(),
            authentication: client.authentication.into(),
            jwks,
            grant_types: client.grant_types.iter().copied().map(Into::into).collect(),
            redirect_uris: texts(&client.redirect_uris),
            post_logout_redirect_uris: texts(&client.post_logout_redirect_uris),
            backchannel_logout_uri: client.backchannel_logout_uri.clone(),
            scope: client.scopes.to_string(),
            audiences: client.audiences.clone(),
            access_token_lifetime: client.access_token_lifetime.as_secs(),
            token_format: client.token_format.into(),
            refresh_token_lifetime: client.refresh_token_lifetime.as_secs(),
            refresh_token_idle: client.refresh_token_idle.as_secs(),
            pkce: client.pkce.into(),
            require_pushed_authorization_requests: client.requires_pushed_requests,
            factors: factors.map(|factors| {
                factors
                    .iter()
                    .filter_map(|factor| SecondFactorName::of(*factor))
                    .collect()
            }),
            cors_origins: client.cors_origins.clone(),
            version: client.version,
            created_at: client.created_at.into(),
            updated_at: client.updated_at.into(),
        }
    }
}

/// A client application, and its secret if a new one was made.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct RegisteredClientInfo {
    #[oai(flatten)]
    client: ClientInfo,
    /// The secret. It is shown this once.
    client_secret: Option<SecretText>,
}

impl From<RegisteredClient> for RegisteredClientInfo {
    fn from(registered: RegisteredClient) -> Self {
        Self {
            client: ClientInfo::from(&registered.client),
            client_secret: registered.secret.map(|secret| SecretText(secret.expose().to_owned())),
        }
    }
}

/// A new secret of a client application.
#[derive(Object)]
pub(crate) struct NewClientSecret {
    /// The secret. It is shown this once.
    pub client_secret: SecretText,
}
