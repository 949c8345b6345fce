//! Scopes (RFC 6749 section 3.3): what a token may be used for.

use std::fmt;

use crate::user::Role;

/// One scope that this service knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Look after one's own account.
    Account,
    /// Look after every account; for administrators.
    Admin,
}

impl Scope {
    const ALL: [Self; 2] = [Self::Account, Self::Admin];

    /// The name in requests and tokens.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Admin => "admin",
        }
    }
}

/// A set of scopes; its text form is sorted and separated by single spaces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(Vec<Scope>);

/// The text names a scope that does not exist, or none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one or more of these scopes, separated by spaces: account, admin")]
pub struct UnknownScope;

impl Scopes {
    /// Everything that an account of this role may ask for.
    pub fn of_role(role: Role) -> Self {
        match role {
            Role::User => Self(vec![Scope::Account]),
            Role::Admin => Self(vec![Scope::Account, Scope::Admin]),
        }
    }

    /// Reads a `scope` parameter.
    pub fn parse(text: &str) -> Result<Self, UnknownScope> {
        let mut scopes = Vec::new();
        for name in text.split(' ').filter(|name| !name.is_empty()) {
            scopes.push(
                Scope::ALL
                    .into_iter()
                    .find(|scope| scope.name() == name)
                    .ok_or(UnknownScope)?,
            );
        }
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            Err(UnknownScope)
        } else {
            Ok(Self(scopes))
        }
    }

    /// What is in both sets. Asking for more than one may have gives what one may have (RFC 6749 section 3.3).
    #[must_use]
    pub fn within(&self, allowed: &Self) -> Self {
        Self(
            self.0
                .iter()
                .copied()
                .filter(|scope| allowed.contains(*scope))
                .collect(),
        )
    }

    /// Whether `scope` is in the set.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether nothing is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, scope) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { " " };
            write!(formatter, "{separator}{}", scope.name())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_is_sorted_and_reads_back() {
        let scopes = Scopes::parse("admin  account admin");
        assert_eq!(scopes.as_ref().map(ToString::to_string), Ok("account admin".to_owned()));
        assert_eq!(Scopes::parse("root"), Err(UnknownScope));
        assert_eq!(Scopes::parse(" "), Err(UnknownScope));
    }

    #[test]
    fn nobody_gets_more_than_the_role_allows() {
        let asked = Scopes::parse("account admin").unwrap_or_default();
        assert_eq!(asked.within(&Scopes::of_role(Role::User)).to_string(), "account");
    }
}
