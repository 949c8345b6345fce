//! Turns sections of the settings into the policies of the domain and the options of the adapters.

use std::num::{NonZeroU32, NonZeroUsize};

use application::core::{Policies, Registration};
use crypto::password_hasher::{Parameters, PoolSettings};
use domain::claims::{ACCESS_TOKEN_MAX, Expectation, LEEWAY_MAX};
use domain::factor::FactorPolicy;
use domain::lockout::LockoutPolicy;
use domain::session::Lifetimes;
use domain::signing_key::{Algorithm, RotationPolicy};
use persistence::Options as DatabaseOptions;
use settings::{DatabaseLocation, Settings};

use crate::error::StartError;

/// The numbers of the rules. `issuer` is known only when the service listens.
pub fn policies(settings: &Settings, issuer: &str) -> Policies {
    let tokens = &settings.tokens;
    Policies {
        registration: match settings.accounts.registration {
            settings::Registration::Open => Registration::Open,
            settings::Registration::Admin => Registration::Admin,
        },
        lockout: LockoutPolicy {
            free_attempts: settings.lockout.free_attempts,
            window: settings.lockout.window,
            first_wait: settings.lockout.first_wait,
            longest_wait: settings.lockout.longest_wait,
            cap: settings.lockout.cap,
        },
        factors: FactorPolicy::default(),
        lifetimes: Lifetimes {
            access_token: tokens.access_token_lifetime,
            refresh_token_idle: tokens.refresh_token_idle,
            session: tokens.session_lifetime,
            auth_session: tokens.auth_session_lifetime,
        },
        secret_key_lifetime: settings.secret_keys.default_lifetime,
        expectation: Expectation {
            issuer: issuer.to_owned(),
            audience: tokens.audience.clone().unwrap_or_else(|| issuer.to_owned()),
            leeway: tokens.leeway,
        },
        client_id: tokens.client_id.clone(),
        rotation: RotationPolicy {
            algorithm: algorithm(tokens.algorithm),
            active_for: settings.keys.active_for,
            publish_ahead: settings.keys.publish_ahead,
            // Not today's lifetime: a token may have been issued under yesterday's setting.
            retire_after: ACCESS_TOKEN_MAX + LEEWAY_MAX,
        },
        revocations_stale_after: settings.revocations.stale_after,
        token_cache: usize::try_from(tokens.cache).unwrap_or(usize::MAX),
    }
}

const fn algorithm(name: settings::Algorithm) -> Algorithm {
    match name {
        settings::Algorithm::Es256 => Algorithm::Es256,
        settings::Algorithm::Rs256 => Algorithm::Rs256,
        settings::Algorithm::Ps256 => Algorithm::Ps256,
        settings::Algorithm::EdDsa => Algorithm::EdDsa,
    }
}

/// What the web adapter needs to know.
pub fn web_options(settings: &Settings, issuer: &str) -> web::Options {
    let http = &settings.http;
    let limits = &settings.rate_limit;
    let rate_limit = limits.enabled.then(|| {
        let per_minute = NonZeroU32::new(limits.credentials_per_minute)?;
        let burst = NonZeroU32::new(limits.credentials_burst)?;
        Some(web::RateLimit { per_minute, burst })
    });
    web::Options {
        public_url: issuer.to_owned(),
        trusted_proxies: http.trusted_proxies.clone(),
        forwarded_header: match http.forwarded_header {
            settings::ForwardedHeader::XForwardedFor => web::ForwardedHeader::XForwardedFor,
            settings::ForwardedHeader::Forwarded => web::ForwardedHeader::Forwarded,
            settings::ForwardedHeader::XRealIp => web::ForwardedHeader::XRealIp,
        },
        body_limit: usize::try_from(http.body_limit_kib)
            .unwrap_or(usize::MAX)
            .saturating_mul(1024),
        request_timeout: http.request_timeout,
        rate_limit: rate_limit.flatten(),
        jwks_max_age: settings.keys.jwks_max_age,
        cors_origins: http.cors_origins.clone(),
    }
}

/// What a password hash costs, and how many may be under way.
pub fn hashing(settings: &Settings) -> Result<PoolSettings, StartError> {
    let passwords = &settings.passwords;
    let parameters = Parameters::new(passwords.memory_kib, passwords.passes, passwords.lanes)?.validate()?;
    let number = |number| usize::try_from(number).ok().and_then(NonZeroUsize::new);
    Ok(PoolSettings {
        parameters,
        threads: number(passwords.threads),
        queue: number(passwords.queue).unwrap_or(NonZeroUsize::MIN),
    })
}

/// Where the database is.
pub fn database(settings: &Settings) -> DatabaseOptions {
    let database = &settings.database;
    let mut options = match &database.location {
        DatabaseLocation::DataFolder(file) => DatabaseOptions::sqlite(file),
        DatabaseLocation::Url(url) => DatabaseOptions::new(url.expose()),
    };
    options.max_connections = database.max_connections;
    options.acquire_timeout = database.acquire_timeout;
    options
}
