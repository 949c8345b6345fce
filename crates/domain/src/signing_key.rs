//! The keys of the ring: what they are for, and where they are in their life.
//!
//! ```text
//!   next ------> active ------> retiring ------> retired
//!   published    signs          believed         gone from the published set
//! ```
//!
//! A key is published as `next` before it signs, and believed as `retiring` until the last token that it signed has
//! expired, so that no verifier ever meets a valid token with a key it could not know (OpenID Connect Core section 10.1).

use std::fmt;
use std::time::Duration;

use crate::id_token::ID_TOKEN_ALGORITHM;
use crate::orion::ORION_ALGORITHM;
use crate::secret::Sealed;
use crate::time::Timestamp;

/// The name of a key in the ring (`kid`, RFC 7517 section 4.5).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kid(String);

impl Kid {
    /// Makes a name from random bytes: 26 characters of the alphabet of UUIDs, no meaning.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid().simple().to_string())
    }

    /// Wraps a name that was stored or received. It is only ever compared with names in the ring, never used as a path or
    /// in a query (RFC 8725 section 3.10).
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A signature algorithm (RFC 7518 section 3.1, RFC 8037). Symmetric ones and `none` do not exist here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048 bit.
    Rs256,
    /// RSASSA-PSS with SHA-256, 2048 bit.
    Ps256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Rs256, Self::Ps256, Self::EdDsa];

    /// The `alg` value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of exactly that name; letter case counts (RFC 7515 section 4.1.1).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

/// Where a key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyState {
    /// Published, and not yet used.
    Next,
    /// Signs. There is exactly one for each purpose.
    Active,
    /// No longer signs; what it signed is believed.
    Retiring,
    /// Neither signs nor is believed.
    Retired,
}

impl KeyState {
    /// Every state, in the order of a key's life.
    pub const ALL: [Self; 4] = [Self::Next, Self::Active, Self::Retiring, Self::Retired];

    /// The name in answers and the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether tokens signed with a key in this state are believed, and whether it is published.
    pub const fn is_published(self) -> bool {
        !matches!(self, Self::Retired)
    }
}

/// What a key signs. A key signs one kind of token and no other (RFC 8725 section 3.12); each purpose has a `next` and an
/// `active` key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyPurpose {
    /// Access tokens (RFC 9068).
    AccessToken,
    /// Tokens of the Orion profile.
    Orion,
    /// ID tokens (OpenID Connect Core section 2) and logout tokens (OpenID Connect Back-Channel Logout section 2.4).
    IdToken,
}

impl KeyPurpose {
    /// Every purpose.
    pub const ALL: [Self; 3] = [Self::AccessToken, Self::Orion, Self::IdToken];

    /// The name in answers and the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::Orion => "orion",
            Self::IdToken => "id_token",
        }
    }

    /// The purpose of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }
}

/// A key of the ring, its private half sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Its name.
    pub kid: Kid,
    /// What it signs.
    pub purpose: KeyPurpose,
    /// The one algorithm it is for (RFC 8725 section 3.1).
    pub algorithm: Algorithm,
    /// The public key: `SubjectPublicKeyInfo` in DER (RFC 5280 section 4.1).
    pub public_der: Vec<u8>,
    /// The private key: PKCS #8 in DER, sealed.
    pub private: Sealed,
    /// Where it is in its life.
    pub state: KeyState,
    /// When it was made and published.
    pub created_at: Timestamp,
    /// When it came into its present state.
    pub state_since: Timestamp,
}

/// When keys change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotationPolicy {
    /// The algorithm of new keys for access tokens; see [`RotationPolicy::algorithm_for`].
    pub algorithm: Algorithm,
    /// How long a key signs.
    pub active_for: Duration,
    /// How long a key is published before it signs: longer than verifiers cache the published set.
    pub publish_ahead: Duration,
    /// How long a key is believed after it signed last: longer than a token can live.
    pub retire_after: Duration,
}

/// Why a rotation cannot happen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the next key is published too recently: verifiers that cache the key set may not know it yet")]
pub struct TooSoon {
    /// From when it can.
    pub possible_at: Timestamp,
}

impl RotationPolicy {
    /// The algorithm of new keys for `purpose`. Only the readers of access tokens can be told of another one.
    pub const fn algorithm_for(&self, purpose: KeyPurpose) -> Algorithm {
        match purpose {
            KeyPurpose::AccessToken => self.algorithm,
            KeyPurpose::Orion => ORION_ALGORITHM,
            KeyPurpose::IdToken => ID_TOKEN_ALGORITHM,
        }
    }

    /// The keys, of whatever purpose, that nothing valid can be signed with any more.
    pub fn spent<'keys>(&self, keys: &'keys [SigningKey], now: Timestamp) -> Vec<&'keys SigningKey> {
        let is_spent =
            |key: &&SigningKey| key.state == KeyState::Retiring && now >= key.state_since.after(self.retire_after);
        keys.iter().filter(is_spent).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithm_names_are_exact() {
        for name in ["none", "None", "HS256", "es256", "ES256 ", "ES384", ""] {
            assert_eq!(Algorithm::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn names_read_back() {
        for purpose in KeyPurpose::ALL {
            assert_eq!(KeyPurpose::from_name(purpose.name()), Some(purpose));
        }
        for state in KeyState::ALL {
            assert_eq!(KeyState::from_name(state.name()), Some(state));
        }
    }
}
