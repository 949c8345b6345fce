//! Identifiers. Each is a type of its own, so that a session cannot be passed where a user is meant.

use std::fmt;

use uuid::Uuid;

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes an identifier from 16 random bytes (UUID version 4, RFC 9562 section 5.4).
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }

            /// Wraps a UUID that was stored or received.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID.
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }

            /// Reads the hyphenated form; `None` for anything else.
            pub fn parse(text: &str) -> Option<Self> {
                // Only one spelling is accepted, so that an identifier is never two different strings.
                (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(formatter)
            }
        }
    };
}

identifier!(
    /// An account. It is the `sub` of its tokens: opaque, stable and never given to another account.
    UserId
);
identifier!(
    /// A session: one completed login with everything that was issued from it. It is the `sid` of its tokens.
    SessionId
);
identifier!(
    /// One access token, its `jti` (RFC 7519 section 4.1.7).
    TokenId
);
identifier!(
    /// One secret key of an account; an account has two while a rotation overlaps.
    SecretKeyId
);
identifier!(
    /// One authenticator of an account: an enrolled instance of a factor type.
    AuthenticatorId
);

identifier!(
    /// The identity of a notice of a logout.
    NoticeId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hyphenated_form_is_an_identifier() {
        let id = UserId::from_random([7; 16]);
        assert_eq!(UserId::parse(&id.to_string()), Some(id));
        assert_eq!(UserId::parse(&id.as_uuid().simple().to_string()), None);
        assert_eq!(UserId::parse("' OR 1=1 --"), None);
    }
}
