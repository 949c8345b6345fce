//! Turns sections of the settings into the policies of the domain and the options of the adapters.

use std::num::{NonZeroU32, NonZeroUsize};

use application::core::{
    AidboxPolicy, BrowserPolicy, CodeOnly, FirstFactor, OAuthPolicy, OrionPolicy, Policies, Registration,
    UnknownAttributes,
};
use crypto::password_hasher::{Parameters, PoolSettings};
use delivery::Options as DeliveryOptions;
use domain::authenticator::OtpRule;
use domain::claims::{ACCESS_TOKEN_MAX, Expectation, LEEWAY_MAX};
use domain::factor::{FactorPolicies, FactorPolicy, FactorType};
use domain::hotp::LookAhead;
use domain::lockout::LockoutPolicy;
use domain::session::Lifetimes;
use domain::signing_key::{Algorithm, RotationPolicy};
use domain::totp::Window;
use domain::user::Role;
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
        first_factor: match settings.accounts.first_factor {
            settings::FirstFactor::SecretKey => FirstFactor::SecretKey,
            settings::FirstFactor::Enrolment => FirstFactor::Enrolment,
        },
        factors: factors(&settings.factors),
        otp: OtpRule {
            // The settings allow less than these types hold, and the domain bounds both again.
            window: Window {
                past_steps: u8::try_from(settings.totp.past_steps).unwrap_or(u8::MAX),
                future_steps: u8::try_from(settings.totp.future_steps).unwrap_or(u8::MAX),
            },
            look_ahead: LookAhead {
                counters: u16::try_from(settings.hotp.look_ahead).unwrap_or(u16::MAX),
                resync: u16::try_from(settings.hotp.resync_window).unwrap_or(u16::MAX),
            },
        },
        totp_issuer: settings.totp.issuer.clone(),
        issued_recovery_lifetime: settings.recovery.issued_lifetime,
        orion: orion(&settings.compat.orion),
        oauth: oauth(&settings.oauth),
        browser: BrowserPolicy {
            session_idle: settings.browser.session_idle,
            session_lifetime: settings.browser.session_lifetime,
        },
        aidbox: aidbox(&settings.compat.aidbox, &settings.pages),
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

fn factors(settings: &settings::Factors) -> FactorPolicies {
    let policy = |named: &[settings::SecondFactor]| {
        let second: Vec<_> = named.iter().map(|factor| second_factor(*factor)).collect();
        FactorPolicy::new(&second)
    };
    let role = |role: &settings::Role| match role {
        settings::Role::User => Role::User,
        settings::Role::Admin => Role::Admin,
    };
    FactorPolicies {
        user: policy(&settings.user),
        admin: policy(&settings.admin),
        better_than_key: settings.better_than_key.iter().map(role).collect(),
    }
}

const fn second_factor(name: settings::SecondFactor) -> FactorType {
    match name {
        settings::SecondFactor::Totp => FactorType::Totp,
        settings::SecondFactor::Hotp => FactorType::Hotp,
        settings::SecondFactor::SecretKey => FactorType::SecretKey,
        settings::SecondFactor::RecoveryCode => FactorType::RecoveryCode,
    }
}

fn orion(settings: &settings::Orion) -> Option<OrionPolicy> {
    settings.enabled.then(|| OrionPolicy {
        issuer: settings.issuer.clone(),
        totp_issuer: settings.totp_issuer.clone(),
        code_only: if settings.allow_code_only {
            CodeOnly::Allowed
        } else {
            CodeOnly::Refused
        },
    })
}

const fn oauth(settings: &settings::OAuth) -> OAuthPolicy {
    OAuthPolicy {
        enabled: settings.enabled,
        authorization_code_lifetime: settings.authorization_code_lifetime,
        client_access_token_lifetime: settings.client_access_token_lifetime,
        client_refresh_token_idle: settings.client_refresh_token_idle,
        client_refresh_token_lifetime: settings.client_refresh_token_lifetime,
        device_code_lifetime: settings.device_code_lifetime,
        device_poll_interval: settings.device_poll_interval,
        pushed_request_lifetime: settings.pushed_request_lifetime,
        id_token_lifetime: settings.id_token_lifetime,
    }
}

fn aidbox(settings: &settings::Aidbox, pages: &settings::Pages) -> Option<AidboxPolicy> {
    settings.enabled.then(|| AidboxPolicy {
        auth_config: settings.auth_config.clone(),
        unknown_attributes: match settings.unknown_attributes {
            settings::UnknownAttributes::Keep => UnknownAttributes::Keep,
            settings::UnknownAttributes::Refuse => UnknownAttributes::Refuse,
        },
        style_origins: pages.style_origins.clone(),
    })
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
        pages: pages(&settings.pages),
    }
}

fn pages(settings: &settings::Pages) -> web::PageOptions {
    web::PageOptions {
        theme: web::Theme {
            title: settings.title.clone(),
            brand: settings.brand.clone(),
            style_url: settings.style_url.clone(),
            forgot_password_url: settings.forgot_password_url.clone(),
        },
        style_origins: settings.style_origins.clone(),
        locales_dir: settings.locales_dir.clone(),
        default_locale: settings.default_locale.clone(),
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

/// Where requests of the service itself may go.
pub fn delivery(settings: &Settings) -> DeliveryOptions {
    let delivery = &settings.delivery;
    DeliveryOptions {
        allow_private_networks: delivery.allow_private_networks,
        allow_http: delivery.allow_http,
        ca_file: delivery.ca_file.clone(),
    }
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

#[cfg(test)]
mod tests {
    use domain::hotp::{LOOK_AHEAD_MAX, RESYNC_MAX};
    use domain::totp::{FUTURE_STEPS_MAX, PAST_STEPS_MAX};
    use settings::{Override, Sources};

    use super::*;

    fn with(settings: &[(&str, &str)]) -> Policies {
        let overrides = settings.iter().map(|(key, value)| Override::new("test", *key, *value));
        let sources = Sources {
            overrides: overrides.collect(),
            ..Sources::default()
        };
        policies(&Settings::load(&sources).unwrap(), "https://auth.example.com")
    }

    #[test]
    fn without_settings_the_rules_are_those_of_the_domain() {
        let policies = with(&[]);
        assert_eq!(policies.factors, FactorPolicies::default());
        assert_eq!(policies.otp, OtpRule::default());
        assert_eq!(policies.first_factor, FirstFactor::SecretKey);
        assert_eq!(policies.orion, None);
        assert_eq!(policies.oauth, OAuthPolicy::default());
        assert_eq!(policies.browser, BrowserPolicy::default());
        assert_eq!(policies.aidbox, None);
        let settings = Settings::load(&Sources::default()).unwrap();
        assert_eq!(pages(&settings.pages), web::PageOptions::default());
    }

    #[test]
    fn the_aidbox_profile_is_as_it_is_configured_where_it_is_on() {
        assert_eq!(with(&[("compat.aidbox.auth_config", "mine")]).aidbox, None);
        let policies = with(&[
            ("compat.aidbox.enabled", "true"),
            ("compat.aidbox.auth_config", "mine"),
            ("compat.aidbox.unknown_attributes", "refuse"),
        ]);
        assert_eq!(
            policies.aidbox,
            Some(AidboxPolicy {
                auth_config: Some("mine".to_owned()),
                unknown_attributes: UnknownAttributes::Refuse,
                style_origins: Vec::new(),
            })
        );
    }

    #[test]
    fn what_the_settings_allow_at_most_is_what_the_domain_does() {
        let otp = with(&[
            ("totp.past_steps", "10"),
            ("totp.future_steps", "1"),
            ("hotp.look_ahead", "50"),
            ("hotp.resync_window", "1000"),
        ])
        .otp;
        assert_eq!(
            (otp.window.past_steps, otp.window.future_steps),
            (PAST_STEPS_MAX, FUTURE_STEPS_MAX)
        );
        assert_eq!(
            (otp.look_ahead.counters, otp.look_ahead.resync),
            (LOOK_AHEAD_MAX, RESYNC_MAX)
        );
    }

    #[test]
    fn each_role_has_the_factors_that_it_is_given() {
        let policies = with(&[
            ("accounts.first_factor", "enrolment"),
            ("factors.user", "recovery_code,totp"),
            ("factors.admin", "hotp"),
            ("factors.better_than_key", "user"),
        ]);
        assert_eq!(policies.first_factor, FirstFactor::Enrolment);
        assert_eq!(
            policies.factors,
            FactorPolicies {
                user: FactorPolicy::new(&[FactorType::Totp, FactorType::RecoveryCode]),
                admin: FactorPolicy::new(&[FactorType::Hotp]),
                better_than_key: vec![Role::User],
            }
        );
    }

    #[test]
    fn a_code_alone_is_enough_only_where_the_profile_is_on() {
        assert_eq!(with(&[("compat.orion.allow_code_only", "true")]).orion, None);
        let code_only = |allowed| {
            let orion = with(&[
                ("compat.orion.enabled", "true"),
                ("compat.orion.allow_code_only", allowed),
            ])
            .orion;
            orion.map(|orion| orion.code_only)
        };
        assert_eq!(code_only("false"), Some(CodeOnly::Refused));
        assert_eq!(code_only("true"), Some(CodeOnly::Allowed));
    }
}
