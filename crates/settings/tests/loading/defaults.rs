//! The defaults, as documented.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::support::Installation;
use settings::{
    Accounts, Aidbox, Algorithm, Browser, Compat, Data, DatabaseLocation, Delivery, Engine, Factors, FirstFactor,
    ForwardedHeader, Hotp, Http, Keys, Lockout, Log, LogFormat, MasterKey, Metrics, OAuth, Orion, Pages, Passwords,
    RateLimit, Recovery, Registration, Revocations, Role, SecondFactor, SecretKeys, Settings, Sources, Tls, Tokens,
    Totp, UnknownAttributes,
};

const fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

#[test]
fn without_any_source_the_service_runs_on_this_machine_alone() {
    let settings = Settings::load(&Sources::default()).unwrap();
    assert_eq!(
        settings.data,
        Data {
            dir: PathBuf::from("data")
        }
    );
    assert_eq!(
        settings.http,
        Http {
            listen: "127.0.0.1:8080".parse().unwrap(),
            public_url: None,
            trusted_proxies: Vec::new(),
            forwarded_header: ForwardedHeader::XForwardedFor,
            body_limit_kib: 64,
            header_timeout: seconds(10),
            request_timeout: seconds(30),
            shutdown_grace: seconds(20),
            max_connections: 4096,
            max_connections_per_address: 256,
            cors_origins: Vec::new(),
        }
    );
    assert_eq!(
        settings.tls,
        Tls {
            files: None,
            reload_every: seconds(60)
        }
    );
    assert_eq!(
        settings.metrics,
        Metrics {
            enabled: true,
            listen: "127.0.0.1:9464".parse().unwrap()
        }
    );
    assert_eq!(
        settings.log,
        Log {
            format: LogFormat::Pretty,
            level: "info".into()
        }
    );
    assert_eq!(settings.database.engine(), Engine::Sqlite);
    assert_eq!(settings.database.max_connections, 16);
    assert_eq!(settings.database.acquire_timeout, seconds(10));
    assert!(settings.database.auto_migrate);
    assert_eq!(settings.warnings(), Vec::<String>::new());
}

#[test]
fn without_any_source_the_documented_rules_hold() {
    let settings = Settings::load(&Sources::default()).unwrap();
    assert_eq!(
        settings.accounts,
        Accounts {
            registration: Registration::Admin,
            first_factor: FirstFactor::SecretKey,
        }
    );
    assert_eq!(
        settings.passwords,
        Passwords {
            memory_kib: 19_456,
            passes: 2,
            lanes: 1,
            threads: 0,
            queue: 128
        }
    );
    assert_eq!(
        settings.tokens,
        Tokens {
            algorithm: Algorithm::Es256,
            audience: None,
            client_id: "countersign".into(),
            access_token_lifetime: seconds(600),
            refresh_token_idle: seconds(86_400),
            session_lifetime: seconds(30 * 86_400),
            auth_session_lifetime: seconds(600),
            leeway: seconds(5),
            cache: 10_000,
        }
    );
    let days = |number: u64| seconds(number * 86_400);
    assert_eq!(
        settings.keys,
        Keys {
            active_for: days(90),
            publish_ahead: days(1),
            jwks_max_age: seconds(3600)
        }
    );
    assert_eq!(settings.secret_keys, SecretKeys { default_lifetime: None });
    assert_eq!(
        settings.lockout,
        Lockout {
            free_attempts: 5,
            window: seconds(900),
            first_wait: seconds(60),
            longest_wait: seconds(3600),
            cap: 100,
        }
    );
    assert_eq!(
        settings.rate_limit,
        RateLimit {
            enabled: true,
            credentials_per_minute: 60,
            credentials_burst: 30
        }
    );
    let poll = Duration::from_millis(250);
    assert_eq!(
        settings.revocations,
        Revocations {
            poll,
            stale_after: seconds(1)
        }
    );
}

#[test]
fn without_any_source_every_second_factor_counts_and_no_other_profile_is_served() {
    let settings = Settings::load(&Sources::default()).unwrap();
    let every = vec![
        SecondFactor::Totp,
        SecondFactor::Hotp,
        SecondFactor::SecretKey,
        SecondFactor::RecoveryCode,
    ];
    assert_eq!(
        settings.factors,
        Factors {
            user: every.clone(),
            admin: every,
            better_than_key: vec![Role::Admin],
        }
    );
    assert_eq!(
        settings.totp,
        Totp {
            issuer: "Countersign".into(),
            past_steps: 1,
            future_steps: 0,
        }
    );
    assert_eq!(
        settings.hotp,
        Hotp {
            look_ahead: 10,
            resync_window: 100,
        }
    );
    let issued_lifetime = seconds(3600);
    assert_eq!(settings.recovery, Recovery { issued_lifetime });
    assert_eq!(
        settings.compat,
        Compat {
            orion: Orion {
                enabled: false,
                issuer: "orion-users".into(),
                totp_issuer: "Orion User Service".into(),
                allow_code_only: false,
            },
            aidbox: Aidbox {
                enabled: false,
                auth_config: None,
                unknown_attributes: UnknownAttributes::Keep,
            },
        }
    );
}

#[test]
fn without_any_source_applications_can_log_people_in_and_nothing_leaves_for_private_networks() {
    let settings = Settings::load(&Sources::default()).unwrap();
    assert_eq!(
        settings.oauth,
        OAuth {
            enabled: true,
            authorization_code_lifetime: seconds(60),
            client_access_token_lifetime: seconds(600),
            client_refresh_token_idle: seconds(86_400),
            client_refresh_token_lifetime: seconds(30 * 86_400),
            device_code_lifetime: seconds(600),
            device_poll_interval: seconds(5),
            pushed_request_lifetime: seconds(90),
            id_token_lifetime: seconds(600),
        }
    );
    assert_eq!(
        settings.browser,
        Browser {
            session_idle: seconds(3600),
            session_lifetime: seconds(86_400),
        }
    );
    assert_eq!(
        settings.pages,
        Pages {
            title: None,
            brand: None,
            style_url: None,
            style_origins: Vec::new(),
            forgot_password_url: None,
            locales_dir: None,
            default_locale: "en".into(),
        }
    );
    assert_eq!(
        settings.delivery,
        Delivery {
            allow_private_networks: false,
            allow_http: false,
            ca_file: None,
        }
    );
}

#[test]
fn the_database_and_the_master_key_are_in_the_data_folder() {
    let settings = Installation::new()
        .with_variable("COUNTERSIGN__DATA__DIR", "/var/lib/a b?c%")
        .load();
    assert!(matches!(&settings.database.location, DatabaseLocation::DataFolder(file)
        if file == Path::new("/var/lib/a b?c%/countersign.db")));
    assert_eq!(
        settings.database.url().expose(),
        "sqlite:///var/lib/a%20b%3Fc%25/countersign.db?mode=rwc"
    );
    assert!(matches!(&settings.secrets.master_key, MasterKey::DataFolder(file)
        if file == Path::new("/var/lib/a b?c%/master.key")));
}

#[test]
fn the_issuer_is_the_public_url_or_the_bound_address() {
    let bound = "127.0.0.1:49152".parse().unwrap();
    assert_eq!(Installation::new().load().issuer(bound), "http://127.0.0.1:49152");
    let tls = "[tls]\ncertificate_file = 'chain.pem'\nkey_file = 'key.pem'";
    assert_eq!(
        Installation::new().with_file(tls).load().issuer(bound),
        "https://127.0.0.1:49152"
    );
    let named = Installation::new().with_variable("COUNTERSIGN__HTTP__PUBLIC_URL", "https://auth.example.com/a");
    assert_eq!(named.load().issuer(bound), "https://auth.example.com/a");
}

#[test]
fn a_risky_choice_is_accepted_with_a_warning() {
    for (toml, warned) in [
        ("[http]\nlisten = '0.0.0.0:8080'", "http.public_url is empty"),
        ("[http]\nlisten = '0.0.0.0:8080'", "http.listen is open"),
        (
            "[http]\npublic_url = 'http://auth.example.com'",
            "http.public_url is not https",
        ),
        (
            "[http]\npublic_url = 'https://auth.example.com'",
            "share its rate limit",
        ),
        ("[http]\ntrusted_proxies = ['::/0']", "trusts everybody"),
        ("[metrics]\nlisten = '0.0.0.0:9464'", "metrics.listen"),
        ("[rate_limit]\nenabled = false", "rate_limit.enabled"),
        ("[totp]\npast_steps = 2", "totp.past_steps"),
        ("[factors]\nbetter_than_key = []", "factors.better_than_key"),
        ("[factors]\nbetter_than_key = ['user']", "factors.better_than_key"),
        ("[factors]\nadmin = ['totp']", "accounts.first_factor is secret_key"),
        (
            "[accounts]\nfirst_factor = 'enrolment'\n[factors]\nuser = ['secret_key']",
            "accounts.first_factor is enrolment",
        ),
        (
            "[compat.orion]\nenabled = true\nallow_code_only = true",
            "one factor is enough at the Orion profile: compat.orion.allow_code_only",
        ),
        ("[revocations]\nstale_after = '30s'", "revocations.stale_after"),
        ("[browser]\nsession_idle = '2h'", "browser.session_idle"),
        ("[browser]\nsession_lifetime = '25h'", "browser.session_lifetime"),
        (
            "[http]\nlisten = '0.0.0.0:8080'\n[delivery]\nallow_private_networks = true",
            "delivery.allow_private_networks",
        ),
        (
            "[http]\nlisten = '0.0.0.0:8080'\n[delivery]\nallow_http = true",
            "delivery.allow_http",
        ),
    ] {
        let warnings = Installation::new().with_file(toml).load().warnings();
        assert!(
            warnings.iter().any(|warning| warning.contains(warned)),
            "{toml}: {warnings:?}"
        );
    }
    let behind_a_proxy = "[http]\npublic_url = 'https://auth.example.com'\ntrusted_proxies = ['10.0.0.0/8']";
    for harmless in [
        behind_a_proxy,
        "[compat.orion]\nenabled = true",
        "[delivery]\nallow_private_networks = true\nallow_http = true",
        "[compat.orion]\nallow_code_only = true",
        "[factors]\nuser = ['totp', 'recovery_code']\nadmin = ['hotp']\nbetter_than_key = []\n\
         [accounts]\nfirst_factor = 'enrolment'",
        "[factors]\nuser = ['secret_key']\nadmin = ['secret_key']",
    ] {
        assert_eq!(
            Installation::new().with_file(harmless).load().warnings(),
            Vec::<String>::new(),
            "{harmless}"
        );
    }
}
