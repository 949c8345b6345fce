//! A bounded queue between callers, who never wait for a place in it, and the threads that work it off.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

struct State<T> {
    waiting: VecDeque<T>,
    closed: bool,
}

/// First in, first out, up to a capacity.
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    capacity: usize,
}

/// What a thread finds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<T> {
    /// Something to do.
    Job(T),
    /// Nothing came for as long as the thread was willing to wait.
    Quiet,
    /// There will be nothing more.
    Closed,
}

impl<T> Queue<T> {
    pub(super) const fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                closed: false,
            }),
            changed: Condvar::new(),
            capacity,
        }
    }

    /// Puts a job at the end; gives it back when the queue is full or closed.
    pub(super) fn admit(&self, job: T) -> Result<(), T> {
        let mut state = self.lock();
        if state.closed || state.waiting.len() >= self.capacity {
            return Err(job);
        }
        state.waiting.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Takes the first job. Waits for one, with `patience` only so long.
    pub(super) fn take(&self, patience: Option<Duration>) -> Next<T> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return Next::Closed;
            }
            if let Some(job) = state.waiting.pop_front() {
                return Next::Job(job);
            }
            state = match patience {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(patience) => {
                    let (state, wait) = self
                        .changed
                        .wait_timeout(state, patience)
                        .unwrap_or_else(PoisonError::into_inner);
                    if wait.timed_out() && state.waiting.is_empty() && !state.closed {
                        return Next::Quiet;
                    }
                    state
                }
            };
        }
    }

    /// Ends the queue. Jobs that still wait are dropped, which tells their callers.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let dropped = std::mem::take(&mut state.waiting);
        drop(state);
        self.changed.notify_all();
        drop(dropped);
    }

    pub(super) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    pub(super) const fn capacity(&self) -> usize {
        self.capacity
    }

    /// No code panics while it holds the lock, and a queue is whole between any two statements of it.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_leave_in_the_order_in_which_they_came_and_no_more_are_kept_than_fit() {
        let queue = Queue::new(2);
        assert_eq!(
            (queue.admit(1), queue.admit(2), queue.admit(3)),
            (Ok(()), Ok(()), Err(3))
        );
        assert_eq!((queue.len(), queue.capacity()), (2, 2));
        assert_eq!((queue.take(None), queue.take(None)), (Next::Job(1), Next::Job(2)));
        assert_eq!(queue.take(Some(Duration::ZERO)), Next::Quiet);
    }

    #[test]
    fn a_closed_queue_neither_gives_nor_takes() {
        let queue = Queue::new(2);
        assert_eq!(queue.admit(1), Ok(()));
        queue.close();
        assert_eq!(queue.admit(2), Err(2));
        assert_eq!(queue.take(None), Next::Closed);
    }
}
