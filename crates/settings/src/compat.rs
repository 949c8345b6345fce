//! `[compat]`: profiles in which the service speaks like another one.

use crate::loading::fault::quoted;
use crate::loading::reader::{Parsed, Read, Reader};
use crate::{PublicUrl, totp};

/// The profiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compat {
    /// `[compat.orion]`
    pub orion: Orion,
    /// `[compat.aidbox]`
    pub aidbox: Aidbox,
}

/// The profile of the Orion user service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orion {
    /// Whether it is served.
    pub enabled: bool,
    /// The `iss` of its tokens, and what apps show of authenticators enrolled below `/users`.
    pub issuer: String,
    /// What apps show of authenticators enrolled below `/api/users`.
    pub totp_issuer: String,
    /// Whether a one-time code alone is enough.
    pub allow_code_only: bool,
}

/// The profile of Aidbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aidbox {
    /// Whether it is served.
    pub enabled: bool,
    /// The `AuthConfig` that applies; `None`: the only one, or the oldest.
    pub auth_config: Option<String>,
    /// What happens to attributes without a meaning.
    pub unknown_attributes: UnknownAttributes,
}

/// What happens to attributes that have no meaning here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownAttributes {
    /// They are stored and shown again.
    Keep,
    /// The resource is refused.
    Refuse,
}

impl Compat {
    pub(crate) fn read(from: &mut Reader, public_url: Option<&PublicUrl>) -> Read<Self> {
        let orion = Orion::read(from, public_url);
        let aidbox = Aidbox::read(from);
        Ok(Self {
            orion: orion?,
            aidbox: aidbox?,
        })
    }
}

impl Orion {
    fn read(from: &mut Reader, public_url: Option<&PublicUrl>) -> Read<Self> {
        let enabled = from.switch("compat.orion.enabled");
        let issuer = from.text("compat.orion.issuer", "1 to 64 visible ASCII characters", issuer);
        // A resource that checks no more than signature and issuer must not take the one kind of token for the other.
        let issuer = match issuer {
            Ok(issuer) if public_url.is_some_and(|url| url.as_str() == issuer) => {
                let problem = "it is the same as http.public_url, the issuer of access tokens";
                Err(from.refuse("compat.orion.issuer", problem, "a name of its own"))
            }
            read => read,
        };
        let totp_issuer = from.text("compat.orion.totp_issuer", totp::ISSUER, totp::issuer);
        let allow_code_only = from.switch("compat.orion.allow_code_only");
        Ok(Self {
            enabled: enabled?,
            issuer: issuer?,
            totp_issuer: totp_issuer?,
            allow_code_only: allow_code_only?,
        })
    }
}

impl Aidbox {
    fn read(from: &mut Reader) -> Read<Self> {
        let enabled = from.switch("compat.aidbox.enabled");
        let id = "1 to 64 letters, digits, dots and hyphens";
        let auth_config = from.optional("compat.aidbox.auth_config", id, resource_id);
        let choices = [("keep", UnknownAttributes::Keep), ("refuse", UnknownAttributes::Refuse)];
        let unknown_attributes = from.one_of("compat.aidbox.unknown_attributes", &choices);
        Ok(Self {
            enabled: enabled?,
            auth_config: auth_config?,
            unknown_attributes: unknown_attributes?,
        })
    }
}

/// The id of a resource, as FHIR has it.
fn resource_id(text: &str) -> Parsed<String> {
    let is_right = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    if text.len() > 64 || !text.bytes().all(is_right) {
        return Err(format!("{} is too long, or has another character", quoted(text)));
    }
    Ok(text.to_owned())
}

/// A name that stands in tokens and in apps alike: as narrow as the first, as short as the second.
fn issuer(text: &str) -> Parsed<String> {
    if text.is_empty() {
        return Err("it is empty".into());
    }
    if text.len() > 64 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!(
            "{} is too long, or has a space or another character",
            quoted(text)
        ));
    }
    Ok(text.to_owned())
}
