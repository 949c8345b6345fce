//! One authenticator of the file, or of standard input.

use application::admin::ImportedAuthenticator;
use domain::authenticator::{AuthenticatorName, OtpKind, OtpParameters};
use domain::key_uri;
use domain::one_time_code::{Digits, HashAlgorithm, Position};
use domain::otp_secret::OtpSecret;
use domain::totp::Period;

use super::fields::{Fields, Read};

const URI: &str = "otpauth_uri";
/// What a key URI says, too.
const SAID_BY_URI: [&str; 6] = ["type", "secret", "algorithm", "digits", "period", "counter"];
const KNOWN: [&str; 8] = [
    "name",
    URI,
    "type",
    "secret",
    "algorithm",
    "digits",
    "period",
    "counter",
];

/// Everything but the name.
pub(super) struct Key {
    pub(super) parameters: OtpParameters,
    pub(super) position: Position,
    pub(super) secret: OtpSecret,
}

impl Key {
    /// A key URI, or the secret of a TOTP as every app knows it.
    pub(super) fn from_text(text: &str) -> Result<Self, String> {
        let scheme = text.split(':').next().unwrap_or_default();
        if scheme.eq_ignore_ascii_case("otpauth") {
            return Self::from_uri(text).map_err(|fault| format!("the otpauth URI {fault}"));
        }
        let secret = OtpSecret::parse(text).map_err(|fault| {
            format!("what is no URI that begins with `otpauth://` is taken for a secret, and that {fault}")
        })?;
        Ok(Self {
            parameters: OtpParameters::TOTP,
            position: Position::NONE,
            secret,
        })
    }

    fn from_uri(uri: &str) -> Result<Self, key_uri::KeyUriFault> {
        key_uri::parse(uri).map(|key| Self {
            parameters: key.parameters,
            position: key.position,
            secret: key.secret,
        })
    }
}

pub(super) fn read(mut fields: Fields<'_>) -> Read<ImportedAuthenticator> {
    let name = fields.required("name", AuthenticatorName::new);
    let key = if fields.has(URI) {
        by_uri(&mut fields)
    } else {
        by_fields(&mut fields)
    };
    fields.close(&KNOWN)?;
    let (name, key) = (name?, key?);
    Ok(ImportedAuthenticator {
        name,
        parameters: key.parameters,
        position: key.position,
        secret: key.secret,
    })
}

fn by_uri(fields: &mut Fields<'_>) -> Read<Key> {
    let mut key = fields.required(URI, Key::from_uri);
    for name in SAID_BY_URI {
        if fields.has(name) {
            key = Err(fields.refuse(
                name,
                format!("is there beside `{URI}`, which says it: give one of the two"),
            ));
        }
    }
    key
}

fn by_fields(fields: &mut Fields<'_>) -> Read<Key> {
    let is_totp = fields.required("type", |name| match name {
        "totp" => Ok(true),
        "hotp" => Ok(false),
        _ => Err("must be \"totp\" or \"hotp\""),
    });
    let secret = fields.required("secret", OtpSecret::parse);
    let algorithm = fields.parsed("algorithm", |name| {
        HashAlgorithm::from_name(name).ok_or("must be \"SHA1\", \"SHA256\" or \"SHA512\"")
    });
    let digits = small(fields, "digits", Digits::from_number, "must be 6 or 8");
    // A period beside a counter means nothing and is often exported; it must still be a possible one.
    let period = small(fields, "period", Period::from_seconds, "must be 30 or 60");
    let counter = match fields.number("counter") {
        Ok(Some(number)) => i64::try_from(number).map_err(|_| fields.refuse("counter", "is too large")),
        Ok(None) => Ok(0),
        Err(noted) => Err(noted),
    };
    let (period, counter) = (period?.unwrap_or(Period::Thirty), counter?);
    let (kind, position) = if is_totp? {
        (OtpKind::Totp(period), Position::NONE)
    } else {
        (OtpKind::Hotp, Position::before_counter(counter))
    };
    Ok(Key {
        parameters: OtpParameters {
            kind,
            algorithm: algorithm?.unwrap_or(HashAlgorithm::Sha1),
            digits: digits?.unwrap_or(Digits::Six),
        },
        position,
        secret: secret?,
    })
}

fn small<T>(fields: &mut Fields<'_>, name: &str, known: fn(u8) -> Option<T>, allowed: &str) -> Read<Option<T>> {
    let Some(number) = fields.number(name)? else {
        return Ok(None);
    };
    match u8::try_from(number).ok().and_then(known) {
        Some(value) => Ok(Some(value)),
        None => Err(fields.refuse(name, allowed)),
    }
}
