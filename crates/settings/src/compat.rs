//! `[compat]`: profiles in which the service speaks like another one.

use crate::loading::fault::quoted;
use crate::loading::reader::{Parsed, Read, Reader};
use crate::{PublicUrl, totp};

/// The profiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compat {
    /// `[compat.orion]`
    pub orion: Orion,
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

impl Compat {
    pub(crate) fn read(from: &mut Reader, public_url: Option<&PublicUrl>) -> Read<Self> {
        let orion = Orion::read(from, public_url);
        Ok(Self { orion: orion? })
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
