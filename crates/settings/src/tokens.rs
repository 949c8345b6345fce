//! `[tokens]`: what is in a token, and how long it lives.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::loading::duration::written;
use crate::loading::fault::quoted;
use crate::loading::reader::{Grain, Parsed, Read, Reader};

/// How long a token may live that is believed without a look into the store.
pub(crate) const ACCESS_TOKEN: RangeInclusive<Duration> = Duration::from_secs(30)..=Duration::from_hours(24);
/// How long a session may live, and a refresh token in it.
pub(crate) const REFRESHABLE: RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(365 * 24);

const SESSION: &str = "tokens.session_lifetime";

/// Tokens and sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The signature of new signing keys.
    pub algorithm: Algorithm,
    /// The resource for which tokens are meant; `None`: the issuer.
    pub audience: Option<String>,
    /// The client that tokens name.
    pub client_id: String,
    /// How long an access token is valid.
    pub access_token_lifetime: Duration,
    /// How long a refresh token stays valid unused.
    pub refresh_token_idle: Duration,
    /// How long a session can be refreshed.
    pub session_lifetime: Duration,
    /// How long the second factor may follow the password.
    pub auth_session_lifetime: Duration,
    /// By how much clocks may differ.
    pub leeway: Duration,
    /// Verified tokens that are remembered; 0: none.
    pub cache: u32,
}

/// How tokens are signed (RFC 7518, RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Its registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }
}

impl Tokens {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        let algorithms = [Algorithm::Es256, Algorithm::Rs256, Algorithm::Ps256, Algorithm::EdDsa];
        let algorithm = from.one_of(
            "tokens.algorithm",
            &algorithms.map(|algorithm| (algorithm.name(), algorithm)),
        );
        let visible = "visible ASCII characters, at most 255";
        let audience = from.optional("tokens.audience", visible, identifier);
        let client_id = from.text("tokens.client_id", visible, identifier);
        let access = from.duration("tokens.access_token_lifetime", &ACCESS_TOKEN, Grain::Seconds);
        let idle = from.duration("tokens.refresh_token_idle", &REFRESHABLE, Grain::Seconds);
        let session_lifetime = from.duration(SESSION, &REFRESHABLE, Grain::Seconds);
        // 10 minutes: an authentication that takes longer starts again (NIST SP 800-63B-4, section 3.1.3.2).
        let pending = Duration::from_secs(10)..=Duration::from_mins(10);
        let auth_session_lifetime = from.duration("tokens.auth_session_lifetime", &pending, Grain::Seconds);
        let leeway = from.duration(
            "tokens.leeway",
            &(Duration::ZERO..=Duration::from_secs(30)),
            Grain::Seconds,
        );
        let cache = from.number("tokens.cache", 0..=1_000_000);
        let access = no_longer_than(from, "tokens.access_token_lifetime", access, SESSION, session_lifetime);
        let idle = no_longer_than(from, "tokens.refresh_token_idle", idle, SESSION, session_lifetime);
        Ok(Self {
            algorithm: algorithm?,
            audience: audience?,
            client_id: client_id?,
            access_token_lifetime: access?,
            refresh_token_idle: idle?,
            session_lifetime: session_lifetime?,
            auth_session_lifetime: auth_session_lifetime?,
            leeway: leeway?,
            cache: cache?,
        })
    }
}

/// Refuses `key` if it is longer than what `limit_key` says.
pub(crate) fn no_longer_than(
    from: &mut Reader,
    key: &str,
    lifetime: Read<Duration>,
    limit_key: &str,
    limit: Read<Duration>,
) -> Read<Duration> {
    let (lifetime, limit) = (lifetime?, limit?);
    if lifetime <= limit {
        return Ok(lifetime);
    }
    let problem = format!("{} is longer than {limit_key} ({})", written(lifetime), written(limit));
    Err(from.refuse(key, problem, format!("at most {limit_key}")))
}

fn identifier(text: &str) -> Parsed<String> {
    if text.is_empty() {
        return Err("it is empty".into());
    }
    if text.len() > 255 || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(format!(
            "{} is too long, or has a space or another character",
            quoted(text)
        ));
    }
    Ok(text.to_owned())
}
