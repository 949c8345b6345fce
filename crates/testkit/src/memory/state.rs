//! Everything that is stored.

use std::collections::BTreeMap;

use application::ports::{AttemptKey, StoreError};
use domain::authenticator::Authenticator;
use domain::event::StoredEvent;
use domain::id::{AuthenticatorId, SecretKeyId, SessionId, TokenId, UserId};
use domain::lockout::Tally;
use domain::recovery_code::StoredRecoveryCode;
use domain::refresh_token::StoredRefreshToken;
use domain::revocation::Revocation;
use domain::secret_key::StoredSecretKey;
use domain::session::{AuthSession, Session};
use domain::signing_key::{Kid, SigningKey};
use domain::time::Timestamp;
use domain::user::User;

/// The bytes of a `Digest`, which has no order of its own.
pub(super) type DigestBytes = [u8; 32];

#[derive(Clone, PartialEq, Default)]
pub(super) struct State {
    pub users: BTreeMap<UserId, User>,
    pub attempts: BTreeMap<AttemptKey, Tally>,
    pub secret_keys: BTreeMap<SecretKeyId, StoredSecretKey>,
    pub authenticators: BTreeMap<AuthenticatorId, Authenticator>,
    pub recovery_codes: BTreeMap<DigestBytes, RecoveryCodeRow>,
    pub auth_sessions: BTreeMap<DigestBytes, AuthSession>,
    pub sessions: BTreeMap<SessionId, Session>,
    pub refresh_tokens: BTreeMap<DigestBytes, RefreshTokenRow>,
    pub spent_tokens: BTreeMap<TokenId, Timestamp>,
    pub signing_keys: BTreeMap<Kid, SigningKey>,
    pub revocations: BTreeMap<i64, Revocation>,
    pub revocation_position: i64,
    pub events: Vec<StoredEvent>,
}

#[derive(Clone, PartialEq)]
pub(super) struct RecoveryCodeRow {
    pub code: StoredRecoveryCode,
    pub is_used: bool,
}

#[derive(Clone, PartialEq)]
pub(super) struct RefreshTokenRow {
    pub token: StoredRefreshToken,
    pub is_used: bool,
}

impl State {
    /// Fails as a foreign key does.
    pub fn owned_by(&self, user: UserId, action: &'static str) -> Result<(), StoreError> {
        if self.users.contains_key(&user) {
            Ok(())
        } else {
            Err(StoreError::new(action, "there is no such account"))
        }
    }

    /// Forgets the refresh tokens of sessions that are gone.
    pub fn drop_orphans(&mut self) {
        let sessions = &self.sessions;
        self.refresh_tokens
            .retain(|_, row| sessions.contains_key(&row.token.session));
    }
}

/// Adds a row, or fails as a primary key does.
pub(super) fn add<K: Ord, V>(
    table: &mut BTreeMap<K, V>,
    key: K,
    row: V,
    action: &'static str,
) -> Result<(), StoreError> {
    if table.contains_key(&key) {
        return Err(StoreError::new(action, "there is one with that identity"));
    }
    table.insert(key, row);
    Ok(())
}

/// Keeps the rows that should stay and returns how many did not.
pub(super) fn forget<K: Ord, V>(table: &mut BTreeMap<K, V>, stays: impl Fn(&V) -> bool) -> u64 {
    let before = table.len();
    table.retain(|_, row| stays(row));
    (before - table.len()) as u64
}

/// A limit as a number of items.
pub(super) fn at_most(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
