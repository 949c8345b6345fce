//! What applications, pages, deliveries and the Aidbox profile may be told.

use std::time::Duration;

use crate::support::Installation;
use settings::UnknownAttributes;

#[test]
fn pages_and_clients_are_configured() {
    let settings = Installation::new()
        .with_file(
            "[oauth]\nenabled = false\ndevice_poll_interval = 7\n\
             [pages]\ntitle = 'Welcome'\nstyle_url = 'https://style.example.com/a.css'\n\
             style_origins = ['https://style.example.com']\ndefault_locale = 'pt-BR'\n\
             [compat.aidbox]\nenabled = true\nauth_config = 'my-auth.1'\nunknown_attributes = 'refuse'\n\
             [delivery]\nca_file = 'ca.pem'",
        )
        .load();
    assert!(!settings.oauth.enabled);
    assert_eq!(settings.oauth.device_poll_interval, Duration::from_secs(7));
    assert_eq!(settings.pages.title.as_deref(), Some("Welcome"));
    assert_eq!(
        settings.pages.style_url.as_deref(),
        Some("https://style.example.com/a.css")
    );
    assert_eq!(settings.pages.default_locale, "pt-BR");
    assert!(settings.compat.aidbox.enabled);
    assert_eq!(settings.compat.aidbox.auth_config.as_deref(), Some("my-auth.1"));
    assert_eq!(settings.compat.aidbox.unknown_attributes, UnknownAttributes::Refuse);
    assert!(settings.delivery.ca_file.is_some());
}

#[test]
fn what_would_be_unsafe_or_meaningless_is_refused_by_its_name() {
    for (toml, key) in [
        (
            "[oauth]\nauthorization_code_lifetime = '11m'",
            "oauth.authorization_code_lifetime",
        ),
        (
            "[oauth]\nauthorization_code_lifetime = '9s'",
            "oauth.authorization_code_lifetime",
        ),
        (
            "[oauth]\nclient_access_token_lifetime = '25h'",
            "oauth.client_access_token_lifetime",
        ),
        ("[oauth]\nid_token_lifetime = '25h'", "oauth.id_token_lifetime"),
        ("[oauth]\ndevice_code_lifetime = '31m'", "oauth.device_code_lifetime"),
        ("[oauth]\ndevice_poll_interval = '0s'", "oauth.device_poll_interval"),
        (
            "[oauth]\npushed_request_lifetime = '4s'",
            "oauth.pushed_request_lifetime",
        ),
        (
            "[oauth]\npushed_request_lifetime = '601s'",
            "oauth.pushed_request_lifetime",
        ),
        ("[browser]\nsession_idle = '59s'", "browser.session_idle"),
        ("[browser]\nsession_lifetime = '31d'", "browser.session_lifetime"),
        ("[pages]\nbrand = ' '", "pages.brand"),
        ("[pages]\nbrand = 'http://pictures.example.com/logo.svg'", "pages.brand"),
        (
            "[pages]\nstyle_url = 'http://style.example.com/a.css'",
            "pages.style_url",
        ),
        ("[pages]\nstyle_url = '/a.css'", "pages.style_url"),
        (
            "[pages]\nstyle_origins = ['http://style.example.com']",
            "pages.style_origins",
        ),
        ("[pages]\nstyle_origins = ['*']", "pages.style_origins"),
        (
            "[pages]\nstyle_origins = ['https://style.example.com/a']",
            "pages.style_origins",
        ),
        (
            "[pages]\nforgot_password_url = 'javascript:alert(1)'",
            "pages.forgot_password_url",
        ),
        (
            "[pages]\nforgot_password_url = 'http://help.example.com'",
            "pages.forgot_password_url",
        ),
        ("[pages]\ndefault_locale = ''", "pages.default_locale"),
        ("[pages]\ndefault_locale = '../en'", "pages.default_locale"),
        ("[pages]\ndefault_locale = 'english'", "pages.default_locale"),
        ("[compat.aidbox]\nauth_config = 'a/b'", "compat.aidbox.auth_config"),
        (
            "[compat.aidbox]\nunknown_attributes = 'drop'",
            "compat.aidbox.unknown_attributes",
        ),
        ("[delivery]\nallow_http = 'yes'", "delivery.allow_http"),
    ] {
        let fault = Installation::new().with_file(toml).only_fault();
        assert!(fault.starts_with(&format!("{key} (file ")), "{toml}: {fault}");
    }
}

#[test]
fn what_contradicts_another_setting_is_refused_by_both_names() {
    for (toml, key, other) in [
        (
            "[oauth]\nclient_refresh_token_lifetime = '1h'",
            "oauth.client_refresh_token_idle (default)",
            "oauth.client_refresh_token_lifetime",
        ),
        (
            "[oauth]\nclient_refresh_token_lifetime = '5m'\nclient_refresh_token_idle = '5m'",
            "oauth.client_access_token_lifetime (default)",
            "oauth.client_refresh_token_lifetime",
        ),
        (
            "[browser]\nsession_lifetime = '30m'",
            "browser.session_idle (default)",
            "browser.session_lifetime",
        ),
        (
            "[pages]\nstyle_url = 'https://style.example.com.evil.example/a.css'\n\
             style_origins = ['https://style.example.com']",
            "pages.style_url (file",
            "pages.style_origins",
        ),
    ] {
        let fault = Installation::new().with_file(toml).only_fault();
        assert!(fault.starts_with(key), "{toml}: {fault}");
        assert!(fault.contains(other), "{toml}: {fault}");
    }
}
