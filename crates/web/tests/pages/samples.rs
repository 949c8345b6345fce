//! One of every page and of its variants, to be tested and to be looked at.

use domain::factor::FactorType;
use domain::time::Timestamp;
use poem::Response;
use web::pages::view::*;
use web::pages::{FieldError, Frame, Href, Notice, Page, render};

/// A page with its name.
pub struct Sample {
    /// The name of the file that it is written to.
    pub name: &'static str,
    /// Draws it.
    pub draw: Box<dyn Fn(&Frame<'_>) -> Response>,
}

/// What others choose: names, addresses, anything that could be markup.
#[derive(Clone, Copy)]
pub struct Words {
    pub application: &'static str,
    pub account: &'static str,
    pub address: &'static str,
    pub device: &'static str,
    pub scope: &'static str,
    pub secret: &'static str,
    pub sentence: &'static str,
}

/// Words as they are.
pub const NATURAL: Words = Words {
    application: "Harbour Clinic",
    account: "alice@example.org",
    address: "203.0.113.24",
    device: "Firefox on Linux",
    scope: "patients.read",
    secret: "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
    sentence: "redirect_uri: is not registered for this client",
};

fn sample<P: Page + 'static>(name: &'static str, page: P) -> Sample {
    Sample {
        name,
        draw: Box::new(move |frame| render(&page, frame)),
    }
}

fn at(day: i64) -> Moment {
    Moment(Timestamp::from_seconds(1_780_000_000 + day * 86_400))
}

fn code(factor: FactorType) -> CodeField {
    CodeField {
        factor,
        digits: 6,
        error: None,
    }
}

fn choices() -> Vec<FactorChoice> {
    [FactorType::SecretKey, FactorType::RecoveryCode]
        .map(|factor| FactorChoice {
            factor,
            href: Href::page("/auth/login/factor", "client_id=x&factor=y"),
        })
        .into()
}

fn setup(words: Words) -> Setup<'static> {
    let uri = "otpauth://totp/Countersign:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Countersign";
    Setup::new(uri, words.secret).unwrap()
}

fn scopes(words: Words) -> Vec<ScopeLine> {
    ["openid", "profile", "email", "offline_access", words.scope]
        .map(ScopeLine::of)
        .into()
}

fn hidden(words: Words) -> Vec<Hidden> {
    vec![Hidden {
        name: "handle",
        value: words.sentence.to_owned(),
    }]
}

/// Every page.
pub fn all(words: Words) -> Vec<Sample> {
    let mut samples = sign_in(words);
    samples.extend(two_factor(words));
    samples.extend(recovery_codes(words));
    samples.extend(account(words));
    samples.extend(others(words));
    samples
}

fn factor_page(words: Words, code: CodeField) -> FactorPage {
    FactorPage {
        purpose: FactorPurpose::Login,
        application: Some(words.application.to_owned()),
        account: words.account.to_owned(),
        code,
        choices: choices(),
        sent: None,
        cancel: Href::page("/auth/login", "client_id=x"),
        hidden: hidden(words),
        notices: Vec::new(),
    }
}

fn sign_in(words: Words) -> Vec<Sample> {
    let application = || Some(words.application.to_owned());
    let cancel = || Href::page("/auth/login", "");
    vec![
        sample(
            "login",
            LoginPage {
                application: application(),
                forgot_password: Some(Href::page("/auth/forgot-password", "")),
                ..LoginPage::default()
            },
        ),
        sample(
            "login-errors",
            LoginPage {
                application: None,
                username: Field {
                    value: words.account.to_owned(),
                    error: None,
                },
                password_error: Some(FieldError::Missing),
                forgot_password: None,
                notices: vec![Notice::SignInRefused],
            },
        ),
        sample("factor-totp", factor_page(words, code(FactorType::Totp))),
        sample(
            "factor-sent",
            FactorPage {
                sent: Some(SentTo {
                    address: Some(words.address.to_owned()),
                    state: SentState::Sent,
                }),
                notices: vec![Notice::CodeSent],
                ..factor_page(words, code(FactorType::Totp))
            },
        ),
        sample(
            "factor-hotp",
            FactorPage {
                sent: Some(SentTo {
                    address: None,
                    state: SentState::NotYet,
                }),
                purpose: FactorPurpose::ResetPassword,
                notices: vec![Notice::TooManyAttempts { minutes: 15 }],
                ..factor_page(
                    words,
                    CodeField {
                        error: Some(FieldError::WrongCode),
                        ..code(FactorType::Hotp)
                    },
                )
            },
        ),
        sample(
            "factor-secret-key",
            FactorPage {
                purpose: FactorPurpose::Change,
                ..factor_page(words, code(FactorType::SecretKey))
            },
        ),
        sample(
            "factor-recovery-code",
            factor_page(words, code(FactorType::RecoveryCode)),
        ),
        sample(
            "enrol",
            EnrolPage {
                application: application(),
                account: words.account.to_owned(),
                setup: setup(words),
                digits: 6,
                code_error: None,
                cancel: cancel(),
                hidden: hidden(words),
                notices: vec![Notice::EnrolmentNeeded],
            },
        ),
        sample(
            "consent",
            ConsentPage {
                application: words.application.to_owned(),
                application_site: Some(Href::page("/", "")),
                account: words.account.to_owned(),
                scopes: scopes(words),
                destination: words.address.to_owned(),
                other_account: Some(cancel()),
                notices: Vec::new(),
            },
        ),
    ]
}

fn two_factor(words: Words) -> Vec<Sample> {
    let account = || words.account.to_owned();
    let back = || Href::page("/auth/two-factor", "");
    vec![
        sample(
            "two-factor-on",
            TwoFactorPage {
                account: account(),
                authenticators: [FactorType::Totp, FactorType::Hotp]
                    .map(|factor| AuthenticatorLine {
                        name: words.device.to_owned(),
                        factor,
                        added: at(0),
                        last_used: Some(at(100)),
                    })
                    .into(),
                secret_key_since: Some(at(0)),
                recovery_codes_left: Some(2),
                enable: Some(Href::page("/auth/two-factor/enable", "")),
                disable: Some(Href::page("/auth/two-factor/disable", "")),
                recovery_codes: Some(Href::page("/auth/two-factor/recovery-codes", "")),
                notices: vec![Notice::TwoFactorEnabled, Notice::FewRecoveryCodes { left: 2 }],
            },
        ),
        sample(
            "two-factor-off",
            TwoFactorPage {
                account: account(),
                authenticators: Vec::new(),
                secret_key_since: None,
                recovery_codes_left: None,
                enable: Some(Href::page("/auth/two-factor/enable", "")),
                disable: None,
                recovery_codes: None,
                notices: vec![Notice::TwoFactorDisabled],
            },
        ),
        sample(
            "two-factor-name",
            NameAuthenticatorPage {
                account: account(),
                name: Field {
                    value: words.device.to_owned(),
                    error: Some(FieldError::NameTaken),
                },
                cancel: back(),
                hidden: hidden(words),
                notices: vec![Notice::NoMoreAuthenticators],
            },
        ),
        sample(
            "two-factor-enable",
            EnableTwoFactorPage {
                account: account(),
                setup: setup(words),
                digits: 6,
                code_error: Some(FieldError::WrongCode),
                cancel: back(),
                hidden: hidden(words),
                notices: Vec::new(),
            },
        ),
        sample(
            "two-factor-disable",
            DisableTwoFactorPage {
                account: account(),
                code: code(FactorType::Totp),
                choices: choices(),
                cancel: back(),
                notices: Vec::new(),
            },
        ),
        sample(
            "recovery-codes-new",
            NewRecoveryCodesPage {
                account: account(),
                left: 7,
                code: Some(code(FactorType::Totp)),
                choices: Vec::new(),
                cancel: back(),
                notices: Vec::new(),
            },
        ),
    ]
}

fn recovery_codes(words: Words) -> Vec<Sample> {
    vec![sample(
        "recovery-codes",
        RecoveryCodesPage {
            account: words.account.to_owned(),
            codes: vec![
                "7JQ2-M4WX-P9TD",
                "K3HV-8RNC-2YFE",
                "WD5A-6GTP-XM4K",
                "9FBY-N7QJ-H3RS",
                "T2XE-V8KM-4CWD",
                "R6PN-3JHA-Y9GB",
                "4MKC-W7DF-Q2VT",
                "E8SX-5BRY-J6NH",
                "H3GQ-9PVW-7KAE",
                words.secret,
            ],
            done: Href::page("/auth/two-factor", ""),
            notices: vec![Notice::RecoveryCodesReplaced],
        },
    )]
}

fn account(words: Words) -> Vec<Sample> {
    let account = || words.account.to_owned();
    let session = |id: &str, is_this| SessionLine {
        id: id.to_owned(),
        device: words.device.to_owned(),
        address: Some(words.address.to_owned()),
        began: at(90),
        last_used: Some(at(100)),
        is_this,
    };
    vec![
        sample(
            "settings",
            SettingsPage {
                account: "alice".to_owned(),
                email: Some(words.account.to_owned()),
                authenticators: 1,
                sessions: vec![session("1", true), session(words.sentence, false)],
                applications: vec![ApplicationLine {
                    id: words.sentence.to_owned(),
                    name: words.application.to_owned(),
                    scopes: scopes(words),
                    since: at(50),
                }],
                notices: vec![Notice::PasswordChanged],
            },
        ),
        sample(
            "settings-empty",
            SettingsPage {
                account: account(),
                email: None,
                authenticators: 0,
                sessions: vec![session("1", true)],
                applications: Vec::new(),
                notices: Vec::new(),
            },
        ),
        sample(
            "change-password",
            ChangePasswordPage {
                account: account(),
                minimum: 8,
                current_error: Some(FieldError::WrongPassword),
                new_errors: vec![FieldError::PasswordTooShort, FieldError::PasswordCommon],
                repeat_error: Some(FieldError::PasswordsDiffer),
                cancel: Href::page("/auth/settings", ""),
                notices: Vec::new(),
            },
        ),
        sample(
            "forgot-password",
            ForgotPasswordPage {
                username: Field {
                    value: words.account.to_owned(),
                    error: Some(FieldError::Malformed),
                },
                is_sent: false,
                login: Href::page("/auth/login", ""),
                notices: Vec::new(),
            },
        ),
        sample(
            "forgot-password-sent",
            ForgotPasswordPage {
                username: Field::default(),
                is_sent: true,
                login: Href::page("/auth/login", ""),
                notices: Vec::new(),
            },
        ),
        sample(
            "reset-password",
            ResetPasswordPage {
                account: Some(account()),
                minimum: 8,
                new_errors: Vec::new(),
                repeat_error: None,
                hidden: hidden(words),
                notices: Vec::new(),
            },
        ),
    ]
}

fn others(words: Words) -> Vec<Sample> {
    let application = || words.application.to_owned();
    let account = || words.account.to_owned();
    vec![
        sample(
            "device",
            DevicePage {
                user_code: Field {
                    value: words.secret.chars().take(9).collect(),
                    error: Some(FieldError::Malformed),
                },
                notices: vec![Notice::DeviceCodeRefused],
            },
        ),
        sample(
            "device-approval",
            DeviceApprovalPage {
                application: application(),
                user_code: "WDJB-MJHT".to_owned(),
                account: account(),
                scopes: scopes(words),
                address: Some(words.address.to_owned()),
                hidden: hidden(words),
                notices: Vec::new(),
            },
        ),
        sample(
            "device-allowed",
            DeviceDonePage {
                application: application(),
                is_allowed: true,
            },
        ),
        sample(
            "device-denied",
            DeviceDonePage {
                application: application(),
                is_allowed: false,
            },
        ),
        sample(
            "logout",
            LogoutPage {
                application: Some(application()),
                account: account(),
                cancel: Href::page("/auth/settings", ""),
                sends_itself: true,
                hidden: hidden(words),
                notices: Vec::new(),
            },
        ),
        sample(
            "logged-out",
            LoggedOutPage {
                text: None,
                application: Some(ApplicationLink {
                    name: application(),
                    href: Href::page("/", ""),
                }),
                login: Some(Href::page("/auth/login", "")),
            },
        ),
        sample(
            "logged-out-text",
            LoggedOutPage {
                text: Some(words.sentence.to_owned()),
                application: None,
                login: None,
            },
        ),
        sample(
            "error",
            ErrorPage {
                kind: ErrorKind::UnregisteredRedirect,
                detail: Some(words.sentence.to_owned()),
                request_id: Some("8f3a91c04be2-1187".to_owned()),
                back: None,
            },
        ),
        sample(
            "error-internal",
            ErrorPage {
                kind: ErrorKind::Internal,
                detail: None,
                request_id: Some("8f3a91c04be2-1187".to_owned()),
                back: Some(Href::page("/auth/settings", "")),
            },
        ),
    ]
}
