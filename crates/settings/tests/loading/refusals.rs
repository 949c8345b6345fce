//! What is refused, and how it is said.

use crate::support::Installation;
use settings::Override;

#[test]
fn an_unknown_name_in_a_file_is_answered_with_the_nearest() {
    for (toml, wrong, nearest) in [
        ("[htpp]\nlisten = '127.0.0.1:1'", "htpp.listen", "http.listen"),
        ("[http]\nlisten_on = '127.0.0.1:1'", "http.listen_on", "http.listen"),
        (
            "[http]\nbody-limit-kib = 1",
            "http.body-limit-kib",
            "http.body_limit_kib",
        ),
        ("[http]\naudience = 'x'", "http.audience", "tokens.audience"),
        ("[secrets]\nmasterkey = 'x'", "secrets.masterkey", "secrets.master_key"),
        ("[HTTP]\nlisten = 'x'", "HTTP.listen", "http.listen"),
        ("audience = 'x'", "audience", "tokens.audience"),
        ("[tokens.audience_of]\nx = 1", "tokens.audience_of", "tokens.audience"),
        ("[nothing]", "nothing", ""),
        (
            "[compat.orion]\nenable = true",
            "compat.orion.enable",
            "compat.orion.enabled",
        ),
        (
            "[compat.orino]\nenabled = true",
            "compat.orino.enabled",
            "compat.orion.enabled",
        ),
        ("[compat]\nenabled = true", "compat.enabled", "compat.aidbox.enabled"),
        ("[compat.orion.more]\nx = 1", "compat.orion.more", ""),
        ("[compat.nothing]", "compat.nothing", ""),
        (
            "[orion]\ntotp_issuer = 'x'",
            "orion.totp_issuer",
            "compat.orion.totp_issuer",
        ),
    ] {
        let fault = Installation::new().with_file(toml).only_fault();
        assert!(fault.starts_with(&format!("{wrong} (file ")), "{fault}");
        assert!(fault.contains("settings.toml"), "{fault}");
        assert!(fault.contains(&format!("nearest known name: {nearest}")), "{fault}");
    }
}

#[test]
fn an_unknown_variable_is_answered_with_the_nearest() {
    for (name, nearest) in [
        ("COUNTERSIGN__HTTP__LISTENN", "COUNTERSIGN__HTTP__LISTEN"),
        ("COUNTERSIGN__TOKEN__AUDIENCE", "COUNTERSIGN__TOKENS__AUDIENCE"),
        ("COUNTERSIGN__HTTP_LISTEN", "COUNTERSIGN__HTTP__LISTEN"),
        ("COUNTERSIGN_HTTP_LISTEN", "COUNTERSIGN__HTTP__LISTEN"),
        ("COUNTERSIGN__http__listen", "COUNTERSIGN__HTTP__LISTEN"),
        ("countersign__http__listen", "COUNTERSIGN__HTTP__LISTEN"),
        ("countersign__http__listenn", "COUNTERSIGN__HTTP__LISTEN"),
        ("COUNTERSIGN__SECRETS__MASTER__KEY", "COUNTERSIGN__SECRETS__MASTER_KEY"),
        (
            "COUNTERSIGN__COMPAT_ORION__ENABLED",
            "COUNTERSIGN__COMPAT__ORION__ENABLED",
        ),
        (
            "COUNTERSIGN__COMPAT__ORION",
            "COUNTERSIGN__COMPAT__ORION__ALLOW_CODE_ONLY",
        ),
    ] {
        let fault = Installation::new().with_variable(name, "hunter2").only_fault();
        assert!(fault.starts_with(&format!("{name} (environment)")), "{fault}");
        assert!(fault.ends_with(&format!("nearest known name: {nearest}")), "{fault}");
        assert!(!fault.contains("hunter2"), "{fault}");
    }
}

#[test]
fn a_flag_for_an_unknown_setting_is_refused() {
    let fault = Installation::new()
        .with_flag(Override::new("--dev", "accounts.registering", "open"))
        .only_fault();
    assert!(fault.starts_with("accounts.registering (flag --dev)"), "{fault}");
    assert!(fault.contains("accounts.registration"), "{fault}");
}

#[test]
fn all_faults_of_all_layers_are_told_at_once() {
    let file = "
        [http]
        body_limit_kib = 0
        header_timeout = '10 minutes'
        cors_origins = ['*', 'https://app.example.com/']
        [htpp]
        listen = '127.0.0.1:1'
        [tokens]
        algorithm = 'none'
        [revocations]
        poll = true
    ";
    let installation = Installation::new()
        .with_file(file)
        .with_variable("COUNTERSIGN__LOCKOUT__CAP", "101")
        .with_variable("COUNTERSIGN__DATABASE__URLL", "postgres://x")
        .with_variable("COUNTERSIGN__DATABASE__URL", "mysql://root:hunter2@db/x")
        .with_flag(Override::listen("localhost"));
    let faults = installation.try_load().err().unwrap();
    let mut keys: Vec<_> = faults.iter().map(|fault| fault.key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "COUNTERSIGN__DATABASE__URLL",
            "database.url",
            "htpp.listen",
            "http.body_limit_kib",
            "http.cors_origins",
            "http.header_timeout",
            "http.listen",
            "lockout.cap",
            "revocations.poll",
            "tokens.algorithm",
        ]
    );
    let list = faults.to_string();
    assert!(list.starts_with("the settings have 10 faults:\n  - "), "{list}");
    let file = installation.file.as_ref().unwrap().display();
    for line in [
        format!("http.body_limit_kib (file {file}): 0 is out of range; allowed: a whole number from 1 to 1024"),
        "lockout.cap (environment variable COUNTERSIGN__LOCKOUT__CAP): 101 is out of range; \
         allowed: a whole number from 1 to 100"
            .to_owned(),
        "http.listen (flag --listen): \"localhost\" is not an address with a port; \
         allowed: ADDRESS:PORT, for example 127.0.0.1:8080 or [::1]:8080"
            .to_owned(),
        format!(
            "tokens.algorithm (file {file}): \"none\" is none of the choices; allowed: \"ES256\", \"RS256\", \"PS256\" or \"EdDSA\""
        ),
    ] {
        assert!(list.contains(&format!("\n  - {line}")), "{line} is not in\n{list}");
    }
    assert!(
        !list.contains("hunter2") && !format!("{faults:?}").contains("hunter2"),
        "{list}"
    );
}

#[test]
fn a_wrong_type_is_refused_even_if_it_could_be_converted() {
    for (toml, key) in [
        ("[http]\nbody_limit_kib = '64'", "http.body_limit_kib"),
        ("[http]\nbody_limit_kib = 64.0", "http.body_limit_kib"),
        ("[http]\nbody_limit_kib = true", "http.body_limit_kib"),
        ("[http]\nbody_limit_kib = [64]", "http.body_limit_kib"),
        ("[http.body_limit_kib]\nvalue = 64", "http.body_limit_kib"),
        ("[http]\nlisten = 8080", "http.listen"),
        ("[http]\ntrusted_proxies = '10.0.0.1'", "http.trusted_proxies"),
        ("[http]\ntrusted_proxies = [1]", "http.trusted_proxies"),
        ("[http]\ncors_origins = [['https://a.example']]", "http.cors_origins"),
        ("[metrics]\nenabled = 1", "metrics.enabled"),
        ("[metrics]\nenabled = 'true'", "metrics.enabled"),
        ("[log]\nformat = false", "log.format"),
        ("[tokens]\nleeway = 1.5", "tokens.leeway"),
        ("[tokens]\nleeway = 2026-01-01", "tokens.leeway"),
        (
            "[secret_keys]\ndefault_lifetime = false",
            "secret_keys.default_lifetime",
        ),
        ("http = 1", "http"),
        ("[[http]]\nbody_limit_kib = 64", "http"),
    ] {
        let fault = Installation::new().with_file(toml).only_fault();
        assert!(
            fault.starts_with(&format!("{key} (file ")) && fault.contains("; allowed: "),
            "{toml}: {fault}"
        );
    }
    for (name, value) in [
        ("COUNTERSIGN__HTTP__BODY_LIMIT_KIB", "many"),
        ("COUNTERSIGN__HTTP__BODY_LIMIT_KIB", "64 "),
        ("COUNTERSIGN__HTTP__BODY_LIMIT_KIB", "99999999999999999999"),
        ("COUNTERSIGN__METRICS__ENABLED", "yes"),
    ] {
        let fault = Installation::new().with_variable(name, value).only_fault();
        assert!(
            fault.contains(&format!("(environment variable {name})")) && fault.contains(value),
            "{fault}"
        );
    }
}

#[test]
fn every_range_is_held_at_both_ends() {
    for (key, inside, outside) in [
        ("http.body_limit_kib", ["1", "1024"], ["0", "1025"]),
        ("http.body_limit_kib", ["1", "1024"], ["-1", "9223372036854775807"]),
        ("http.header_timeout", ["'1s'", "'5m'"], ["'0s'", "'301s'"]),
        ("http.header_timeout", ["1", "300"], ["-1", "'1500ms'"]),
        ("http.max_connections", ["1", "65536"], ["0", "65537"]),
        ("http.max_connections_per_address", ["0", "65536"], ["-1", "65537"]),
        ("passwords.memory_kib", ["17920", "262144"], ["7167", "262145"]),
        ("passwords.passes", ["2", "16"], ["0", "17"]),
        ("passwords.lanes", ["1", "8"], ["0", "9"]),
        ("passwords.queue", ["2", "10000"], ["1", "10001"]),
        (
            "tokens.access_token_lifetime",
            ["'30s'", "'24h'"],
            ["'29s'", "'86401s'"],
        ),
        ("tokens.session_lifetime", ["'24h'", "'365d'"], ["'59s'", "'366d'"]),
        ("tokens.auth_session_lifetime", ["'10s'", "'10m'"], ["'9s'", "'601s'"]),
        ("tokens.leeway", ["'0s'", "'30s'"], ["'31s'", "'500ms'"]),
        ("tokens.cache", ["0", "1000000"], ["-1", "1000001"]),
        ("lockout.free_attempts", ["1", "20"], ["0", "21"]),
        ("lockout.cap", ["5", "100"], ["0", "101"]),
        ("totp.past_steps", ["0", "10"], ["-1", "11"]),
        ("totp.future_steps", ["0", "1"], ["-1", "2"]),
        ("hotp.look_ahead", ["0", "50"], ["-1", "51"]),
        ("hotp.resync_window", ["0", "1000"], ["-1", "1001"]),
        ("recovery.issued_lifetime", ["'10m'", "'24h'"], ["'9m'", "'86401s'"]),
        ("revocations.poll", ["'50ms'", "'1s'"], ["'49ms'", "'1001ms'"]),
        ("secret_keys.default_lifetime", ["''", "'3650d'"], ["'59m'", "'3651d'"]),
        ("database.max_connections", ["1", "1000"], ["0", "1001"]),
        (
            "keys.active_for",
            ["'25h'", "'3650d'"],
            ["'59m'", "'18446744073709551615d'"],
        ),
    ] {
        let (section, name) = key.split_once('.').unwrap();
        let with = |value: &str| Installation::new().with_file(&format!("[{section}]\n{name} = {value}"));
        for value in inside {
            assert_eq!(with(value).faults(), Vec::<String>::new(), "{key} = {value}");
        }
        for value in outside {
            let fault = with(value).only_fault();
            assert!(
                fault.starts_with(&format!("{key} (file ")) && fault.contains("allowed: "),
                "{fault}"
            );
        }
    }
}

#[test]
fn a_text_that_makes_no_sense_is_refused() {
    for (key, value) in [
        ("http.public_url", "'auth.example.com'"),
        ("http.public_url", "'https://auth.example.com/'"),
        ("http.trusted_proxies", "['10.0.0.0/33']"),
        ("http.trusted_proxies", "['10.1.2.3/8']"),
        ("http.trusted_proxies", "['proxy.example.com']"),
        ("http.trusted_proxies", "['']"),
        ("http.forwarded_header", "'X-Forwarded-For'"),
        ("http.cors_origins", "['null']"),
        ("http.cors_origins", "['https://app.example.com/path']"),
        ("log.level", "''"),
        ("log.level", "'inof'"),
        ("log.level", "'info,web=loud'"),
        ("log.level", "'info, web=debug'"),
        ("data.dir", "''"),
        ("tokens.client_id", "''"),
        ("tokens.client_id", "'two words'"),
        ("tokens.audience", "'tab\\there'"),
        ("accounts.registration", "''"),
        ("accounts.first_factor", "'totp'"),
        ("totp.issuer", "''"),
        ("totp.issuer", "'  '"),
        ("totp.issuer", "'two\\nlines'"),
        ("compat.orion.issuer", "''"),
        ("compat.orion.issuer", "'two words'"),
        ("compat.orion.totp_issuer", "''"),
        ("factors.user", "[]"),
        ("factors.user", "['recovery_code']"),
        ("factors.admin", "['password']"),
        ("factors.better_than_key", "['users']"),
        ("database.url", "'mysql://db/x'"),
        ("database.url", "'sqlite:'"),
        ("database.url", "'sqlite::memory:'"),
        ("database.url", "'sqlite:file.db?mode=memory'"),
        ("database.url", "'postgres://'"),
    ] {
        let (section, name) = key.rsplit_once('.').unwrap();
        let value = if value.contains('\\') {
            value.replace('\'', "\"")
        } else {
            value.to_owned()
        };
        let fault = Installation::new()
            .with_file(&format!("[{section}]\n{name} = {value}"))
            .only_fault();
        assert!(fault.starts_with(&format!("{key} (file ")), "{value}: {fault}");
    }
}

#[test]
fn a_name_that_apps_show_has_at_most_64_characters() {
    for (section, key) in [
        ("totp", "issuer"),
        ("compat.orion", "issuer"),
        ("compat.orion", "totp_issuer"),
    ] {
        let with = |length| Installation::new().with_file(&format!("[{section}]\n{key} = '{}'", "x".repeat(length)));
        assert_eq!(with(64).faults(), Vec::<String>::new());
        let fault = with(65).only_fault();
        assert!(fault.starts_with(&format!("{section}.{key} (file ")), "{fault}");
    }
    let umlauts = format!("[totp]\nissuer = '{}'", "\u{fc}".repeat(64));
    assert_eq!(Installation::new().with_file(&umlauts).faults(), Vec::<String>::new());
}

#[test]
fn factors_are_refused_with_the_known_ones_listed() {
    let fault = Installation::new()
        .with_file("[factors]\nuser = ['totp', 'sms', 'email']")
        .only_fault();
    for part in [
        "\"sms\" is none of the choices; \"email\" is none",
        "allowed: a list of \"totp\", \"hotp\", \"secret_key\" and \"recovery_code\"",
    ] {
        assert!(fault.contains(part), "{fault}");
    }
    let fault = Installation::new()
        .with_file("[factors]\nadmin = ['recovery_code']")
        .only_fault();
    assert!(fault.contains("run out"), "{fault}");
}

#[test]
fn a_section_that_is_given_a_value_is_told_how_it_is_written() {
    for (toml, key, written) in [
        ("http = 1", "http", "[http]"),
        ("compat = 1", "compat", "[compat.aidbox]"),
        ("compat.orion = true", "compat.orion", "[compat.orion]"),
    ] {
        let fault = Installation::new().with_file(toml).only_fault();
        assert!(
            fault.starts_with(&format!("{key} (file ")) && fault.contains(&format!("allowed: {written} ")),
            "{fault}"
        );
    }
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    for (toml, key, other) in [
        (
            "[tokens]\nsession_lifetime = '1h'",
            "tokens.refresh_token_idle",
            "tokens.session_lifetime",
        ),
        (
            "[tokens]\nsession_lifetime = '5m'\nrefresh_token_idle = '5m'",
            "tokens.access_token_lifetime",
            "tokens.session_lifetime",
        ),
        (
            "[keys]\npublish_ahead = '59m'",
            "keys.publish_ahead",
            "keys.jwks_max_age",
        ),
        ("[keys]\nactive_for = '24h'", "keys.publish_ahead", "keys.active_for"),
        (
            "[lockout]\nfirst_wait = '2h'",
            "lockout.first_wait",
            "lockout.longest_wait",
        ),
        ("[lockout]\ncap = 4", "lockout.cap", "lockout.free_attempts"),
        ("[tls]\nkey_file = 'key.pem'", "tls.key_file", "tls.certificate_file"),
        (
            "[tls]\ncertificate_file = 'chain.pem'",
            "tls.certificate_file",
            "tls.key_file",
        ),
        (
            "[passwords]\nmemory_kib = 12288",
            "passwords.memory_kib",
            "passwords.passes",
        ),
        ("[passwords]\npasses = 1", "passwords.memory_kib", "passwords.passes"),
        (
            "[rate_limit]\ncredentials_burst = 0",
            "rate_limit.credentials_burst",
            "rate_limit.enabled",
        ),
        (
            "[rate_limit]\ncredentials_per_minute = 0",
            "rate_limit.credentials_per_minute",
            "rate_limit.enabled",
        ),
        (
            "[revocations]\nstale_after = '249ms'",
            "revocations.stale_after",
            "revocations.poll",
        ),
        ("[metrics]\nlisten = '127.0.0.1:8080'", "metrics.listen", "http.listen"),
        ("[metrics]\nlisten = '0.0.0.0:8080'", "metrics.listen", "http.listen"),
    ] {
        let fault = Installation::new().with_file(toml).only_fault();
        assert!(
            fault.starts_with(&format!("{key} (")) && fault.contains(other),
            "{toml}: {fault}"
        );
    }
}

#[test]
fn what_only_looks_like_a_contradiction_is_accepted() {
    for toml in [
        "[passwords]\nmemory_kib = 7168\npasses = 5",
        "[passwords]\nmemory_kib = 9216\npasses = 4",
        "[passwords]\nmemory_kib = 12288\npasses = 3",
        "[passwords]\nmemory_kib = 47104\npasses = 1",
        "[rate_limit]\nenabled = false\ncredentials_burst = 0\ncredentials_per_minute = 0",
        "[metrics]\nenabled = false\nlisten = '127.0.0.1:8080'",
        "[metrics]\nlisten = '127.0.0.2:8080'",
        "[metrics]\nlisten = '127.0.0.1:0'\n[http]\nlisten = '127.0.0.1:0'",
        "[keys]\npublish_ahead = '1h'",
        "[lockout]\nfirst_wait = '1h'",
        "[log]\nlevel = 'off'",
        "[log]\nlevel = 'warn,web::api=trace,sea_orm=off'",
    ] {
        assert_eq!(
            Installation::new().with_file(toml).faults(),
            Vec::<String>::new(),
            "{toml}"
        );
    }
}

#[test]
fn a_fault_in_one_setting_brings_no_second_one_about_its_pair() {
    let fault = Installation::new()
        .with_file("[tokens]\nsession_lifetime = '1 hour'")
        .only_fault();
    assert!(fault.starts_with("tokens.session_lifetime"), "{fault}");
    let fault = Installation::new().with_file("[data]\ndir = ''").only_fault();
    assert!(fault.starts_with("data.dir"), "{fault}");
}

#[test]
fn a_file_that_is_not_toml_is_told_by_place_and_never_quoted() {
    for toml in [
        "[secrets]\nmaster_key = \"hunter2",
        "[secrets]\nmaster_key = hunter2",
        "[secrets]\nmaster_key = 'a'\nmaster_key = 'hunter2'",
        "[secrets\nmaster_key = 'hunter2'",
    ] {
        let installation = Installation::new()
            .with_file(toml)
            .with_variable("COUNTERSIGN__LOCKOUT__CAP", "0");
        let faults = installation.faults();
        assert_eq!(faults.len(), 2, "{faults:#?}");
        assert!(
            faults[0].contains("settings.toml") && faults[0].contains("line "),
            "{}",
            faults[0]
        );
        assert!(!faults.concat().contains("hunter2"), "{faults:#?}");
    }
}

#[test]
fn a_long_or_hostile_value_is_quoted_within_bounds() {
    let value = format!("\u{1b}[2J{}", "x".repeat(10_000));
    let fault = Installation::new()
        .with_variable("COUNTERSIGN__HTTP__LISTEN", &value)
        .only_fault();
    assert!(fault.len() < 400 && !fault.contains('\u{1b}'), "{fault}");
}

#[test]
fn two_kinds_of_tokens_do_not_share_an_issuer() {
    let toml = "[http]\npublic_url = 'https://id.example'\n[compat.orion]\nissuer = 'https://id.example'";
    let fault = Installation::new().with_file(toml).only_fault();
    assert!(
        fault.starts_with("compat.orion.issuer") && fault.contains("http.public_url"),
        "{fault}"
    );
}
