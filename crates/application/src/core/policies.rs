//! The numbers of logins for applications: what clients get, how long browsers stay logged in, and the Aidbox profile.

use std::time::Duration;

/// The authorization server, and what its clients get unless they have values of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OAuthPolicy {
    /// Whether it is served.
    pub enabled: bool,
    /// How long an authorization code may be redeemed (RFC 6749 section 4.1.2).
    pub authorization_code_lifetime: Duration,
    /// How long an access token of a client is valid.
    pub client_access_token_lifetime: Duration,
    /// How long a refresh token of a client stays valid unused.
    pub client_refresh_token_idle: Duration,
    /// How long the session of a client can be refreshed.
    pub client_refresh_token_lifetime: Duration,
    /// How long a device may wait for its user (RFC 8628 section 3.2).
    pub device_code_lifetime: Duration,
    /// How long a device waits between two questions (RFC 8628 section 3.2).
    pub device_poll_interval: Duration,
    /// How long a pushed authorization request may be used (RFC 9126 section 2.2).
    pub pushed_request_lifetime: Duration,
    /// How long an ID token is valid.
    pub id_token_lifetime: Duration,
}

impl Default for OAuthPolicy {
    fn default() -> Self {
        Self {
            enabled: true,
            authorization_code_lifetime: Duration::from_mins(1),
            client_access_token_lifetime: Duration::from_mins(10),
            client_refresh_token_idle: Duration::from_hours(24),
            client_refresh_token_lifetime: Duration::from_hours(30 * 24),
            device_code_lifetime: Duration::from_mins(10),
            device_poll_interval: Duration::from_secs(5),
            pushed_request_lifetime: Duration::from_secs(90),
            id_token_lifetime: Duration::from_mins(10),
        }
    }
}

/// How long a browser stays logged in (NIST SP 800-63B-4 section 2.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrowserPolicy {
    /// Unused.
    pub session_idle: Duration,
    /// At all.
    pub session_lifetime: Duration,
}

impl Default for BrowserPolicy {
    fn default() -> Self {
        Self {
            session_idle: Duration::from_hours(1),
            session_lifetime: Duration::from_hours(24),
        }
    }
}

/// What happens to attributes of Aidbox resources that have no meaning here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownAttributes {
    /// They are stored and shown again.
    Keep,
    /// The resource is refused, by the names of these attributes.
    Refuse,
}

/// The Aidbox profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AidboxPolicy {
    /// The id of the `AuthConfig` that applies; `None`: the only one, or the oldest.
    pub auth_config: Option<String>,
    /// What happens to attributes without a meaning.
    pub unknown_attributes: UnknownAttributes,
    /// The origins from which pages may load style sheets.
    pub style_origins: Vec<String>,
}
