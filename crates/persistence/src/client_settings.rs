//! What of a client is only ever read whole, as JSON in one column.

use std::time::Duration;

use domain::client::{Client, GrantType, Pkce, TokenFormat};
use domain::factor::{FactorPolicy, FactorType};
use domain::redirect_uri::RedirectUri;
use domain::scope::Scopes;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

use crate::json;
use crate::row::{scopes, unreadable};

const COLUMN: &str = "clients.settings";

/// A setting that this program does not know makes the client unreadable: it may forbid what would be allowed without it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsText {
    jwks: Option<String>,
    grant_types: Vec<String>,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    backchannel_logout_uri: Option<String>,
    scopes: String,
    audiences: Vec<String>,
    access_token_lifetime: Duration,
    token_format: String,
    refresh_token_lifetime: Duration,
    refresh_token_idle: Duration,
    pkce_is_required: bool,
    requires_pushed_requests: bool,
    factors: Option<Vec<String>>,
    cors_origins: Vec<String>,
}

pub(crate) fn text(client: &Client) -> Result<String, DbErr> {
    let factors = client.factors.as_ref().map(|policy| {
        let names = policy.second_factors().iter().map(|factor| factor.name().to_owned());
        names.collect()
    });
    let settings = SettingsText {
        jwks: client.jwks.clone(),
        grant_types: client.grant_types.iter().map(|grant| grant.name().to_owned()).collect(),
        redirect_uris: addresses(&client.redirect_uris),
        post_logout_redirect_uris: addresses(&client.post_logout_redirect_uris),
        backchannel_logout_uri: client.backchannel_logout_uri.clone(),
        scopes: client.scopes.to_string(),
        audiences: client.audiences.clone(),
        access_token_lifetime: client.access_token_lifetime,
        token_format: client.token_format.name().to_owned(),
        refresh_token_lifetime: client.refresh_token_lifetime,
        refresh_token_idle: client.refresh_token_idle,
        pkce_is_required: client.pkce == Pkce::Required,
        requires_pushed_requests: client.requires_pushed_requests,
        factors,
        cors_origins: client.cors_origins.clone(),
    };
    json::write(COLUMN, &settings)
}

fn addresses(addresses: &[RedirectUri]) -> Vec<String> {
    addresses.iter().map(|address| address.as_str().to_owned()).collect()
}

/// What the column says.
pub(crate) struct Settings {
    pub(crate) jwks: Option<String>,
    pub(crate) grant_types: Vec<GrantType>,
    pub(crate) redirect_uris: Vec<RedirectUri>,
    pub(crate) post_logout_redirect_uris: Vec<RedirectUri>,
    pub(crate) backchannel_logout_uri: Option<String>,
    pub(crate) scopes: Scopes,
    pub(crate) audiences: Vec<String>,
    pub(crate) access_token_lifetime: Duration,
    pub(crate) token_format: TokenFormat,
    pub(crate) refresh_token_lifetime: Duration,
    pub(crate) refresh_token_idle: Duration,
    pub(crate) pkce: Pkce,
    pub(crate) requires_pushed_requests: bool,
    pub(crate) factors: Option<FactorPolicy>,
    pub(crate) cors_origins: Vec<String>,
}

impl Settings {
    pub(crate) fn read(text: &str) -> Result<Self, DbErr> {
        let text: SettingsText = json::read(COLUMN, text)?;
        let unknown = || unreadable(COLUMN);
        let grants = text.grant_types.iter().map(|name| GrantType::from_name(name));
        let pkce = if text.pkce_is_required {
            Pkce::Required
        } else {
            Pkce::Optional
        };
        Ok(Self {
            jwks: text.jwks,
            grant_types: grants.collect::<Option<_>>().ok_or_else(unknown)?,
            redirect_uris: stored(text.redirect_uris),
            post_logout_redirect_uris: stored(text.post_logout_redirect_uris),
            backchannel_logout_uri: text.backchannel_logout_uri,
            scopes: scopes(COLUMN, &text.scopes)?,
            audiences: text.audiences,
            access_token_lifetime: text.access_token_lifetime,
            token_format: TokenFormat::from_name(&text.token_format).ok_or_else(unknown)?,
            refresh_token_lifetime: text.refresh_token_lifetime,
            refresh_token_idle: text.refresh_token_idle,
            pkce,
            requires_pushed_requests: text.requires_pushed_requests,
            factors: text.factors.map(|names| policy(&names)).transpose()?,
            cors_origins: text.cors_origins,
        })
    }
}

fn stored(addresses: Vec<String>) -> Vec<RedirectUri> {
    addresses.into_iter().map(RedirectUri::stored).collect()
}

fn policy(names: &[String]) -> Result<FactorPolicy, DbErr> {
    let factors = names.iter().map(|name| FactorType::from_name(name));
    let factors = factors.collect::<Option<Vec<_>>>().ok_or_else(|| unreadable(COLUMN))?;
    Ok(FactorPolicy::new(&factors))
}
