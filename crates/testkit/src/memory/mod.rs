//! A store in memory: one writer at a time over a copy of everything, swapped in at the commit. It passes the contract, so
//! tests of use cases may trust it; they take milliseconds.

mod aidbox_resources;
mod attempts;
mod auth_sessions;
mod authenticators;
mod browsers;
mod clients;
mod codes;
mod consents;
mod devices;
mod events;
mod logout_notices;
mod oauth;
mod opaque_tokens;
mod password_resets;
mod pushed_requests;
mod recovery_codes;
mod refresh_tokens;
mod revocations;
mod secret_keys;
mod sessions;
mod signing_keys;
mod spent_tokens;
mod state;
mod users;

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use application::ports::{
    AidboxResources, Attempts, AuthSessions, Authenticators, Browsers, Events, OAuthRepositories, PasswordResets,
    RecoveryCodes, RefreshTokens, Revocations, SecretKeys, Sessions, SigningKeys, SpentTokens, Store, StoreError,
    Transaction, Users,
};
use async_trait::async_trait;
use tokio::sync::OwnedMutexGuard;

use self::state::State;

/// A fault that is built in, to show that the contract finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// None: the store keeps the contract.
    #[default]
    None,
    /// Transactions do not wait for one another, and the last commit wins.
    NoLock,
    /// What a dropped transaction wrote is kept.
    NoRollback,
}

/// A store in memory. Clones share their data, as two nodes share a database.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Shared>);

#[derive(Default)]
struct Shared {
    fault: Fault,
    writer: Arc<tokio::sync::Mutex<()>>,
    current: Mutex<Arc<State>>,
    dropped_with_changes: AtomicUsize,
    /// Which of the coming commits fails, counted from one; zero for none.
    failing_commit: AtomicU32,
    is_down: AtomicBool,
}

impl Shared {
    fn next_commit_fails(&self) -> bool {
        let count_down = |left: u32| left.checked_sub(1);
        self.failing_commit
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, count_down)
            == Ok(1)
    }
}

impl MemoryStore {
    /// An empty store with a fault.
    pub fn with_fault(fault: Fault) -> Self {
        Self(Arc::new(Shared {
            fault,
            ..Shared::default()
        }))
    }

    /// How many transactions were dropped that had changed something. A use case that returns `Ok` must leave none: it
    /// forgot to commit.
    pub fn dropped_with_changes(&self) -> usize {
        self.0.dropped_with_changes.load(Ordering::SeqCst)
    }

    /// Lets the next commit fail; it keeps nothing.
    pub fn fail_next_commit(&self) {
        self.fail_commit_after(0);
    }

    /// Lets one commit fail, after `commits` more have gone well.
    pub fn fail_commit_after(&self, commits: u32) {
        self.0.failing_commit.store(commits + 1, Ordering::SeqCst);
    }

    /// Lets everything fail, also in transactions that are open, until [`MemoryStore::recover`].
    pub fn fail_all(&self) {
        self.0.is_down.store(true, Ordering::SeqCst);
    }

    /// Ends [`MemoryStore::fail_all`]. What was committed before is still there.
    pub fn recover(&self) {
        self.0.is_down.store(false, Ordering::SeqCst);
    }
}

impl Shared {
    fn current(&self) -> MutexGuard<'_, Arc<State>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self, action: &'static str) -> Result<(), StoreError> {
        if self.is_down.load(Ordering::SeqCst) {
            Err(StoreError::new(action, "the store is down"))
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        self.0.check("begin a transaction")?;
        let lock = match self.0.fault {
            Fault::NoLock => None,
            Fault::None | Fault::NoRollback => Some(Arc::clone(&self.0.writer).lock_owned().await),
        };
        // The store may have gone down while this waited.
        self.0.check("begin a transaction")?;
        let transaction = MemoryTransaction::new(&self.0, Access::Write { _lock: lock });
        if self.0.fault == Fault::NoLock {
            // The others of a crowd are to see what this one saw.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(Box::new(transaction))
    }

    async fn read(&self) -> Result<Box<dyn Transaction>, StoreError> {
        self.0.check("begin a reading transaction")?;
        Ok(Box::new(MemoryTransaction::new(&self.0, Access::Read)))
    }
}

enum Access {
    Read,
    Write { _lock: Option<OwnedMutexGuard<()>> },
}

struct MemoryTransaction {
    shared: Arc<Shared>,
    access: Access,
    before: Arc<State>,
    state: Arc<State>,
    is_over: bool,
}

impl MemoryTransaction {
    fn new(shared: &Arc<Shared>, access: Access) -> Self {
        let before = Arc::clone(&shared.current());
        Self {
            shared: Arc::clone(shared),
            access,
            state: Arc::clone(&before),
            before,
            is_over: false,
        }
    }

    /// What the transaction sees.
    fn view(&self, action: &'static str) -> Result<&State, StoreError> {
        self.shared.check(action)?;
        Ok(&self.state)
    }

    /// What the transaction sees, to be changed or held.
    fn edit(&mut self, action: &'static str) -> Result<&mut State, StoreError> {
        self.shared.check(action)?;
        match self.access {
            Access::Read => Err(StoreError::new(action, "the transaction was opened for reading")),
            Access::Write { .. } => Ok(Arc::make_mut(&mut self.state)),
        }
    }
}

impl Drop for MemoryTransaction {
    fn drop(&mut self) {
        if self.is_over || self.state == self.before {
            return;
        }
        self.shared.dropped_with_changes.fetch_add(1, Ordering::SeqCst);
        if self.shared.fault == Fault::NoRollback {
            *self.shared.current() = Arc::clone(&self.state);
        }
    }
}

#[async_trait]
impl Transaction for MemoryTransaction {
    fn users(&mut self) -> &mut dyn Users {
        self
    }

    fn attempts(&mut self) -> &mut dyn Attempts {
        self
    }

    fn secret_keys(&mut self) -> &mut dyn SecretKeys {
        self
    }

    fn authenticators(&mut self) -> &mut dyn Authenticators {
        self
    }

    fn recovery_codes(&mut self) -> &mut dyn RecoveryCodes {
        self
    }

    fn password_resets(&mut self) -> &mut dyn PasswordResets {
        self
    }

    fn aidbox_resources(&mut self) -> &mut dyn AidboxResources {
        self
    }

    fn auth_sessions(&mut self) -> &mut dyn AuthSessions {
        self
    }

    fn sessions(&mut self) -> &mut dyn Sessions {
        self
    }

    fn browsers(&mut self) -> &mut dyn Browsers {
        self
    }

    fn refresh_tokens(&mut self) -> &mut dyn RefreshTokens {
        self
    }

    fn oauth(&mut self) -> &mut dyn OAuthRepositories {
        self
    }

    fn spent_tokens(&mut self) -> &mut dyn SpentTokens {
        self
    }

    fn signing_keys(&mut self) -> &mut dyn SigningKeys {
        self
    }

    fn revocations(&mut self) -> &mut dyn Revocations {
        self
    }

    fn events(&mut self) -> &mut dyn Events {
        self
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.is_over = true;
        self.shared.check("commit")?;
        if matches!(self.access, Access::Write { .. }) {
            if self.shared.next_commit_fails() {
                return Err(StoreError::new("commit", "this commit was told to fail"));
            }
            *self.shared.current() = Arc::clone(&self.state);
        }
        Ok(())
    }
}
