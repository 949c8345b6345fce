//! What people allowed client applications.

use crate::client_id::ClientId;
use crate::id::UserId;
use crate::scope::Scopes;
use crate::time::Timestamp;

/// An account's consent to what a client may do, remembered per scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Whose.
    pub user: UserId,
    /// To which client.
    pub client: ClientId,
    /// Every scope that was allowed, now or before.
    pub scopes: Scopes,
    /// When it was last given.
    pub granted_at: Timestamp,
}

impl Consent {
    /// Whether every one of `scopes` was allowed.
    pub fn covers(&self, scopes: &Scopes) -> bool {
        scopes.is_subset_of(&self.scopes)
    }

    /// The scopes that were allowed before, none without a consent, and these besides.
    pub fn scopes_with(before: Option<Self>, given: &Scopes) -> Scopes {
        let before = before.map(|consent| consent.scopes).unwrap_or_default();
        before.iter().chain(given.iter()).cloned().collect()
    }
}
