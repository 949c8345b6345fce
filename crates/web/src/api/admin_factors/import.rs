//! Reading an authenticator of another service: a key URI, or what one says in parts.

use application::admin::ImportedAuthenticator;
use domain::authenticator::OtpKind;
use domain::key_uri;
use domain::one_time_code::Position;
use domain::otp_secret::OtpSecret;
use poem_openapi::Object;
use poem_openapi::types::Example;

use crate::api::authenticator::{AlgorithmName, TypeName, name_of, parameters, totp};
use crate::json::{AuthenticatorNameText, DigitCount, PeriodSeconds, SecretText};
use crate::problem::{Code, Fault, Problem};

/// An authenticator of another service: `name` and `otpauth_uri`, or `name`, `type`, `secret` and what differs from the usual.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct AuthenticatorImport {
    /// What to call it: 1 to 64 characters. Two of an account must differ in more than letter case.
    name: AuthenticatorNameText,
    /// The key URI, `otpauth://totp/...` or `otpauth://hotp/...`. Then nothing else but the name is sent.
    otpauth_uri: Option<SecretText>,
    /// What moves its codes.
    r#type: Option<TypeName>,
    /// The shared secret: Base32, at least 26 characters. Spaces and hyphens between them mean nothing.
    secret: Option<SecretText>,
    /// The hash. Absent: `SHA1`.
    algorithm: Option<AlgorithmName>,
    /// How many digits. Absent: 6.
    digits: Option<DigitCount>,
    /// For how many seconds a code is the present one. Only of a `totp`. Absent: 30.
    period: Option<PeriodSeconds>,
    /// The next counter. Only of a `hotp`. Absent: 0.
    #[oai(validator(minimum(value = "0")))]
    counter: Option<i64>,
}

impl Example for AuthenticatorImport {
    fn example() -> Self {
        Self {
            name: AuthenticatorNameText("Phone".to_owned()),
            // The secret of the test values in RFC 4226 appendix D.
            otpauth_uri: Some(SecretText(
                "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example".to_owned(),
            )),
            r#type: None,
            secret: None,
            algorithm: None,
            digits: None,
            period: None,
            counter: None,
        }
    }
}

impl AuthenticatorImport {
    /// What the use case takes.
    pub fn read(self) -> Result<ImportedAuthenticator, Problem> {
        let faults = self.faults();
        if !faults.is_empty() {
            return Err(Problem::faults(Code::InvalidRequest, faults));
        }
        let name = name_of(&self.name.0)?;
        if let Some(uri) = &self.otpauth_uri {
            let key = key_uri::parse(&uri.0)
                .map_err(|fault| Problem::fault(Code::InvalidRequest, "/otpauth_uri", fault.to_string()))?;
            return Ok(ImportedAuthenticator {
                name,
                parameters: key.parameters,
                position: key.position,
                secret: key.secret,
            });
        }
        let (Some(kind), Some(secret)) = (self.r#type, &self.secret) else {
            // Whatever is missing was found above.
            return Err(Problem::new(Code::InvalidRequest));
        };
        let kind = match kind {
            TypeName::Totp => totp(self.period),
            TypeName::Hotp => OtpKind::Hotp,
        };
        let secret = OtpSecret::parse(&secret.0)
            .map_err(|fault| Problem::fault(Code::InvalidRequest, "/secret", fault.to_string()))?;
        Ok(ImportedAuthenticator {
            name,
            parameters: parameters(kind, self.algorithm, self.digits),
            position: self.counter.map_or(Position::NONE, Position::before_counter),
            secret,
        })
    }

    /// What does not go together.
    fn faults(&self) -> Vec<Fault> {
        let parts = [
            ("/type", self.r#type.is_some()),
            ("/secret", self.secret.is_some()),
            ("/algorithm", self.algorithm.is_some()),
            ("/digits", self.digits.is_some()),
            ("/period", self.period.is_some()),
            ("/counter", self.counter.is_some()),
        ];
        if self.otpauth_uri.is_some() {
            let sent = parts.into_iter().filter(|(_, is_sent)| *is_sent);
            return sent
                .map(|(place, _)| Fault::new(place, "must not be sent together with `otpauth_uri`"))
                .collect();
        }
        let missing = parts.into_iter().take(2).filter(|(_, is_sent)| !is_sent);
        let mut faults: Vec<Fault> = missing
            .map(|(place, _)| Fault::new(place, "is missing, and so is `otpauth_uri`"))
            .collect();
        match self.r#type {
            Some(TypeName::Totp) if self.counter.is_some() => {
                faults.push(Fault::new("/counter", "goes with the type `hotp`"));
            }
            Some(TypeName::Hotp) if self.period.is_some() => {
                faults.push(Fault::new("/period", "goes with the type `totp`"));
            }
            _ => {}
        }
        faults
    }
}
