//! `[oauth]`: the service as an authorization server (RFC 6749) and OpenID Connect provider.

use std::time::Duration;

use crate::loading::reader::{Grain, Read, Reader};
use crate::tokens::{ACCESS_TOKEN, REFRESHABLE, no_longer_than};

/// The authorization server, and what its clients get unless they say otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth {
    /// Whether it is served.
    pub enabled: bool,
    /// How long an authorization code may be redeemed.
    pub authorization_code_lifetime: Duration,
    /// How long an access token of a client is valid.
    pub client_access_token_lifetime: Duration,
    /// How long a refresh token of a client stays valid unused.
    pub client_refresh_token_idle: Duration,
    /// How long the session of a client can be refreshed.
    pub client_refresh_token_lifetime: Duration,
    /// How long a device may wait for its user (RFC 8628).
    pub device_code_lifetime: Duration,
    /// How long a device waits between two questions.
    pub device_poll_interval: Duration,
    /// How long a pushed authorization request may be used (RFC 9126).
    pub pushed_request_lifetime: Duration,
    /// How long an ID token is valid.
    pub id_token_lifetime: Duration,
}

impl OAuth {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        const REFRESH: &str = "oauth.client_refresh_token_lifetime";
        let enabled = from.switch("oauth.enabled");
        // RFC 6749, section 4.1.2: 10 minutes at most is recommended.
        let code = Duration::from_secs(10)..=Duration::from_mins(10);
        let code = from.duration("oauth.authorization_code_lifetime", &code, Grain::Seconds);
        let access = from.duration("oauth.client_access_token_lifetime", &ACCESS_TOKEN, Grain::Seconds);
        let idle = from.duration("oauth.client_refresh_token_idle", &REFRESHABLE, Grain::Seconds);
        let refresh = from.duration(REFRESH, &REFRESHABLE, Grain::Seconds);
        let device = Duration::from_mins(1)..=Duration::from_mins(30);
        let device = from.duration("oauth.device_code_lifetime", &device, Grain::Seconds);
        let interval = Duration::from_secs(1)..=Duration::from_mins(1);
        let interval = from.duration("oauth.device_poll_interval", &interval, Grain::Seconds);
        // RFC 9126, section 2.2: 5 to 600 seconds.
        let pushed = Duration::from_secs(5)..=Duration::from_mins(10);
        let pushed = from.duration("oauth.pushed_request_lifetime", &pushed, Grain::Seconds);
        let id_token = from.duration("oauth.id_token_lifetime", &ACCESS_TOKEN, Grain::Seconds);
        let access = no_longer_than(from, "oauth.client_access_token_lifetime", access, REFRESH, refresh);
        let idle = no_longer_than(from, "oauth.client_refresh_token_idle", idle, REFRESH, refresh);
        Ok(Self {
            enabled: enabled?,
            authorization_code_lifetime: code?,
            client_access_token_lifetime: access?,
            client_refresh_token_idle: idle?,
            client_refresh_token_lifetime: refresh?,
            device_code_lifetime: device?,
            device_poll_interval: interval?,
            pushed_request_lifetime: pushed?,
            id_token_lifetime: id_token?,
        })
    }
}
