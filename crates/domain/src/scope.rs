//! Scopes (RFC 6749 section 3.3): what a token may be used for.

use std::fmt;

use crate::user::Role;

/// The longest name of a scope, in characters.
pub const SCOPE_MAX: usize = 64;
/// The most scopes in a set.
pub const SCOPES_MAX: usize = 32;

/// One scope. Those that this service gives a meaning come first in the order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Look after one's own account.
    Account,
    /// Look after every account; for administrators.
    Admin,
    /// Be told who logged in (OpenID Connect Core section 3.1.2.1).
    OpenId,
    /// Claims about the person (OpenID Connect Core section 5.4, as the following).
    Profile,
    /// The e-mail address.
    Email,
    /// The telephone number.
    Phone,
    /// The postal address.
    Address,
    /// Act while nobody is logged in (OpenID Connect Core section 11).
    OfflineAccess,
    /// A scope of somebody else's resource, which only that resource understands.
    Named(ScopeName),
}

/// The name of a scope that this service gives no meaning; made by [`Scope::from_name`] only, so that no scope has two forms.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeName(Box<str>);

impl Scope {
    /// The scopes of this service's own resources.
    const OWN: [Self; 2] = [Self::Account, Self::Admin];

    /// Every scope that this service gives a meaning.
    pub const KNOWN: [Self; 8] = [
        Self::Account,
        Self::Admin,
        Self::OpenId,
        Self::Profile,
        Self::Email,
        Self::Phone,
        Self::Address,
        Self::OfflineAccess,
    ];

    /// The name in requests and tokens.
    pub fn name(&self) -> &str {
        match self {
            Self::Account => "account",
            Self::Admin => "admin",
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::OfflineAccess => "offline_access",
            Self::Named(ScopeName(name)) => name,
        }
    }

    /// The scope of that name; letter case counts. `None` if it is no `scope-token`, or a longer one than [`SCOPE_MAX`].
    pub fn from_name(name: &str) -> Option<Self> {
        let is_token = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        let fits = (1..=SCOPE_MAX).contains(&name.len()) && name.bytes().all(is_token);
        fits.then(|| {
            let known = Self::KNOWN.into_iter().find(|scope| scope.name() == name);
            known.unwrap_or_else(|| Self::Named(ScopeName(name.into())))
        })
    }
}

/// A set of scopes; its text form is sorted and separated by single spaces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(Vec<Scope>);

/// The text names a scope that does not exist, or none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one or more of these scopes, separated by spaces: account, admin")]
pub struct UnknownScope;

/// The text is no list of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 1 to 32 scopes, separated by spaces, of 1 to 64 printable ASCII characters without quotes and backslashes"
)]
pub struct MalformedScope;

impl Scopes {
    /// Everything of this service's own that an account of this role may ask for.
    pub fn of_role(role: Role) -> Self {
        match role {
            Role::User => Self(vec![Scope::Account]),
            Role::Admin => Self(vec![Scope::Account, Scope::Admin]),
        }
    }

    /// Reads a `scope` parameter of any client and any resource.
    pub fn parse(text: &str) -> Result<Self, MalformedScope> {
        let names = text.split(' ').filter(|name| !name.is_empty());
        // One more than there may be is enough to know that there are too many; repeated ones count, too.
        let scopes: Vec<Scope> = names
            .take(SCOPES_MAX + 1)
            .map(Scope::from_name)
            .collect::<Option<_>>()
            .ok_or(MalformedScope)?;
        if scopes.is_empty() || scopes.len() > SCOPES_MAX {
            return Err(MalformedScope);
        }
        Ok(scopes.into_iter().collect())
    }

    /// Reads a `scope` parameter where nothing but the scopes of this service's own resources can be meant.
    pub fn parse_own(text: &str) -> Result<Self, UnknownScope> {
        let own = |name: &str| Scope::OWN.into_iter().find(|scope| scope.name() == name);
        let names = text.split(' ').filter(|name| !name.is_empty());
        let scopes: Self = names.map(own).collect::<Option<_>>().ok_or(UnknownScope)?;
        if scopes.is_empty() {
            Err(UnknownScope)
        } else {
            Ok(scopes)
        }
    }

    /// What is in both sets. Asking for more than one may have gives what one may have (RFC 6749 section 3.3).
    #[must_use]
    pub fn within(&self, allowed: &Self) -> Self {
        self.keeping(|scope| allowed.contains(scope))
    }

    /// The same without what an account of this role may not have. Only scopes of this service's own depend on the role.
    #[must_use]
    pub fn within_rights_of(&self, role: Role) -> Self {
        let allowed = Self::of_role(role);
        self.keeping(|scope| !Scope::OWN.contains(scope) || allowed.contains(scope))
    }

    /// The same without one scope.
    #[must_use]
    pub fn without(&self, scope: &Scope) -> Self {
        self.keeping(|kept| kept != scope)
    }

    fn keeping(&self, keeps: impl Fn(&Scope) -> bool) -> Self {
        Self(self.0.iter().filter(|scope| keeps(scope)).cloned().collect())
    }

    /// Whether `scope` is in the set.
    pub fn contains(&self, scope: &Scope) -> bool {
        self.0.contains(scope)
    }

    /// Whether every scope of this set is in `other`.
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.0.iter().all(|scope| other.contains(scope))
    }

    /// The scopes, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    /// Whether nothing is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut scopes: Vec<Scope> = scopes.into_iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_text_form_is_sorted_and_reads_back() {
        let scopes = Scopes::parse_own("admin  account admin");
        assert_eq!(scopes.as_ref().map(ToString::to_string), Ok("account admin".to_owned()));
        assert_eq!(Scopes::parse_own("root"), Err(UnknownScope));
        assert_eq!(Scopes::parse_own("account openid"), Err(UnknownScope));
        assert_eq!(Scopes::parse_own(" "), Err(UnknownScope));
    }

    #[test]
    fn any_scope_token_is_a_scope() {
        let text = "user/*.read openid offline_access admin  https://api.example/read openid !~";
        let scopes = Scopes::parse(text).map(|scopes| scopes.to_string());
        let sorted = "admin openid offline_access !~ https://api.example/read user/*.read";
        assert_eq!(scopes, Ok(sorted.to_owned()));
        for scope in Scope::KNOWN {
            assert_eq!(Scope::from_name(scope.name()), Some(scope));
        }
        // Letter case counts, so this is somebody else's scope and gives no right here.
        assert!(!Scopes::parse("Admin").unwrap_or_default().contains(&Scope::Admin));
    }

    #[test]
    fn what_is_no_list_of_scopes_is_refused() {
        for text in ["", " ", "a\"b", "a\\b", "a\tb", "a\nb", "a\u{7f}", "\u{e4}", "a\u{a0}b"] {
            assert_eq!(Scopes::parse(text), Err(MalformedScope), "{text:?}");
        }
        assert!(Scopes::parse(&"a".repeat(64)).is_ok());
        assert_eq!(Scopes::parse(&"a".repeat(65)), Err(MalformedScope));
        let many = |count: usize| (0..count).map(|name| name.to_string()).collect::<Vec<_>>().join(" ");
        assert!(Scopes::parse(&many(32)).is_ok());
        assert_eq!(Scopes::parse(&many(33)), Err(MalformedScope));
    }

    #[test]
    fn nobody_gets_more_than_the_role_allows() {
        let asked = Scopes::parse_own("account admin").unwrap_or_default();
        assert_eq!(asked.within(&Scopes::of_role(Role::User)).to_string(), "account");
        let asked = Scopes::parse("openid admin files").unwrap_or_default();
        assert_eq!(asked.within_rights_of(Role::User).to_string(), "openid files");
        assert_eq!(asked.within_rights_of(Role::Admin), asked);
        assert!(asked.within_rights_of(Role::User).is_subset_of(&asked));
        assert!(!asked.is_subset_of(&asked.within_rights_of(Role::User)));
        assert_eq!(asked.without(&Scope::OpenId).to_string(), "admin files");
    }

    proptest! {
        #[test]
        fn what_was_read_is_written_so_that_it_reads_the_same(text in "[ -~]{0,80}") {
            if let Ok(scopes) = Scopes::parse(&text) {
                prop_assert_eq!(Scopes::parse(&scopes.to_string()), Ok(scopes));
            }
        }
    }
}
