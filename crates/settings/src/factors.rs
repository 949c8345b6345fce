//! `[factors]`: which factor types may complete a login, for whom.

use crate::loading::reader::{Read, Reader};

/// Second factors, by role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factors {
    /// For accounts with the role `user`.
    pub user: Vec<SecondFactor>,
    /// For accounts with the role `admin`.
    pub admin: Vec<SecondFactor>,
    /// The roles in which the secret key of an account completes no login once it has a confirmed authenticator.
    pub better_than_key: Vec<Role>,
}

/// A factor type that may follow the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// A code that moves with time.
    Totp,
    /// A code that moves with a counter.
    Hotp,
    /// A generated second secret.
    SecretKey,
    /// A secret from a list, good once.
    RecoveryCode,
}

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Look after itself.
    User,
    /// Look after everything.
    Admin,
}

const SECOND: [(&str, SecondFactor); 4] = [
    ("totp", SecondFactor::Totp),
    ("hotp", SecondFactor::Hotp),
    ("secret_key", SecondFactor::SecretKey),
    ("recovery_code", SecondFactor::RecoveryCode),
];
const ROLES: [(&str, Role); 2] = [("user", Role::User), ("admin", Role::Admin)];

impl Factors {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        let user = second_factors(from, "factors.user");
        let admin = second_factors(from, "factors.admin");
        let better_than_key = from.some_of("factors.better_than_key", &ROLES);
        Ok(Self {
            user: user?,
            admin: admin?,
            better_than_key: better_than_key?,
        })
    }
}

fn second_factors(from: &mut Reader, key: &str) -> Read<Vec<SecondFactor>> {
    let factors = from.some_of(key, &SECOND)?;
    // Recovery codes stand in for another factor and run out; nothing else could ever give an account new ones.
    if factors.iter().all(|factor| *factor == SecondFactor::RecoveryCode) {
        let problem = if factors.is_empty() {
            "it is empty: no login could be completed"
        } else {
            "recovery codes run out: no login could be completed after the last one"
        };
        return Err(from.refuse(key, problem, "a list with \"totp\", \"hotp\" or \"secret_key\" in it"));
    }
    Ok(factors)
}
