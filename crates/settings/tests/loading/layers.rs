//! Which source wins.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::support::Installation;
use settings::{Override, SecondFactor, Settings, Sources};

const LISTEN: &str = "COUNTERSIGN__HTTP__LISTEN";

#[test]
fn each_layer_wins_over_the_ones_below() {
    let port = |installation: &Installation| installation.load().http.listen.port();
    let installation = Installation::new();
    assert_eq!(port(&installation), 8080);
    let installation = installation.with_file("[http]\nlisten = '127.0.0.1:1001'");
    assert_eq!(port(&installation), 1001);
    let installation = installation.with_variable(LISTEN, "127.0.0.1:1002");
    assert_eq!(port(&installation), 1002);
    let installation = installation.with_flag(Override::listen("127.0.0.1:1003"));
    assert_eq!(port(&installation), 1003);
    let installation = installation.with_flag(Override::listen("127.0.0.1:1004"));
    assert_eq!(port(&installation), 1004);
}

#[test]
fn a_layer_changes_only_what_it_sets() {
    let settings = Installation::new()
        .with_file("[http]\nbody_limit_kib = 128\n[tokens]\nleeway = 7")
        .with_variable("COUNTERSIGN__HTTP__MAX_CONNECTIONS", "9")
        .load();
    assert_eq!((settings.http.body_limit_kib, settings.http.max_connections), (128, 9));
    assert_eq!(settings.http.listen.port(), 8080);
    assert_eq!(settings.tokens.leeway.as_secs(), 7);
}

#[test]
fn a_value_that_is_covered_by_a_higher_layer_is_not_judged() {
    let installation = Installation::new()
        .with_file("[http]\nlisten = 'nowhere'")
        .with_variable(LISTEN, "127.0.0.1:1");
    assert_eq!(installation.load().http.listen.port(), 1);
}

#[test]
fn the_file_in_the_data_folder_is_found_by_flag_and_by_environment() {
    let installation = Installation::new();
    installation.write("countersign.toml", "[http]\nbody_limit_kib = 99", 0o600);
    let folder = installation.folder.path().to_str().unwrap().to_owned();
    let by_flag = installation
        .with_flag(Override::data(&folder))
        .with_variable("COUNTERSIGN__DATA__DIR", "/nowhere");
    let settings = by_flag.load();
    assert_eq!(settings.http.body_limit_kib, 99);
    assert_eq!(settings.data.dir, PathBuf::from(&folder));
    let by_environment = Installation::new().with_variable("COUNTERSIGN__DATA__DIR", &folder);
    assert_eq!(by_environment.load().http.body_limit_kib, 99);
}

#[test]
fn a_named_file_stands_for_the_one_in_the_data_folder() {
    let installation = Installation::new().with_file("[http]\nmax_connections = 5");
    installation.write("countersign.toml", "[http]\nbody_limit_kib = 99", 0o600);
    let folder = installation.folder.path().to_str().unwrap().to_owned();
    let settings = installation.with_flag(Override::data(folder)).load();
    assert_eq!((settings.http.body_limit_kib, settings.http.max_connections), (64, 5));
}

#[test]
fn a_file_in_the_data_folder_cannot_move_it() {
    let installation = Installation::new();
    installation.write("countersign.toml", "[data]\ndir = '/elsewhere'", 0o600);
    let folder = installation.folder.path().to_str().unwrap().to_owned();
    let fault = installation
        .with_variable("COUNTERSIGN__DATA__DIR", &folder)
        .only_fault();
    assert!(
        fault.starts_with("data.dir (file ") && fault.contains("cannot move the data folder"),
        "{fault}"
    );
    let named = Installation::new().with_file("[data]\ndir = '/elsewhere'");
    assert_eq!(named.load().data.dir, PathBuf::from("/elsewhere"));
}

#[test]
fn a_named_file_that_is_not_there_is_a_fault() {
    let mut installation = Installation::new();
    installation.file = Some(installation.path("missing.toml"));
    let fault = installation.only_fault();
    assert!(
        fault.contains("missing.toml") && fault.contains("cannot be read"),
        "{fault}"
    );
    // Nor is a neighbour with another ending taken for it.
    installation.write("missing.toml.toml", "", 0o600);
    assert_eq!(installation.faults().len(), 1);
}

#[test]
fn an_empty_variable_sets_the_empty_value() {
    let file = "[http]\npublic_url = 'https://auth.example.com'\ntrusted_proxies = ['10.0.0.1']";
    let installation = Installation::new()
        .with_file(file)
        .with_variable("COUNTERSIGN__HTTP__PUBLIC_URL", "")
        .with_variable("COUNTERSIGN__HTTP__TRUSTED_PROXIES", "");
    let settings = installation.load();
    assert_eq!(settings.http.public_url, None);
    assert!(settings.http.trusted_proxies.is_empty());
    let fault = Installation::new()
        .with_variable("COUNTERSIGN__HTTP__BODY_LIMIT_KIB", "")
        .only_fault();
    assert!(fault.contains("allowed: a whole number from 1 to 1024"), "{fault}");
}

#[test]
fn a_variable_has_the_type_of_its_setting() {
    let settings = Installation::new()
        .with_variable("COUNTERSIGN__HTTP__TRUSTED_PROXIES", "10.0.0.0/8, ::1")
        .with_variable("COUNTERSIGN__METRICS__ENABLED", "false")
        .with_variable("COUNTERSIGN__TOKENS__CACHE", "0")
        .with_variable("COUNTERSIGN__TOKENS__LEEWAY", "3")
        .with_variable("COUNTERSIGN__TOKENS__CLIENT_ID", "42")
        .load();
    let proxies: Vec<_> = settings.http.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "::1/128"]);
    assert!(!settings.metrics.enabled);
    assert_eq!((settings.tokens.cache, settings.tokens.leeway.as_secs()), (0, 3));
    assert_eq!(settings.tokens.client_id, "42");
}

#[test]
fn a_section_in_a_section_is_reached_by_every_layer() {
    let file = "[compat.orion]\nissuer = 'file'\ntotp_issuer = 'File'";
    let installation = Installation::new()
        .with_file(file)
        .with_variable("COUNTERSIGN__COMPAT__ORION__ENABLED", "true")
        .with_variable("COUNTERSIGN__COMPAT__ORION__TOTP_ISSUER", "Environment")
        .with_flag(Override::new("--flag", "compat.orion.allow_code_only", "true"));
    let settings = installation.load();
    let orion = &settings.compat.orion;
    assert_eq!(
        (orion.issuer.as_str(), orion.totp_issuer.as_str()),
        ("file", "Environment")
    );
    assert!(orion.enabled && orion.allow_code_only);
    let printed = settings.print();
    assert!(
        printed.contains("\n[compat.orion]\nenabled = true  # environment"),
        "{printed}"
    );
    // TOML has other spellings of the same.
    for toml in ["compat.orion.enabled = true", "[compat]\norion = { enabled = true }"] {
        assert!(
            Installation::new().with_file(toml).load().compat.orion.enabled,
            "{toml}"
        );
    }
}

#[test]
fn a_list_of_factors_is_taken_from_a_variable() {
    let settings = Installation::new()
        .with_variable("COUNTERSIGN__FACTORS__USER", "totp, recovery_code")
        .with_variable("COUNTERSIGN__FACTORS__BETTER_THAN_KEY", "")
        .load();
    assert_eq!(settings.factors.user, [SecondFactor::Totp, SecondFactor::RecoveryCode]);
    assert!(settings.factors.better_than_key.is_empty());
}

#[test]
fn other_variables_are_left_alone() {
    // Kubernetes sets the last three for a service of our name.
    for name in [
        "PATH",
        "HTTP__LISTEN",
        "COUNTERSIGN",
        "COUNTERSIGN_PORT",
        "COUNTERSIGN_SERVICE_HOST",
        "COUNTERSIGN_PORT_80_TCP",
    ] {
        assert_eq!(
            Installation::new().with_variable(name, "x").faults(),
            Vec::<String>::new(),
            "{name}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_unicode_is_refused_only_if_it_is_ours() {
    use std::os::unix::ffi::OsStringExt;

    let load = |name: &str| {
        let variable = (OsString::from(name), OsString::from_vec(vec![b'a', 0xff]));
        Settings::load(&Sources {
            environment: [variable].into_iter().collect(),
            ..Sources::default()
        })
        .err()
    };
    assert!(load("SOMETHING_ELSE").is_none());
    let faults = load("COUNTERSIGN__TOKENS__CLIENT_ID").unwrap();
    assert_eq!(faults.iter().count(), 1);
    assert!(load("COUNTERSIGN__SECRETS__MASTER_KEY").is_some());
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_file() {
    let settings = Installation::new()
        .with_file("\u{feff}[http]\nbody_limit_kib = 3")
        .load();
    assert_eq!(settings.http.body_limit_kib, 3);
}
