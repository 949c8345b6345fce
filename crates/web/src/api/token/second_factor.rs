//! Reading a second factor from the members of a body: one of three kinds, and what goes with it.

use application::sign_in::SecondFactor;
use domain::authenticator::SentCode;
use domain::one_time_code::OneTimeCode;
use domain::recovery_code::RecoveryCode;
use domain::secret::SecretKey;

use crate::api::authenticator::id_at;
use crate::json::{Id, SecretText};
use crate::problem::{Code, Fault, Problem};

/// What was sent. A text that cannot be what it stands for is bad input: the caller learns that, and no guess is charged.
pub(crate) struct Sent {
    /// The secret key, with the place where it was sent.
    pub secret_key: Option<(&'static str, SecretText)>,
    /// `otp`
    pub otp: Option<SecretText>,
    /// `next_otp`
    pub next_otp: Option<SecretText>,
    /// `authenticator`
    pub authenticator: Option<Id>,
    /// `recovery_code`
    pub recovery_code: Option<SecretText>,
}

impl Sent {
    /// What is said at `/otp` if there must be a second factor and there is none.
    pub const MISSING: &'static str = "is missing, and so are `secret_key` and `recovery_code`: send one of the three";

    /// Whether no second factor was sent.
    pub const fn is_empty(&self) -> bool {
        self.secret_key.is_none() && self.otp.is_none() && self.recovery_code.is_none()
    }

    /// Finds what does not go together.
    pub fn check(&self, faults: &mut Vec<Fault>) {
        let sent = [
            self.secret_key.as_ref().map(|(place, _)| *place),
            self.otp.as_ref().map(|_| "/otp"),
            self.recovery_code.as_ref().map(|_| "/recovery_code"),
        ];
        let mut sent = sent.into_iter().flatten();
        if sent.next().is_some() {
            faults.extend(sent.map(|place| Fault::new(place, "must not be sent together with another second factor")));
        }
        if self.otp.is_none() {
            let lonely = [
                self.next_otp.as_ref().map(|_| "/next_otp"),
                self.authenticator.as_ref().map(|_| "/authenticator"),
            ];
            faults.extend(
                lonely
                    .into_iter()
                    .flatten()
                    .map(|place| Fault::new(place, "goes with `otp`, which is missing")),
            );
        }
    }

    /// Reads it; `None` if nothing was sent.
    pub fn read(self) -> Result<Option<SecondFactor>, Problem> {
        if let Some((place, text)) = &self.secret_key {
            return secret_key(place, text).map(|key| Some(SecondFactor::SecretKey(key)));
        }
        if let Some(text) = &self.recovery_code {
            return recovery_code("/recovery_code", text).map(|code| Some(SecondFactor::RecoveryCode(code)));
        }
        let Some(otp) = &self.otp else { return Ok(None) };
        let authenticator = self
            .authenticator
            .as_ref()
            .map(|id| id_at("/authenticator", id))
            .transpose()?;
        Ok(Some(SecondFactor::OneTimeCode {
            sent: sent_code(otp, self.next_otp.as_ref())?,
            authenticator,
        }))
    }
}

/// A secret key that was sent at `place`.
pub(crate) fn secret_key(place: &'static str, text: &SecretText) -> Result<SecretKey, Problem> {
    SecretKey::parse(&text.0).map_err(|malformed| Problem::fault(Code::InvalidSecretKey, place, malformed.to_string()))
}

fn recovery_code(place: &'static str, text: &SecretText) -> Result<RecoveryCode, Problem> {
    let malformed = |fault: domain::recovery_code::NotARecoveryCode| {
        Problem::fault(Code::InvalidRecoveryCode, place, fault.to_string())
    };
    RecoveryCode::parse(&text.0).map_err(malformed)
}

/// `otp`, and `next_otp` if it is there.
pub(crate) fn sent_code(otp: &SecretText, next: Option<&SecretText>) -> Result<SentCode, Problem> {
    Ok(SentCode {
        code: code("/otp", otp)?,
        next: next.map(|text| code("/next_otp", text)).transpose()?,
    })
}

fn code(place: &'static str, text: &SecretText) -> Result<OneTimeCode, Problem> {
    OneTimeCode::parse(&text.0).map_err(|fault| Problem::fault(Code::InvalidRequest, place, fault.to_string()))
}
