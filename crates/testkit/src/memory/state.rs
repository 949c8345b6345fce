//! Everything that is stored.

use std::collections::{BTreeMap, BTreeSet};

use application::ports::{AttemptKey, StoreError};
use domain::aidbox::{AidboxResource, ResourceKind};
use domain::authenticator::Authenticator;
use domain::authorization::StoredCode;
use domain::browser::StoredBrowser;
use domain::client::{Client, ClientId};
use domain::consent::Consent;
use domain::device::{DeviceState, StoredDevice};
use domain::event::StoredEvent;
use domain::id::{AuthenticatorId, NoticeId, SecretKeyId, SessionId, TokenId, UserId};
use domain::lockout::Tally;
use domain::logout_notice::LogoutNotice;
use domain::opaque_token::StoredOpaqueToken;
use domain::password_reset::StoredPasswordReset;
use domain::pushed_request::StoredPushedRequest;
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
    pub password_resets: BTreeMap<UserId, StoredPasswordReset>,
    pub aidbox_resources: BTreeMap<(ResourceKind, String), AidboxResource>,
    pub auth_sessions: BTreeMap<DigestBytes, AuthSession>,
    pub sessions: BTreeMap<SessionId, Session>,
    pub browsers: BTreeMap<DigestBytes, StoredBrowser>,
    pub refresh_tokens: BTreeMap<DigestBytes, RefreshTokenRow>,
    pub clients: BTreeMap<ClientId, Client>,
    pub consents: BTreeMap<(UserId, ClientId), Consent>,
    pub codes: BTreeMap<DigestBytes, CodeRow>,
    pub devices: BTreeMap<DigestBytes, StoredDevice>,
    pub pushed_requests: BTreeMap<DigestBytes, StoredPushedRequest>,
    pub opaque_tokens: BTreeMap<DigestBytes, StoredOpaqueToken>,
    pub logout_notices: BTreeMap<NoticeId, LogoutNotice>,
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

#[derive(Clone, PartialEq)]
pub(super) struct CodeRow {
    pub code: StoredCode,
    pub spent_for: Option<SessionId>,
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

    /// Fails as a foreign key does.
    pub fn of_client(&self, client: &ClientId, action: &'static str) -> Result<(), StoreError> {
        if self.clients.contains_key(client) {
            Ok(())
        } else {
            Err(StoreError::new(action, "there is no such client"))
        }
    }

    /// Fails as a foreign key does that may be null.
    pub fn of_session(&self, session: Option<SessionId>, action: &'static str) -> Result<(), StoreError> {
        if session.is_none_or(|session| self.sessions.contains_key(&session)) {
            Ok(())
        } else {
            Err(StoreError::new(action, "there is no such session"))
        }
    }

    /// Whether another account has a reset with the same digest.
    pub fn is_reset_of_another(&self, reset: &StoredPasswordReset) -> bool {
        let mut others = self.password_resets.values();
        others.any(|other| other.user != reset.user && other.digest == reset.digest)
    }

    /// Forgets what belonged to sessions that are gone; sessions that came from them stay, without a parent.
    pub fn drop_orphans(&mut self) {
        let sessions = self.sessions.keys().copied().collect::<BTreeSet<_>>();
        let is_gone = |session: Option<SessionId>| session.is_some_and(|session| !sessions.contains(&session));
        for session in self.sessions.values_mut() {
            session.parent = session.parent.filter(|parent| !is_gone(Some(*parent)));
        }
        forget(&mut self.browsers, |browser| !is_gone(Some(browser.session)));
        forget(&mut self.refresh_tokens, |row| !is_gone(Some(row.token.session)));
        forget(&mut self.codes, |row| !is_gone(row.code.login.parent));
        forget(&mut self.devices, |device| match &device.state {
            DeviceState::Approved(login) => !is_gone(login.parent),
            DeviceState::Pending | DeviceState::Denied => true,
        });
        forget(&mut self.opaque_tokens, |token| !is_gone(token.session));
    }

    /// Forgets everything of an account.
    pub fn drop_account(&mut self, id: UserId) {
        self.attempts.retain(|key, _| key.account != id);
        forget(&mut self.secret_keys, |key| key.user != id);
        forget(&mut self.authenticators, |authenticator| authenticator.user != id);
        forget(&mut self.recovery_codes, |row| row.code.user != id);
        self.password_resets.remove(&id);
        forget(&mut self.aidbox_resources, |resource| resource.account != Some(id));
        forget(&mut self.auth_sessions, |auth_session| auth_session.user != id);
        forget(&mut self.sessions, |session| session.user != id);
        forget(&mut self.consents, |consent| consent.user != id);
        forget(&mut self.codes, |row| row.code.login.user != id);
        forget(&mut self.devices, |device| match &device.state {
            DeviceState::Approved(login) => login.user != id,
            DeviceState::Pending | DeviceState::Denied => true,
        });
        self.drop_orphans();
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
