//! What a client may look like: a registration is judged as a whole, and every fault names its field.

use std::collections::BTreeSet;
use std::time::Duration;

use url::Url;

use crate::client::{
    CLIENT_NAME_MAX, CLIENT_TOKEN_MAX, Client, ClientAuthentication, ClientState, GrantType, Party, Pkce, TokenFormat,
};
use crate::factor::FactorPolicy;
use crate::redirect_uri::{REDIRECT_URI_MAX, RedirectUri, is_loopback};
use crate::scope::Scopes;

/// The most entries of each list.
pub const CLIENT_LIST_MAX: usize = 32;
/// The shortest life of an access token that a client may be given.
pub const CLIENT_TOKEN_MIN: Duration = Duration::from_secs(30);
/// The shortest session of a client, and the shortest time that a refresh token may stay unused.
pub const CLIENT_SESSION_MIN: Duration = Duration::from_mins(1);
/// The longest session of a client.
pub const CLIENT_SESSION_MAX: Duration = Duration::from_hours(365 * 24);

/// What an administrator wants a client to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDraft {
    /// What people are shown.
    pub name: String,
    /// Whether it may be used.
    pub state: ClientState,
    /// Whose it is.
    pub party: Party,
    /// How it proves which one it is.
    pub authentication: ClientAuthentication,
    /// Its public keys, as a JWK Set in JSON.
    pub jwks: Option<String>,
    /// What it may ask for tokens with.
    pub grant_types: Vec<GrantType>,
    /// Where answers of the authorization endpoint may go.
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after a logout.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where logout tokens are sent.
    pub backchannel_logout_uri: Option<String>,
    /// The scopes it may ask for.
    pub scopes: Scopes,
    /// The resources its tokens may be for.
    pub audiences: Vec<String>,
    /// How long an access token lives.
    pub access_token_lifetime: Duration,
    /// The form of access tokens.
    pub token_format: TokenFormat,
    /// How long a session lives.
    pub refresh_token_lifetime: Duration,
    /// How long a refresh token that is not used lives.
    pub refresh_token_idle: Duration,
    /// Whether codes must be bound to a proof key.
    pub pkce: Pkce,
    /// Whether authorization requests must be pushed.
    pub requires_pushed_requests: bool,
    /// Which second factors a login for it may use.
    pub factors: Option<FactorPolicy>,
    /// The web origins whose scripts may call for it.
    pub cors_origins: Vec<String>,
}

/// One thing that is wrong with a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFault {
    /// The field, and the place in it after a slash where it is a list: the end of a JSON pointer.
    pub field: String,
    /// What is wrong there.
    pub detail: String,
}

impl ClientDraft {
    /// What `client` is now.
    pub fn of(client: &Client) -> Self {
        let texts = |uris: &[RedirectUri]| uris.iter().map(|uri| uri.as_str().to_owned()).collect();
        Self {
            name: client.name.clone(),
            state: client.state,
            party: client.party,
            authentication: client.authentication,
            jwks: client.jwks.clone(),
            grant_types: client.grant_types.clone(),
            redirect_uris: texts(&client.redirect_uris),
            post_logout_redirect_uris: texts(&client.post_logout_redirect_uris),
            backchannel_logout_uri: client.backchannel_logout_uri.clone(),
            scopes: client.scopes.clone(),
            audiences: client.audiences.clone(),
            access_token_lifetime: client.access_token_lifetime,
            token_format: client.token_format,
            refresh_token_lifetime: client.refresh_token_lifetime,
            refresh_token_idle: client.refresh_token_idle,
            pkce: client.pkce,
            requires_pushed_requests: client.requires_pushed_requests,
            factors: client.factors.clone(),
            cors_origins: client.cors_origins.clone(),
        }
    }

    /// Everything that is wrong with it. Whether `jwks` can be read is for whoever can read keys.
    pub fn faults(&self) -> Vec<ClientFault> {
        let mut faults = Faults(Vec::new());
        let name = self.name.chars().count();
        if !(1..=CLIENT_NAME_MAX).contains(&name) || self.name.chars().any(char::is_control) {
            faults.add(
                "name",
                "must have 1 to 128 characters, none of them a control character",
            );
        }
        self.judge_authentication(&mut faults);
        self.judge_grants(&mut faults);
        for (field, uris) in [
            ("redirect_uris", &self.redirect_uris),
            ("post_logout_redirect_uris", &self.post_logout_redirect_uris),
        ] {
            faults.list(field, uris, |uri| {
                RedirectUri::register(uri).err().map(|fault| fault.to_string())
            });
        }
        if let Some(uri) = &self.backchannel_logout_uri
            && !is_own_address(uri)
        {
            let detail = "must be an absolute URI with https, or with http on a loopback address, and have no fragment";
            faults.add("backchannel_logout_uri", detail);
        }
        faults.list("audiences", &self.audiences, |uri| {
            (!is_resource(uri)).then(|| "must be an absolute URI without a fragment (RFC 8707 section 2)".to_owned())
        });
        faults.list("cors_origins", &self.cors_origins, |origin| {
            let detail = "must be an origin: https, or http on a loopback address, with a host, and nothing after it";
            (!is_web_origin(origin)).then(|| detail.to_owned())
        });
        self.judge_lifetimes(&mut faults);
        faults.0
    }

    fn judge_authentication(&self, faults: &mut Faults) {
        let is_public = self.authentication == ClientAuthentication::None;
        if is_public && self.pkce != Pkce::Required {
            faults.add(
                "pkce",
                "must be required for a client without authentication (RFC 9700 section 2.1.1)",
            );
        }
        let has_keys = self.authentication == ClientAuthentication::PrivateKeyJwt;
        match (&self.jwks, has_keys) {
            (None, true) => faults.add("jwks", "is needed for the authentication private_key_jwt"),
            (Some(_), false) => faults.add("jwks", "means something only with the authentication private_key_jwt"),
            (Some(_), true) | (None, false) => {}
        }
        if let Some(policy) = &self.factors
            && policy.second_factors().is_empty()
        {
            faults.add("factors", "must name at least one second factor");
        }
    }

    fn judge_grants(&self, faults: &mut Faults) {
        let has = |grant| self.grant_types.contains(&grant);
        let is_public = self.authentication == ClientAuthentication::None;
        let unique: BTreeSet<GrantType> = self.grant_types.iter().copied().collect();
        if unique.len() != self.grant_types.len() {
            faults.add("grant_types", "must name each grant type once");
        }
        for grant in [GrantType::ClientCredentials, GrantType::TokenExchange] {
            if is_public && has(grant) {
                let detail = format!("must not hold {} for a client without authentication", grant.name());
                faults.add("grant_types", detail);
            }
        }
        if has(GrantType::AuthorizationCode) && self.redirect_uris.is_empty() {
            faults.add(
                "redirect_uris",
                "must hold at least one address for the grant authorization_code",
            );
        }
        if self.requires_pushed_requests && !has(GrantType::AuthorizationCode) {
            let detail = "means something only with the grant authorization_code";
            faults.add("require_pushed_authorization_requests", detail);
        }
    }

    fn judge_lifetimes(&self, faults: &mut Faults) {
        if !(CLIENT_TOKEN_MIN..=CLIENT_TOKEN_MAX).contains(&self.access_token_lifetime) {
            faults.add("access_token_lifetime", "must be from 30 seconds to 24 hours");
        } else if self.access_token_lifetime > self.refresh_token_lifetime {
            faults.add(
                "access_token_lifetime",
                "must not be longer than refresh_token_lifetime",
            );
        }
        for (field, lifetime) in [
            ("refresh_token_lifetime", self.refresh_token_lifetime),
            ("refresh_token_idle", self.refresh_token_idle),
        ] {
            if !(CLIENT_SESSION_MIN..=CLIENT_SESSION_MAX).contains(&lifetime) {
                faults.add(field, "must be from 1 minute to 365 days");
            }
        }
        if self.refresh_token_idle > self.refresh_token_lifetime {
            faults.add("refresh_token_idle", "must not be longer than refresh_token_lifetime");
        }
    }

    /// Writes the draft into `client`: all but its identity, its secret, its version and its instants.
    pub fn apply_to(self, client: &mut Client) {
        let uris = |texts: Vec<String>| texts.into_iter().map(RedirectUri::stored).collect();
        client.name = self.name;
        client.state = self.state;
        client.party = self.party;
        client.authentication = self.authentication;
        client.jwks = self.jwks;
        client.grant_types = self.grant_types;
        client.redirect_uris = uris(self.redirect_uris);
        client.post_logout_redirect_uris = uris(self.post_logout_redirect_uris);
        client.backchannel_logout_uri = self.backchannel_logout_uri;
        client.scopes = self.scopes;
        client.audiences = self.audiences;
        client.access_token_lifetime = self.access_token_lifetime;
        client.token_format = self.token_format;
        client.refresh_token_lifetime = self.refresh_token_lifetime;
        client.refresh_token_idle = self.refresh_token_idle;
        client.pkce = self.pkce;
        client.requires_pushed_requests = self.requires_pushed_requests;
        client.factors = self.factors;
        client.cors_origins = self.cors_origins;
    }
}

struct Faults(Vec<ClientFault>);

impl Faults {
    fn add(&mut self, field: impl Into<String>, detail: impl Into<String>) {
        self.0.push(ClientFault {
            field: field.into(),
            detail: detail.into(),
        });
    }

    fn list(&mut self, field: &str, entries: &[String], judge: impl Fn(&str) -> Option<String>) {
        if entries.len() > CLIENT_LIST_MAX {
            self.add(field, format!("must hold at most {CLIENT_LIST_MAX} entries"));
            return;
        }
        let mut seen = BTreeSet::new();
        for (place, entry) in entries.iter().enumerate() {
            if let Some(detail) = judge(entry) {
                self.add(format!("{field}/{place}"), detail);
            } else if !seen.insert(entry) {
                self.add(format!("{field}/{place}"), "is there more than once");
            }
        }
    }
}

fn read(text: &str) -> Option<Url> {
    let fits = text.len() <= REDIRECT_URI_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| Url::parse(text).ok()).flatten()
}

/// Whether it may be named as a resource (RFC 8707 section 2).
pub fn is_resource(text: &str) -> bool {
    read(text).is_some_and(|url| url.fragment().is_none())
}

fn is_https_or_loopback(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => url.host().is_some_and(|host| is_loopback(&host)),
        _ => false,
    }
}

fn is_own_address(text: &str) -> bool {
    read(text).is_some_and(|url| {
        let has_user = !url.username().is_empty() || url.password().is_some();
        url.fragment().is_none() && !has_user && is_https_or_loopback(&url)
    })
}

fn is_web_origin(text: &str) -> bool {
    read(text).is_some_and(|url| is_https_or_loopback(&url) && url.origin().ascii_serialization() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> ClientDraft {
        ClientDraft {
            name: "Shop".into(),
            state: ClientState::Active,
            party: Party::Third,
            authentication: ClientAuthentication::Secret,
            jwks: None,
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            redirect_uris: vec!["https://app.example/cb".into()],
            post_logout_redirect_uris: vec![],
            backchannel_logout_uri: None,
            scopes: Scopes::default(),
            audiences: vec![],
            access_token_lifetime: Duration::from_mins(10),
            token_format: TokenFormat::Jwt,
            refresh_token_lifetime: Duration::from_hours(24),
            refresh_token_idle: Duration::from_hours(1),
            pkce: Pkce::Optional,
            requires_pushed_requests: false,
            factors: None,
            cors_origins: vec![],
        }
    }

    fn fields(draft: &ClientDraft) -> Vec<String> {
        draft.faults().into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn a_sound_client_has_no_faults() {
        assert_eq!(draft().faults(), []);
        let device = ClientDraft {
            authentication: ClientAuthentication::None,
            pkce: Pkce::Required,
            grant_types: vec![GrantType::DeviceCode],
            redirect_uris: vec![],
            ..draft()
        };
        assert_eq!(device.faults(), []);
    }

    #[test]
    fn a_public_client_has_a_proof_key_and_gets_nothing_for_itself() {
        let public = ClientDraft {
            authentication: ClientAuthentication::None,
            grant_types: vec![GrantType::ClientCredentials, GrantType::TokenExchange],
            ..draft()
        };
        assert_eq!(fields(&public), ["pkce", "grant_types", "grant_types"]);
    }

    #[test]
    fn every_fault_names_its_field() {
        let bad = ClientDraft {
            name: String::new(),
            authentication: ClientAuthentication::PrivateKeyJwt,
            grant_types: vec![GrantType::Password, GrantType::Password],
            redirect_uris: vec!["https://app.example/cb".into(), "javascript:alert(1)".into()],
            post_logout_redirect_uris: vec!["/".into()],
            backchannel_logout_uri: Some("http://app.example/logout".into()),
            audiences: vec![
                "api".into(),
                "https://api.example/#x".into(),
                "urn:api".into(),
                "urn:api".into(),
            ],
            access_token_lifetime: Duration::from_hours(25),
            refresh_token_lifetime: Duration::from_secs(59),
            requires_pushed_requests: true,
            factors: Some(FactorPolicy::new(&[])),
            cors_origins: vec![
                "https://app.example/".into(),
                "*".into(),
                "http://localhost:3000".into(),
            ],
            ..draft()
        };
        assert_eq!(
            fields(&bad),
            [
                "name",
                "jwks",
                "factors",
                "grant_types",
                "require_pushed_authorization_requests",
                "redirect_uris/1",
                "post_logout_redirect_uris/0",
                "backchannel_logout_uri",
                "audiences/0",
                "audiences/1",
                "audiences/3",
                "cors_origins/0",
                "cors_origins/1",
                "access_token_lifetime",
                "refresh_token_lifetime",
                "refresh_token_idle",
            ]
        );
        let code_without_address = ClientDraft {
            redirect_uris: vec![],
            jwks: Some("{}".into()),
            ..draft()
        };
        assert_eq!(fields(&code_without_address), ["jwks", "redirect_uris"]);
        let long = ClientDraft {
            cors_origins: vec!["https://a.example".into(); 33],
            ..draft()
        };
        assert_eq!(fields(&long), ["cors_origins"]);
    }
}
