//! The token of the Orion profile: what clients of that service expect in it, and what we add so that nobody has to guess
//! what it proves.

use std::time::Duration;

use crate::factor::Proved;
use crate::id::{SessionId, TokenId, UserId};
use crate::signing_key::Algorithm;
use crate::time::Timestamp;
use crate::user::Role;

/// How long such a token lives.
pub const ORION_TOKEN_LIFETIME: Duration = Duration::from_mins(5);

/// The only algorithm that readers of such tokens know.
pub const ORION_ALGORITHM: Algorithm = Algorithm::Rs256;

/// How long after a password was proved a code alone may follow it.
pub const ORION_LOGIN_WINDOW: Duration = Duration::from_mins(5);

/// The claims of a token of the Orion profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrionClaims {
    /// `iss`.
    pub issuer: String,
    /// `c_hash`: the account's identity. (In OpenID Connect the name means something else.)
    pub subject: UserId,
    /// `upn` and `email`: the account's e-mail address.
    pub email: String,
    /// `groups`.
    pub groups: Vec<&'static str>,
    /// `jti`.
    pub token: TokenId,
    /// `iat`, to the second.
    pub issued_at: Timestamp,
    /// `exp`, to the second.
    pub expires_at: Timestamp,
    /// `sid`, which that service does not have: the session, by which the token can be voided.
    pub session: SessionId,
    /// `amr`, `acr` and `auth_time`, which that service does not have either.
    pub proved: Proved,
}

/// The `groups` of a role, as that service names them.
pub const fn groups(role: Role) -> &'static [&'static str] {
    match role {
        Role::User => &["user"],
        Role::Admin => &["admin", "user"],
    }
}

/// The `groups` of these names, in this order, if there is a role that has them.
pub fn groups_named(names: &[&str]) -> Option<&'static [&'static str]> {
    [Role::User, Role::Admin]
        .map(groups)
        .into_iter()
        .find(|groups| *groups == names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_those_of_a_role_or_none() {
        assert_eq!(groups_named(&["user"]), Some(groups(Role::User)));
        assert_eq!(groups_named(&["admin", "user"]), Some(groups(Role::Admin)));
        for names in [
            &[][..],
            &["admin"],
            &["user", "admin"],
            &["admin", "user", "user"],
            &["User"],
            &["root"],
        ] {
            assert_eq!(groups_named(names), None, "{names:?}");
        }
    }
}
