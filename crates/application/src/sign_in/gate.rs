//! Keeps logins of one account from running into its own limit.
//!
//! An attempt is charged before it is evaluated. Many machines that log in to one account at the same moment, all with the
//! right secrets, would therefore look like a series of failures for a moment and be refused. On one node, no more logins of
//! an account are under way than may be charged at once; the others wait. The limit itself is in the store and needs no gate.
//!
//! Places are counted per name and network, and only so many may wait for one: a stranger who floods a name fills his own
//! queue, and neither that of the owner elsewhere nor the memory. A name is known by the identity that stands for it
//! (`Core::stand_in`), before the store is asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::id::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::ports::HasherBusy;

/// How many logins of one name from one network may wait.
const WAITING: usize = 512;

/// Whose logins: the identity that stands for the name, and the network.
type Key = (UserId, String);

/// Those who are in or wait.
struct Queue {
    places: Arc<Semaphore>,
    present: usize,
}

/// Lets a bounded number of logins of a name in at once.
pub(crate) struct Gate {
    width: usize,
    queues: Mutex<HashMap<Key, Queue>>,
}

/// A place in the gate, or in the queue before it; given back when dropped.
pub(crate) struct Entered<'gate> {
    gate: &'gate Gate,
    key: Key,
    permit: Option<OwnedSemaphorePermit>,
}

impl Gate {
    /// One less than the free attempts may be in at once, so that a single earlier typo does not spoil the moment.
    pub fn new(free_attempts: u32) -> Self {
        let width = usize::try_from(free_attempts.saturating_sub(1).max(1)).unwrap_or(1);
        Self {
            width,
            queues: Mutex::default(),
        }
    }

    /// Waits for a place; refused when too many wait already.
    pub async fn enter(&self, name: UserId, network: &str) -> Result<Entered<'_>, HasherBusy> {
        let key = (name, network.to_owned());
        let places = {
            let mut queues = self.lock();
            let queue = queues.entry(key.clone()).or_insert_with(|| Queue {
                places: Arc::new(Semaphore::new(self.width)),
                present: 0,
            });
            if queue.present >= self.width + WAITING {
                return Err(HasherBusy);
            }
            queue.present += 1;
            Arc::clone(&queue.places)
        };
        // From here on, whoever gives up is counted out.
        let mut entered = Entered {
            gate: self,
            key,
            permit: None,
        };
        // The semaphore is never closed; were it, going on is safe, since the limit is in the store.
        entered.permit = places.acquire_owned().await.ok();
        Ok(entered)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut queues = self.gate.lock();
        let Some(queue) = queues.get_mut(&self.key) else { return };
        queue.present -= 1;
        // Or every name ever tried would stay in memory.
        if queue.present == 0 {
            queues.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn name(number: u8) -> UserId {
        UserId::from_random([number; 16])
    }

    #[tokio::test]
    async fn a_full_queue_of_one_network_does_not_hold_up_another() {
        let gate = Gate::new(5);
        let mut inside = Vec::new();
        for _ in 0..4 {
            inside.push(gate.enter(name(1), "192.0.2.1").await.ok());
        }
        let mut waiting: Vec<_> = (0..WAITING)
            .map(|_| Box::pin(gate.enter(name(1), "192.0.2.1")))
            .collect();
        for wait in &mut waiting {
            assert!(poll(wait.as_mut()).is_pending());
        }
        assert!(gate.enter(name(1), "192.0.2.1").await.is_err(), "the queue has an end");
        assert!(gate.enter(name(1), "198.51.100.1").await.is_ok());
        assert!(gate.enter(name(2), "192.0.2.1").await.is_ok());
    }

    #[tokio::test]
    async fn nothing_is_remembered_of_who_has_left() {
        let gate = Gate::new(5);
        let first = gate.enter(name(1), "a").await;
        let second = gate.enter(name(1), "a").await;
        drop((first, second));
        // One who gave up while he waited.
        let mut inside = Vec::new();
        for _ in 0..4 {
            inside.push(gate.enter(name(2), "a").await.ok());
        }
        let mut waits = Box::pin(gate.enter(name(2), "a"));
        assert!(poll(waits.as_mut()).is_pending());
        drop(waits);
        drop(inside);
        assert!(gate.queues.lock().unwrap().is_empty());
    }
}
