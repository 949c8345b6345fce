//! The claims of an access token as JSON (RFC 9068 section 2.2). Types are exact: a number is no string, a string no array.

use std::borrow::Cow;

use domain::claims::{Claims, TokenFault, Use};
use domain::factor::{FactorType, Proved};
use domain::id::{SessionId, TokenId, UserId};
use domain::scope::Scopes;
use domain::time::Timestamp;
use domain::user::Epoch;
use serde::{Deserialize, Deserializer, Serialize};

use super::token_form::read_object;
use super::{actor, audience};

/// The end of the year 9999. Later instants, and those before 1970, are no dates of a token.
pub(crate) const LAST_SECOND: i64 = 253_402_300_799;

/// The value of `use` that stands for [`Use::Once`]; [`Use::Many`] has no claim.
const ONCE: &str = "once";

/// The claims. Every one but `use` and `act` must be there, once; there are no others, because there is no other issuer.
///
/// Claims that are `&str` hold values that never need an escape in JSON; one that has an escape anyway is refused.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireClaims<'text> {
    #[serde(borrow)]
    iss: Cow<'text, str>,
    #[serde(borrow)]
    sub: Cow<'text, str>,
    #[serde(serialize_with = "audience::write", deserialize_with = "audience::read")]
    aud: Vec<String>,
    exp: i64,
    nbf: i64,
    iat: i64,
    #[serde(borrow)]
    jti: Cow<'text, str>,
    #[serde(borrow)]
    client_id: Cow<'text, str>,
    #[serde(borrow)]
    scope: Cow<'text, str>,
    acr: &'text str,
    amr: Vec<&'text str>,
    auth_time: i64,
    #[serde(borrow)]
    sid: Cow<'text, str>,
    #[serde(borrow)]
    username: Cow<'text, str>,
    epoch: i64,
    #[serde(
        rename = "use",
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    usage: Option<&'text str>,
    #[serde(
        default,
        serialize_with = "actor::write",
        deserialize_with = "actor::read",
        skip_serializing_if = "Option::is_none"
    )]
    act: Option<String>,
}

/// `null` is not the same as absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de str>, D::Error> {
    <&str>::deserialize(deserializer).map(Some)
}

impl<'text> WireClaims<'text> {
    /// The JSON of these claims.
    pub(super) fn write(claims: &Claims) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(&WireClaims {
            iss: claims.issuer.as_str().into(),
            sub: claims.subject.to_string().into(),
            aud: claims.audience.clone(),
            exp: claims.expires_at.seconds(),
            nbf: claims.not_before.seconds(),
            iat: claims.issued_at.seconds(),
            jti: claims.token.to_string().into(),
            client_id: claims.client_id.as_str().into(),
            scope: claims.scopes.to_string().into(),
            acr: claims.proved.assurance().acr(),
            amr: claims.proved.amr(),
            auth_time: claims.proved.at().seconds(),
            sid: claims.session.to_string().into(),
            username: claims.username.as_str().into(),
            epoch: claims.epoch.0,
            usage: match claims.usage {
                Use::Many => None,
                Use::Once => Some(ONCE),
            },
            act: claims.actor.clone(),
        })
    }

    /// Reads a payload whose signature was right. Who issued it, for whom and when is not judged here.
    pub(super) fn read(payload: &'text [u8]) -> Result<Claims, TokenFault> {
        let wire: Self = read_object(payload)?;
        wire.claims().ok_or(TokenFault::Malformed)
    }

    fn claims(self) -> Option<Claims> {
        Some(Claims {
            subject: UserId::parse(&self.sub)?,
            token: TokenId::parse(&self.jti)?,
            session: SessionId::parse(&self.sid)?,
            scopes: scopes(&self.scope)?,
            proved: proved(&self.amr, self.acr, date(self.auth_time)?)?,
            epoch: (self.epoch >= Epoch::FIRST.0).then_some(Epoch(self.epoch))?,
            usage: match self.usage {
                None => Use::Many,
                Some(ONCE) => Use::Once,
                Some(_) => return None,
            },
            issued_at: date(self.iat)?,
            not_before: date(self.nbf)?,
            expires_at: date(self.exp)?,
            issuer: self.iss.into_owned(),
            audience: self.aud,
            actor: self.act,
            client_id: self.client_id.into_owned(),
            username: self.username.into_owned(),
        })
    }
}

pub(super) fn date(seconds: i64) -> Option<Timestamp> {
    (0..=LAST_SECOND)
        .contains(&seconds)
        .then(|| Timestamp::from_seconds(seconds))
}

pub(super) fn scopes(text: &str) -> Option<Scopes> {
    if text.is_empty() {
        Some(Scopes::default())
    } else {
        Scopes::parse(text).ok()
    }
}

/// `amr` must be as we write it, and `acr` what follows from it: the two are never believed apart. Which of the two kinds of
/// one-time code `otp` stood for is not in a token; they are worth the same.
pub(super) fn proved(amr: &[&str], acr: &str, at: Timestamp) -> Option<Proved> {
    let factors: Vec<FactorType> = amr
        .iter()
        .map(|value| FactorType::from_amr(value))
        .collect::<Option<_>>()?;
    let proved = Proved::new(factors, at);
    let is_honest = !amr.is_empty() && proved.amr() == amr && proved.assurance().acr() == acr;
    is_honest.then_some(proved)
}
