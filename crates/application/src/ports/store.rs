//! The store: the only way to a repository is a transaction.

use async_trait::async_trait;

use super::{
    AidboxResources, Attempts, AuthSessions, Authenticators, Browsers, Events, OAuthRepositories, PasswordResets,
    RecoveryCodes, RefreshTokens, Revocations, SecretKeys, Sessions, SigningKeys, SpentTokens, Users,
};

/// Opens transactions.
#[async_trait]
pub trait Store: Send + Sync {
    /// Begins a unit of work that may write.
    ///
    /// What it reads with a method that says "holds" MUST NOT change until it ends; everything else behaves at least as under
    /// READ COMMITTED. On a store with one writer this waits for the writer before it.
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError>;

    /// Begins a unit of work that only reads, and that MUST NOT wait for a writer where the store can avoid it. Calling a
    /// method that writes or holds on it is an error of the caller.
    async fn read(&self) -> Result<Box<dyn Transaction>, StoreError>;
}

/// One unit of work over every repository. Dropping it rolls back.
///
/// To keep transactions from waiting for one another in a circle, all of them touch repositories in one order: users,
/// attempts, secret keys, authenticators, recovery codes, password resets, documents of the Aidbox profile, authentication
/// sessions, sessions, browsers, refresh tokens, what the authorization server stores, spent tokens, signing keys, revocations,
/// events.
#[async_trait]
pub trait Transaction: Send {
    /// Accounts.
    fn users(&mut self) -> &mut dyn Users;
    /// Counters of attempts.
    fn attempts(&mut self) -> &mut dyn Attempts;
    /// Secret keys.
    fn secret_keys(&mut self) -> &mut dyn SecretKeys;
    /// Authenticators.
    fn authenticators(&mut self) -> &mut dyn Authenticators;
    /// Recovery codes.
    fn recovery_codes(&mut self) -> &mut dyn RecoveryCodes;
    /// Resets of passwords.
    fn password_resets(&mut self) -> &mut dyn PasswordResets;
    /// Documents of the Aidbox profile.
    fn aidbox_resources(&mut self) -> &mut dyn AidboxResources;
    /// Logins that are not complete.
    fn auth_sessions(&mut self) -> &mut dyn AuthSessions;
    /// Completed logins.
    fn sessions(&mut self) -> &mut dyn Sessions;
    /// Browsers that are logged in.
    fn browsers(&mut self) -> &mut dyn Browsers;
    /// Refresh tokens.
    fn refresh_tokens(&mut self) -> &mut dyn RefreshTokens;
    /// What the authorization server stores.
    fn oauth(&mut self) -> &mut dyn OAuthRepositories;
    /// One-use access tokens that were used.
    fn spent_tokens(&mut self) -> &mut dyn SpentTokens;
    /// The key ring.
    fn signing_keys(&mut self) -> &mut dyn SigningKeys;
    /// The sequence of revocations.
    fn revocations(&mut self) -> &mut dyn Revocations;
    /// The audit log.
    fn events(&mut self) -> &mut dyn Events;

    /// Makes everything that was written durable, or nothing of it. When this returns `Ok`, the writes survive the death of
    /// the process and the loss of power.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// The outcome of spending a one-time fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "only the first use may go on"]
pub enum Consumption {
    /// This call spent it.
    First,
    /// It was spent before, or does not exist.
    Spent,
}

/// The store failed. Opaque to the rules; the cause is for the log and never for a caller.
#[derive(Debug, thiserror::Error)]
#[error("the store failed while it tried to {action}")]
pub struct StoreError {
    /// What was tried, in words.
    pub action: &'static str,
    /// What went wrong.
    #[source]
    pub cause: Box<dyn std::error::Error + Send + Sync>,
}

impl StoreError {
    /// Wraps the failure of an adapter.
    pub fn new(action: &'static str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            action,
            cause: cause.into(),
        }
    }
}
