//! Assertions by which a client proves itself with its own key (RFC 7523 section 2.2, `private_key_jwt`): when one is believed.

use std::time::Duration;

use crate::claims::LEEWAY_MAX;
use crate::client::ClientId;
use crate::time::Timestamp;

/// How far ahead its `exp` may lie at most: for so long its `jti` is remembered.
pub const ASSERTION_MAX: Duration = Duration::from_mins(10);

/// The longest `jti`, in bytes.
pub const ASSERTION_ID_MAX: usize = 256;

/// The claims of an assertion whose signature was right under a key of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientAssertion {
    /// `iss`.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
    /// `aud`.
    pub audience: Vec<String>,
    /// `jti`: a client uses each once.
    pub id: String,
    /// `exp`.
    pub expires_at: Timestamp,
    /// `iat`.
    pub issued_at: Option<Timestamp>,
    /// `nbf`.
    pub not_before: Option<Timestamp>,
}

/// Why an assertion is not believed. The reasons are for logs; a caller is told `invalid_client`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionFault {
    /// `iss` and `sub` are not both the client.
    #[error("by or about another client")]
    Client,
    /// For another authorization server.
    #[error("wrong audience")]
    Audience,
    /// Past its `exp`.
    #[error("expired")]
    Expired,
    /// Before its `nbf` or `iat`.
    #[error("not yet valid")]
    NotYetValid,
    /// Its `exp` lies further ahead than [`ASSERTION_MAX`].
    #[error("lives too long")]
    LivesTooLong,
    /// Its `jti` is empty or too long.
    #[error("has no usable identifier")]
    Identifier,
}

/// What is demanded of an assertion besides its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionExpectation {
    /// What one of its `aud` must be, exactly: the issuer identifier, or the address of the endpoint.
    pub audiences: Vec<String>,
    /// Tolerance for clocks that differ; at most [`LEEWAY_MAX`] counts.
    pub leeway: Duration,
}

impl AssertionExpectation {
    /// Until when the `jti` must be remembered if this is `Ok`: the assertion is believed until then.
    pub fn admit(
        &self,
        assertion: &ClientAssertion,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<Timestamp, AssertionFault> {
        if assertion.issuer != client.as_str() || assertion.subject != client.as_str() {
            return Err(AssertionFault::Client);
        }
        if !assertion.audience.iter().any(|aud| self.audiences.contains(aud)) {
            return Err(AssertionFault::Audience);
        }
        if !(1..=ASSERTION_ID_MAX).contains(&assertion.id.len()) {
            return Err(AssertionFault::Identifier);
        }
        let leeway = self.leeway.min(LEEWAY_MAX);
        let forgotten_at = assertion.expires_at.after(leeway);
        if now >= forgotten_at {
            return Err(AssertionFault::Expired);
        }
        let ahead = now.after(leeway);
        if assertion.expires_at > ahead.after(ASSERTION_MAX) {
            return Err(AssertionFault::LivesTooLong);
        }
        let begins = [assertion.issued_at, assertion.not_before];
        if begins.into_iter().flatten().any(|begin| ahead < begin) {
            return Err(AssertionFault::NotYetValid);
        }
        Ok(forgotten_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    fn assertion() -> ClientAssertion {
        ClientAssertion {
            issuer: "app".into(),
            subject: "app".into(),
            audience: vec!["https://issuer.example".into()],
            id: "1".into(),
            expires_at: Timestamp::from_seconds(1_060),
            issued_at: None,
            not_before: None,
        }
    }

    fn admit(assertion: &ClientAssertion) -> Result<Timestamp, AssertionFault> {
        let expectation = AssertionExpectation {
            audiences: vec![
                "https://issuer.example".into(),
                "https://issuer.example/auth/token".into(),
            ],
            leeway: Duration::from_secs(5),
        };
        expectation.admit(assertion, &ClientId::parse("app").unwrap(), NOW)
    }

    #[test]
    fn it_is_by_and_about_the_client_and_for_us() {
        assert_eq!(admit(&assertion()), Ok(Timestamp::from_seconds(1_065)));
        let endpoint = ClientAssertion {
            audience: vec![
                "https://other.example".into(),
                "https://issuer.example/auth/token".into(),
            ],
            ..assertion()
        };
        assert!(admit(&endpoint).is_ok());
        for (issuer, subject) in [("app", "other"), ("other", "app"), ("App", "App"), ("", "")] {
            let assertion = ClientAssertion {
                issuer: issuer.into(),
                subject: subject.into(),
                ..assertion()
            };
            assert_eq!(admit(&assertion), Err(AssertionFault::Client), "{issuer} {subject}");
        }
        for audience in [
            &[][..],
            &["https://other.example"],
            &["https://issuer.example/"],
            &["app"],
        ] {
            let assertion = ClientAssertion {
                audience: audience.iter().map(|aud| (*aud).to_owned()).collect(),
                ..assertion()
            };
            assert_eq!(admit(&assertion), Err(AssertionFault::Audience), "{audience:?}");
        }
    }

    #[test]
    fn it_lives_now_and_for_ten_minutes_at_most() {
        let until = |second| {
            admit(&ClientAssertion {
                expires_at: Timestamp::from_seconds(second),
                ..assertion()
            })
        };
        assert_eq!(until(995), Err(AssertionFault::Expired));
        assert!(until(996).is_ok());
        assert!(until(1_605).is_ok());
        assert_eq!(until(1_606), Err(AssertionFault::LivesTooLong));
        let from = |iat: Option<i64>, nbf: Option<i64>| {
            admit(&ClientAssertion {
                issued_at: iat.map(Timestamp::from_seconds),
                not_before: nbf.map(Timestamp::from_seconds),
                ..assertion()
            })
        };
        assert!(from(Some(1_005), Some(1_005)).is_ok());
        assert_eq!(from(Some(1_006), None), Err(AssertionFault::NotYetValid));
        assert_eq!(from(Some(900), Some(1_006)), Err(AssertionFault::NotYetValid));
    }

    #[test]
    fn it_has_an_identifier_that_can_be_remembered() {
        for (id, is_usable) in [
            (String::new(), false),
            ("x".repeat(256), true),
            ("x".repeat(257), false),
        ] {
            assert_eq!(admit(&ClientAssertion { id, ..assertion() }).is_ok(), is_usable);
        }
    }
}
