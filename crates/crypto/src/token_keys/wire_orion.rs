//! The claims of a token of the Orion profile as JSON. Types are as exact as those of an access token.

use std::borrow::Cow;

use application::ports::KeyFailure;
use domain::claims::TokenFault;
use domain::id::{SessionId, TokenId, UserId};
use domain::orion::{OrionClaims, groups_named};
use serde::{Deserialize, Serialize};

use super::failure;
use super::token_form::read_object;
use super::wire_claims::{date, proved};

/// The claims. Every one must be there, once; there are no others. The first eight are what that service writes, the rest is
/// ours: its readers pass over what they do not know.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireOrion<'text> {
    #[serde(borrow)]
    iss: Cow<'text, str>,
    #[serde(borrow)]
    upn: Cow<'text, str>,
    groups: Vec<&'text str>,
    #[serde(borrow)]
    c_hash: Cow<'text, str>,
    #[serde(borrow)]
    email: Cow<'text, str>,
    iat: i64,
    exp: i64,
    #[serde(borrow)]
    jti: Cow<'text, str>,
    #[serde(borrow)]
    sid: Cow<'text, str>,
    amr: Vec<&'text str>,
    acr: &'text str,
    auth_time: i64,
}

impl<'text> WireOrion<'text> {
    /// The JSON of these claims.
    pub(super) fn write(claims: &OrionClaims) -> Result<Vec<u8>, KeyFailure> {
        let groups = groups_named(&claims.groups).ok_or_else(|| failure("signs for no such groups"))?;
        let wire = WireOrion {
            iss: claims.issuer.as_str().into(),
            upn: claims.email.as_str().into(),
            groups: groups.to_vec(),
            c_hash: claims.subject.to_string().into(),
            email: claims.email.as_str().into(),
            iat: claims.issued_at.seconds(),
            exp: claims.expires_at.seconds(),
            jti: claims.token.to_string().into(),
            sid: claims.session.to_string().into(),
            amr: claims.proved.amr(),
            acr: claims.proved.assurance().acr(),
            auth_time: claims.proved.at().seconds(),
        };
        serde_json::to_vec(&wire).map_err(|_| failure("cannot write the claims"))
    }

    /// Reads a payload whose signature was right. Who issued it and when is not judged here.
    pub(super) fn read(payload: &'text [u8]) -> Result<OrionClaims, TokenFault> {
        let wire: Self = read_object(payload)?;
        wire.claims().ok_or(TokenFault::Malformed)
    }

    fn claims(self) -> Option<OrionClaims> {
        let is_one_address = self.upn == self.email;
        is_one_address.then_some(())?;
        Some(OrionClaims {
            subject: UserId::parse(&self.c_hash)?,
            token: TokenId::parse(&self.jti)?,
            session: SessionId::parse(&self.sid)?,
            groups: groups_named(&self.groups)?.to_vec(),
            proved: proved(&self.amr, self.acr, date(self.auth_time)?)?,
            issued_at: date(self.iat)?,
            expires_at: date(self.exp)?,
            issuer: self.iss.into_owned(),
            email: self.email.into_owned(),
        })
    }
}
