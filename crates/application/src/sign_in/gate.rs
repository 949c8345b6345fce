//! Keeps logins of one account from running into its own limit.
//!
//! An attempt is charged before it is evaluated. Many machines that log in to one account at the same moment, all with the
//! right secrets, would therefore look like a series of failures for a moment and be refused. On one node, no more logins of
//! an account are under way than may be charged at once; the others wait. The limit itself is in the store and needs no gate.
//!
//! A place is taken under the identity that stands for the user name (`Core::stand_in`), known before the store is asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::id::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Lets a bounded number of logins of an account in at once.
pub(crate) struct Gate {
    width: usize,
    accounts: Mutex<HashMap<UserId, Arc<Semaphore>>>,
}

/// A place in the gate, given back when dropped.
pub(crate) struct Entered<'gate> {
    gate: &'gate Gate,
    account: UserId,
    permit: Option<OwnedSemaphorePermit>,
}

impl Gate {
    /// One less than the free attempts may be in at once, so that a single earlier typo does not spoil the moment.
    pub fn new(free_attempts: u32) -> Self {
        let width = usize::try_from(free_attempts.saturating_sub(1).max(1)).unwrap_or(1);
        Self {
            width,
            accounts: Mutex::default(),
        }
    }

    /// Waits for a place.
    pub async fn enter(&self, account: UserId) -> Entered<'_> {
        let places = {
            let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(
                accounts
                    .entry(account)
                    .or_insert_with(|| Arc::new(Semaphore::new(self.width))),
            )
        };
        // The semaphore is never closed; were it, going on is safe, since the limit is in the store.
        let permit = places.acquire_owned().await.ok();
        Entered {
            gate: self,
            account,
            permit,
        }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut accounts = self.gate.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody else holds or awaits a place: forget the account, or every name ever tried would stay in memory.
        if accounts
            .get(&self.account)
            .is_some_and(|places| Arc::strong_count(places) == 1)
        {
            accounts.remove(&self.account);
        }
    }
}
