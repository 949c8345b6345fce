//! Key URIs: `otpauth://totp/ISSUER:ACCOUNT?secret=..&issuer=..`, which authenticator apps read from a QR code. There is no
//! standard; this writes what the common apps agree on, and reads what other services export.

use std::fmt::Write;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use zeroize::Zeroizing;

use crate::authenticator::{OtpKind, OtpParameters};
use crate::one_time_code::{Digits, HashAlgorithm, Position};
use crate::otp_secret::{OtpSecret, OtpSecretFault};
use crate::totp::Period;

/// Everything but the unreserved characters (RFC 3986 section 2.3): a colon in a name must not look like the one between the
/// names, and a plus must not become a space.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The longest URI that is read, in bytes.
const URI_MAX: usize = 2_048;

/// The names that an app shows.
#[derive(Debug, Clone, Copy)]
pub struct Label<'a> {
    /// Who asks for the codes.
    pub issuer: &'a str,
    /// For which account.
    pub account: &'a str,
}

/// Writes the URI. The issuer stands in both places, the colon between the names is literal, the secret has no padding.
/// `counter` is the next one of an HOTP.
pub fn write(label: Label<'_>, parameters: &OtpParameters, counter: Position, secret: &OtpSecret) -> Zeroizing<String> {
    let issuer = utf8_percent_encode(label.issuer, ESCAPED);
    let account = utf8_percent_encode(label.account, ESCAPED);
    let text = secret.to_base32();
    let (algorithm, digits) = (parameters.algorithm.name(), parameters.digits.number());
    // Room for everything from the start: growing would leave copies of the secret behind.
    let mut uri = Zeroizing::new(String::with_capacity(
        128 + 6 * (label.issuer.len() + label.account.len()) * 3 + text.len(),
    ));
    // Writing to a string cannot fail.
    let _ = match parameters.kind {
        OtpKind::Totp(period) => write!(
            uri,
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm={algorithm}&digits={digits}&period={}",
            text.as_str(),
            period.seconds(),
        ),
        OtpKind::Hotp => write!(
            uri,
            "otpauth://hotp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm={algorithm}&digits={digits}&counter={}",
            text.as_str(),
            counter.number().max(0),
        ),
    };
    uri
}

/// Writes the URI as the Orion service does: `issuer:account` escaped as one text, and no parameter that has its default.
pub fn write_for_orion(label: Label<'_>, secret: &OtpSecret) -> Zeroizing<String> {
    let names = format!("{}:{}", label.issuer, label.account);
    let text = secret.to_base32();
    let mut uri = Zeroizing::new(String::with_capacity(
        64 + 3 * names.len() + 3 * label.issuer.len() + text.len(),
    ));
    let _ = write!(
        uri,
        "otpauth://totp/{}?secret={}&issuer={}",
        utf8_percent_encode(&names, ESCAPED),
        text.as_str(),
        utf8_percent_encode(label.issuer, ESCAPED),
    );
    uri
}

/// What a key URI says.
pub struct Key {
    /// The account's name, as the other service called it; may be empty.
    pub account: String,
    /// How codes are made.
    pub parameters: OtpParameters,
    /// The last position that was accepted elsewhere; [`Position::NONE`] for a TOTP.
    pub position: Position,
    /// The shared secret.
    pub secret: OtpSecret,
}

/// Why a text is not a key URI that codes can be made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyUriFault {
    /// Another scheme, or no form of a URI.
    #[error("must begin with `otpauth://totp/` or `otpauth://hotp/`")]
    Kind,
    /// Longer than any of these is.
    #[error("is too long")]
    TooLong,
    /// Not UTF-8 behind the escapes.
    #[error("has an escape that is not UTF-8")]
    Encoding,
    /// A parameter is there twice.
    #[error("has the parameter `{0}` more than once")]
    Repeated(&'static str),
    /// There is no secret.
    #[error("has no parameter `secret`")]
    NoSecret,
    /// The secret cannot be used.
    #[error("has a `secret` that {0}")]
    Secret(OtpSecretFault),
    /// A hash that is not known.
    #[error("has an `algorithm` that is none of SHA1, SHA256, SHA512")]
    Algorithm,
    /// Another length of codes.
    #[error("has `digits` that are neither 6 nor 8")]
    Digits,
    /// Another length of steps.
    #[error("has a `period` that is neither 30 nor 60")]
    Period,
    /// A counter that is no number.
    #[error("has a `counter` that is not a whole number")]
    Counter,
}

/// Reads a key URI. Parameters that mean nothing here are passed over.
pub fn parse(uri: &str) -> Result<Key, KeyUriFault> {
    if uri.len() > URI_MAX {
        return Err(KeyUriFault::TooLong);
    }
    let (head, query) = uri.split_once('?').unwrap_or((uri, ""));
    let (is_totp, label) = ["otpauth://totp/", "otpauth://hotp/"]
        .into_iter()
        .zip([true, false])
        .find_map(|(prefix, is_totp)| Some((is_totp, strip_prefix(head, prefix)?)))
        .ok_or(KeyUriFault::Kind)?;
    let label = decoded(label)?;
    let account = label.split_once(':').map_or(label.as_str(), |(_, account)| account);
    let parameters = Parameters::read(query)?;
    let secret = parameters.secret.ok_or(KeyUriFault::NoSecret)?;
    let counter = parameters.counter.unwrap_or(0);
    Ok(Key {
        account: account.trim().to_owned(),
        parameters: OtpParameters {
            kind: if is_totp {
                OtpKind::Totp(parameters.period.unwrap_or(Period::Thirty))
            } else {
                OtpKind::Hotp
            },
            algorithm: parameters.algorithm.unwrap_or(HashAlgorithm::Sha1),
            digits: parameters.digits.unwrap_or(Digits::Six),
        },
        position: if is_totp {
            Position::NONE
        } else {
            Position::before_counter(counter)
        },
        secret,
    })
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn decoded(text: &str) -> Result<Zeroizing<String>, KeyUriFault> {
    let plain = percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| KeyUriFault::Encoding)?;
    Ok(Zeroizing::new(plain.into_owned()))
}

#[derive(Default)]
struct Parameters {
    secret: Option<OtpSecret>,
    algorithm: Option<HashAlgorithm>,
    digits: Option<Digits>,
    period: Option<Period>,
    counter: Option<i64>,
}

impl Parameters {
    fn read(query: &str) -> Result<Self, KeyUriFault> {
        let mut found = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(value)?;
            match decoded(name)?.to_ascii_lowercase().as_str() {
                "secret" => {
                    let secret = OtpSecret::parse(&value).map_err(KeyUriFault::Secret)?;
                    once("secret", &mut found.secret, secret)?;
                }
                "algorithm" => {
                    let name = value.to_ascii_uppercase().replace("HMAC", "").replace('-', "");
                    let algorithm = HashAlgorithm::from_name(&name).ok_or(KeyUriFault::Algorithm)?;
                    once("algorithm", &mut found.algorithm, algorithm)?;
                }
                "digits" => {
                    let digits = value.parse().ok().and_then(Digits::from_number);
                    once("digits", &mut found.digits, digits.ok_or(KeyUriFault::Digits)?)?;
                }
                "period" => {
                    let period = value.parse().ok().and_then(Period::from_seconds);
                    once("period", &mut found.period, period.ok_or(KeyUriFault::Period)?)?;
                }
                "counter" => {
                    let counter = value.parse().ok().filter(|counter| *counter >= 0);
                    once("counter", &mut found.counter, counter.ok_or(KeyUriFault::Counter)?)?;
                }
                _ => {}
            }
        }
        Ok(found)
    }
}

fn once<T>(name: &'static str, place: &mut Option<T>, value: T) -> Result<(), KeyUriFault> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(KeyUriFault::Repeated(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn secret() -> OtpSecret {
        OtpSecret::from_bytes(Zeroizing::new(b"12345678901234567890".to_vec()))
    }

    #[test]
    fn names_are_escaped_and_the_colon_between_them_is_not() {
        let label = Label {
            issuer: "\u{dc}ber: / ? # & + Co",
            account: "a:b c+d@example.org",
        };
        let uri = write(label, &OtpParameters::TOTP, Position::NONE, &secret());
        let issuer = "%C3%9Cber%3A%20%2F%20%3F%20%23%20%26%20%2B%20Co";
        let expected = format!(
            "otpauth://totp/{issuer}:a%3Ab%20c%2Bd%40example.org?secret={SECRET}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(uri.as_str(), expected);
    }

    #[test]
    fn a_counter_is_the_next_one() {
        let label = Label {
            issuer: "Acme",
            account: "alice",
        };
        let uri = write(label, &OtpParameters::HOTP, Position::new(41).later(1), &secret());
        assert_eq!(
            uri.as_str(),
            format!("otpauth://hotp/Acme:alice?secret={SECRET}&issuer=Acme&algorithm=SHA1&digits=6&counter=42")
        );
        let read = parse(&uri).ok();
        assert_eq!(read.map(|key| key.position), Some(Position::new(41)));
    }

    #[test]
    fn orion_escapes_the_colon_and_leaves_defaults_out() {
        let label = Label {
            issuer: "Orion User Service",
            account: "orion@test.com",
        };
        assert_eq!(
            write_for_orion(label, &secret()).as_str(),
            format!(
                "otpauth://totp/Orion%20User%20Service%3Aorion%40test.com?secret={SECRET}&issuer=Orion%20User%20Service"
            )
        );
    }

    #[test]
    fn what_other_services_export_is_read() {
        let cases = [
            (
                format!("otpauth://totp/alice?secret={SECRET}"),
                "alice",
                OtpParameters::TOTP,
            ),
            (
                format!(
                    "otpauth://TOTP/Acme%3Aalice?secret={}&issuer=Acme&image=x",
                    SECRET.to_lowercase()
                ),
                "alice",
                OtpParameters::TOTP,
            ),
            (
                format!("otpauth://totp/Acme:%20alice?secret={SECRET}&algorithm=HmacSHA512&digits=8&period=60"),
                "alice",
                OtpParameters {
                    kind: OtpKind::Totp(Period::Sixty),
                    algorithm: HashAlgorithm::Sha512,
                    digits: Digits::Eight,
                },
            ),
        ];
        for (uri, account, parameters) in cases {
            let key = parse(&uri).ok();
            let read = key
                .as_ref()
                .map(|key| (key.account.as_str(), key.parameters, key.secret.expose()));
            assert_eq!(read, Some((account, parameters, secret().expose())), "{uri}");
        }
    }

    #[test]
    fn each_fault_has_its_name() {
        let fault = |uri: &str| parse(uri).err();
        assert_eq!(fault("https://example.org"), Some(KeyUriFault::Kind));
        assert_eq!(fault("otpauth://steam/x?secret=A"), Some(KeyUriFault::Kind));
        assert_eq!(fault("otpauth://totp/x"), Some(KeyUriFault::NoSecret));
        assert_eq!(fault("otpauth://totp/%FF?secret=A"), Some(KeyUriFault::Encoding));
        assert_eq!(
            fault("otpauth://totp/x?secret=AAAA"),
            Some(KeyUriFault::Secret(OtpSecretFault::TooShort))
        );
        for (more, expected) in [
            ("algorithm=MD5", KeyUriFault::Algorithm),
            ("digits=7", KeyUriFault::Digits),
            ("period=15", KeyUriFault::Period),
            ("counter=-1", KeyUriFault::Counter),
            ("digits=6&digits=6", KeyUriFault::Repeated("digits")),
        ] {
            assert_eq!(
                fault(&format!("otpauth://totp/x?secret={SECRET}&{more}")),
                Some(expected)
            );
        }
        assert_eq!(
            fault(&format!("otpauth://totp/{}", "x".repeat(3_000))),
            Some(KeyUriFault::TooLong)
        );
    }
}
