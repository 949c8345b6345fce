//! What authenticators look like in bodies and answers.

use application::accounts::Begun;
use domain::authenticator::{Authenticator, AuthenticatorName, AuthenticatorState, OtpKind, OtpParameters};
use domain::id::AuthenticatorId;
use domain::one_time_code::{Digits, HashAlgorithm};
use domain::recovery_code::RecoveryCode;
use domain::totp::Period;
use poem_openapi::{Enum, Object};

use crate::json::{DateTime, DigitCount, Id, PeriodSeconds, SecretText};
use crate::problem::{Code, Problem};

/// What moves the codes of an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "AuthenticatorType", rename_all = "snake_case")]
pub(crate) enum TypeName {
    /// Time (RFC 6238).
    Totp,
    /// A counter (RFC 4226).
    Hotp,
}

/// Whether an authenticator counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "AuthenticatorState", rename_all = "snake_case")]
pub(crate) enum StateName {
    /// It waits for its confirmation; until then it changes nothing.
    Pending,
    /// Its codes prove a factor.
    Active,
}

/// The hash that codes are made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "HashAlgorithm")]
pub(crate) enum AlgorithmName {
    /// What every authenticator app knows.
    #[oai(rename = "SHA1")]
    Sha1,
    /// SHA-256.
    #[oai(rename = "SHA256")]
    Sha256,
    /// SHA-512.
    #[oai(rename = "SHA512")]
    Sha512,
}

impl From<HashAlgorithm> for AlgorithmName {
    fn from(algorithm: HashAlgorithm) -> Self {
        match algorithm {
            HashAlgorithm::Sha1 => Self::Sha1,
            HashAlgorithm::Sha256 => Self::Sha256,
            HashAlgorithm::Sha512 => Self::Sha512,
        }
    }
}

impl From<AlgorithmName> for HashAlgorithm {
    fn from(name: AlgorithmName) -> Self {
        match name {
            AlgorithmName::Sha1 => Self::Sha1,
            AlgorithmName::Sha256 => Self::Sha256,
            AlgorithmName::Sha512 => Self::Sha512,
        }
    }
}

/// An authenticator: something that makes one-time codes, such as an app on a phone or a hardware token. Its secret is shown
/// when it is begun and never again.
#[derive(Object)]
#[oai(rename = "Authenticator", skip_serializing_if_is_none)]
pub(crate) struct AuthenticatorInfo {
    /// Its identity.
    id: Id,
    /// What moves its codes.
    r#type: TypeName,
    /// What its owner calls it.
    name: String,
    /// Whether it counts.
    state: StateName,
    /// The hash that its codes are made with.
    algorithm: AlgorithmName,
    /// How many digits its codes have.
    digits: DigitCount,
    /// For how many seconds a code is the present one. Only of a `totp`.
    period: Option<PeriodSeconds>,
    /// When it was begun.
    created_at: DateTime,
    /// Until when it waits for its confirmation. Only while it is `pending`.
    expires_at: Option<DateTime>,
    /// When it was confirmed.
    confirmed_at: Option<DateTime>,
    /// When a code of it was last accepted.
    last_used_at: Option<DateTime>,
    /// The authenticator that it takes the place of when it is confirmed.
    replaces: Option<Id>,
}

impl From<&Authenticator> for AuthenticatorInfo {
    fn from(authenticator: &Authenticator) -> Self {
        let OtpParameters {
            kind,
            algorithm,
            digits,
        } = authenticator.parameters;
        let (r#type, period) = match kind {
            OtpKind::Totp(period) => (TypeName::Totp, Some(PeriodSeconds(period))),
            OtpKind::Hotp => (TypeName::Hotp, None),
        };
        let (state, expires_at, confirmed_at) = match authenticator.state {
            AuthenticatorState::Pending { expires_at } => (StateName::Pending, Some(expires_at), None),
            AuthenticatorState::Active { confirmed_at } => (StateName::Active, None, Some(confirmed_at)),
        };
        Self {
            id: Id::from(&authenticator.id),
            r#type,
            name: authenticator.name.as_str().to_owned(),
            state,
            algorithm: algorithm.into(),
            digits: DigitCount(digits),
            period,
            created_at: authenticator.created_at.into(),
            expires_at: expires_at.map(DateTime::from),
            confirmed_at: confirmed_at.map(DateTime::from),
            last_used_at: authenticator.used_at.map(DateTime::from),
            replaces: authenticator.replaces.as_ref().map(Id::from),
        }
    }
}

/// Authenticators.
#[derive(Object)]
pub(crate) struct AuthenticatorList {
    /// Active and pending, oldest first.
    pub authenticators: Vec<AuthenticatorInfo>,
}

impl AuthenticatorList {
    /// Of what an account has.
    pub fn of(authenticators: &[Authenticator]) -> Self {
        Self {
            authenticators: authenticators.iter().map(AuthenticatorInfo::from).collect(),
        }
    }
}

/// A pending authenticator with its secret.
#[derive(Object)]
pub(crate) struct BegunAuthenticator {
    #[oai(flatten)]
    authenticator: AuthenticatorInfo,
    /// The secret as Base32 in groups, for typing it into an app. It is shown this once.
    secret: SecretText,
    /// The same, and all that an app must know besides, as a key URI. On a phone, opening it starts the app.
    otpauth_uri: SecretText,
    /// The address of the key URI as a QR code, as long as the authenticator is pending.
    qr: String,
}

impl BegunAuthenticator {
    /// Of what was begun; its QR code is at `qr`.
    pub fn new(begun: &Begun, qr: String) -> Self {
        Self {
            authenticator: AuthenticatorInfo::from(&begun.authenticator),
            secret: SecretText(begun.secret.to_groups().to_string()),
            otpauth_uri: SecretText(begun.key_uri.to_string()),
            qr,
        }
    }
}

/// Recovery codes as they are shown.
pub(crate) fn shown(codes: &[RecoveryCode]) -> Vec<SecretText> {
    codes
        .iter()
        .map(|code| SecretText(code.to_groups().to_string()))
        .collect()
}

/// What moves the codes of a new authenticator; by default in steps of 30 seconds.
pub(crate) fn totp(period: Option<PeriodSeconds>) -> OtpKind {
    OtpKind::Totp(period.map_or(Period::Thirty, |period| period.0))
}

/// How the codes of a new authenticator are made; by default as every app knows it.
pub(crate) fn parameters(kind: OtpKind, algorithm: Option<AlgorithmName>, digits: Option<DigitCount>) -> OtpParameters {
    OtpParameters {
        kind,
        algorithm: algorithm.map_or(HashAlgorithm::Sha1, HashAlgorithm::from),
        digits: digits.map_or(Digits::Six, |digits| digits.0),
    }
}

/// The name of an authenticator, from a body. Its form was checked with the body.
pub(crate) fn name_of(text: &str) -> Result<AuthenticatorName, Problem> {
    AuthenticatorName::new(text).map_err(|fault| Problem::fault(Code::InvalidRequest, "/name", fault.to_string()))
}

/// The identity of an authenticator that a body names at `place`.
pub(crate) fn id_at(place: &'static str, id: &Id) -> Result<AuthenticatorId, Problem> {
    let detail = "must be the `id` of an authenticator";
    AuthenticatorId::parse(&id.0).ok_or_else(|| Problem::fault(Code::InvalidRequest, place, detail))
}

/// The identity of an authenticator in an address.
pub(crate) fn id_in_path(id: &Id) -> Result<AuthenticatorId, Problem> {
    AuthenticatorId::parse(&id.0).ok_or_else(|| Problem::new(Code::NotFound))
}
