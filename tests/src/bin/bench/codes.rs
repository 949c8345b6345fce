//! Logins with a one-time code. A code is good once and a step lasts half a minute, so a load that logs in over and over needs
//! codes that do not wait for time: the accounts have counter-based authenticators (RFC 4226), whose check costs one HMAC for
//! each counter of the look-ahead where a time-based one costs one for each step of the window.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::one_time_code::{Digits, HashAlgorithm, OneTimeCode, Position};
use domain::otp_secret::OtpSecret;
use serde_json::json;
use zeroize::Zeroizing;

use crate::load::{Request, Script};
use crate::service::{PASSWORD, Service};

/// An account with a counter-based authenticator, and where its counter stands.
pub struct CodeAccount {
    name: String,
    secret: Arc<OtpSecret>,
    next: Arc<AtomicI64>,
}

impl CodeAccount {
    /// Makes `count` of them, as an operator does who brings them from another service.
    pub fn import(service: &Service, count: usize) -> Vec<Self> {
        let accounts: Vec<Self> = (0..count)
            .map(|place| Self {
                name: format!("code-{place}@example.org"),
                secret: Arc::new(OtpSecret::from_bytes(Zeroizing::new(
                    format!("{place:020}").into_bytes(),
                ))),
                next: Arc::new(AtomicI64::new(0)),
            })
            .collect();
        let lines: Vec<String> = accounts
            .iter()
            .map(|account| {
                let secret = account.secret.to_base32();
                json!({
                    "username": account.name, "email": account.name, "password": PASSWORD,
                    "authenticators": [{ "name": "Token", "type": "hotp", "secret": secret.as_str() }],
                })
                .to_string()
            })
            .collect();
        service.import(&lines.join("\n"));
        accounts
    }

    fn code(secret: &OtpSecret, next: &AtomicI64) -> String {
        let position = Position::new(next.fetch_add(1, Ordering::Relaxed));
        OneTimeCode::compute(secret, position, HashAlgorithm::Sha1, Digits::Six)
            .expose()
            .to_owned()
    }

    /// Logs in with password and code, over and over.
    pub fn logins(&self) -> Script {
        let (name, secret, next) = (self.name.clone(), Arc::clone(&self.secret), Arc::clone(&self.next));
        Box::new(move |_| {
            let otp = Self::code(&secret, &next);
            let body = json!({ "username": name, "password": PASSWORD, "otp": otp });
            Request::post("/v1/token", &body.to_string())
        })
    }

    /// Sends a code alone to the Orion profile, over and over: everything of a login but the hash.
    pub fn codes_alone(&self) -> Script {
        let (name, secret, next) = (self.name.clone(), Arc::clone(&self.secret), Arc::clone(&self.next));
        Box::new(move |_| {
            let otp = Self::code(&secret, &next);
            Request::form(
                "/api/users/google/2FAuth/validate",
                &format!("email={}&code={otp}", name.replace('@', "%40")),
            )
        })
    }
}
