//! The form of a token: three parts in base64url, and the header. Everything that is optional in RFC 7515 is refused.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::claims::TokenFault;
use domain::signing_key::{Algorithm, KeyPurpose, Kid};
use serde::{Deserialize, Serialize};

/// The longest token, in bytes. Ours have about 700; a header field of HTTP rarely holds more than 8 KiB.
pub(crate) const TOKEN_MAX: usize = 8 * 1024;
/// The longest header, in bytes.
const HEADER_MAX: usize = 1024;
/// Base64 decoders ask for room by estimate, up to three bytes more than they write.
const HEADER_ROOM: usize = HEADER_MAX + 3;

/// The kinds of our own tokens. Keys of one purpose sign one kind, but for ID tokens, whose keys sign logout tokens, too:
/// a client has one set of keys for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    AccessToken,
    Orion,
    IdToken,
    Logout,
}

impl Kind {
    /// What is read with keys of this purpose. Logout tokens are never read here.
    pub(crate) const fn read_with(purpose: KeyPurpose) -> Self {
        match purpose {
            KeyPurpose::AccessToken => Self::AccessToken,
            KeyPurpose::Orion => Self::Orion,
            KeyPurpose::IdToken => Self::IdToken,
        }
    }

    /// The values of `typ` by which tokens of one kind are told from those of another (RFC 8725 section 3.11); the first is
    /// ours.
    const fn types(self) -> [&'static str; 2] {
        match self {
            // RFC 9068 section 2.1. The other is the media type in full, which means the same (RFC 7515 section 4.1.9).
            Self::AccessToken => ["at+jwt", "application/at+jwt"],
            // What that service writes, and nothing that stands for it: the type says so little that it is taken by the
            // letter. Clients know ID tokens by the same; there the claims tell one from the other.
            Self::Orion | Self::IdToken => ["JWT", "JWT"],
            // OpenID Connect Back-Channel Logout section 2.4.
            Self::Logout => ["logout+jwt", "application/logout+jwt"],
        }
    }
}

/// Room for a header, to be passed to [`Compact::header`].
pub(crate) const fn header_buffer() -> [u8; HEADER_ROOM] {
    [0; HEADER_ROOM]
}

/// The header. These are all members that it may have, each once: `jwk`, `jku`, `x5u`, `x5c`, `crit`, `b64`, `zip`, `cty`
/// and whatever comes next are refused without a list of them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WireHeader<'text> {
    #[serde(borrow)]
    typ: Cow<'text, str>,
    #[serde(borrow)]
    pub(crate) alg: Cow<'text, str>,
    #[serde(borrow)]
    pub(crate) kid: Cow<'text, str>,
}

impl<'text> WireHeader<'text> {
    /// The header of the tokens of a kind that a key signs.
    pub(crate) fn of(kind: Kind, algorithm: Algorithm, kid: &'text Kid) -> Self {
        let [typ, _] = kind.types();
        Self {
            typ: typ.into(),
            alg: algorithm.name().into(),
            kid: kid.as_str().into(),
        }
    }
}

/// A token cut into its parts, nothing of it decoded.
pub(crate) struct Compact<'token> {
    header: &'token str,
    payload: &'token str,
    signature: &'token str,
    signed: &'token str,
}

impl<'token> Compact<'token> {
    /// Cuts a token. There are exactly two dots in it.
    pub(crate) fn read(token: &'token str) -> Result<Self, TokenFault> {
        if token.len() > TOKEN_MAX {
            return Err(TokenFault::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenFault::Malformed)?;
        if payload.contains('.') {
            return Err(TokenFault::Malformed);
        }
        Ok(Self {
            header,
            payload,
            signature,
            signed,
        })
    }

    /// Decodes the header and checks its form and that its type is that of the kind; not its algorithm and key.
    pub(crate) fn header<'text>(
        &self,
        kind: Kind,
        buffer: &'text mut [u8; HEADER_ROOM],
    ) -> Result<WireHeader<'text>, TokenFault> {
        let header: WireHeader<'_> = self.header_as(buffer)?;
        // Media types are compared without regard to letter case (RFC 2045 section 5.1).
        if kind.types().iter().any(|typ| header.typ.eq_ignore_ascii_case(typ)) {
            Ok(header)
        } else {
            Err(TokenFault::Malformed)
        }
    }

    /// Decodes the header as an object of these members, and judges nothing of it.
    pub(crate) fn header_as<'text, T: Deserialize<'text>>(
        &self,
        buffer: &'text mut [u8; HEADER_ROOM],
    ) -> Result<T, TokenFault> {
        let length = URL_SAFE_NO_PAD
            .decode_slice(self.header, buffer)
            .map_err(|_| TokenFault::Malformed)?;
        let json = buffer.get(..length.min(HEADER_MAX)).ok_or(TokenFault::Malformed)?;
        read_object(json)
    }

    /// What the signature is over (RFC 7515 section 5.2, step 8).
    pub(crate) const fn signed(&self) -> &'token [u8] {
        self.signed.as_bytes()
    }

    /// Decodes the signature.
    pub(crate) fn signature(&self) -> Result<Vec<u8>, TokenFault> {
        decode(self.signature)
    }

    /// Decodes the payload.
    pub(crate) fn payload(&self) -> Result<Vec<u8>, TokenFault> {
        decode(self.payload)
    }
}

/// Without padding, line breaks and bits left over (RFC 7515 section 2), so that no token has two spellings.
fn decode(part: &str) -> Result<Vec<u8>, TokenFault> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenFault::Malformed)
}

/// Reads a JSON object. Structs refuse repeated and unknown names by themselves; they would also be read from an array.
pub(crate) fn read_object<'json, T: Deserialize<'json>>(json: &'json [u8]) -> Result<T, TokenFault> {
    if !json.trim_ascii_start().starts_with(b"{") {
        return Err(TokenFault::Malformed);
    }
    serde_json::from_slice(json).map_err(|_| TokenFault::Malformed)
}
