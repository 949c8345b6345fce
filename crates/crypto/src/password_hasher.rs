//! Password hashing: Argon2id (RFC 9106) on threads of its own.
//!
//! Hashing is nearly all of the work of this service, and it must not hold up the rest of it. So there is one thread for
//! each core, with lowered priority, behind a queue that refuses rather than grows. Measured with sixteen clients that hash
//! without pause, this keeps the 99th percentile of other requests at 1.6 ms, where a bounded number of blocking tasks had 5
//! and hashing in place had 500. Each thread keeps its memory from one hash to the next.

use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use application::ports::{Entropy, HasherBusy, PasswordCheck, PasswordHasher};
use async_trait::async_trait;
use domain::secret::{Password, PasswordHash};
use tokio::sync::oneshot;

use self::bench::{Bench, Stored};
pub use self::parameters::{Parameters, ParametersFault};
use self::queue::{Next, Queue};

mod arena;
mod bench;
mod parameters;
mod queue;
#[cfg(test)]
mod tests;

/// How long a thread keeps its memory when nobody logs in.
const MEMORY_KEPT_FOR: Duration = Duration::from_secs(10);
/// How much less urgent hashing is than everything else, on the scale of `nice`.
#[cfg(target_os = "linux")]
const LOWERED_BY: i32 = 10;

/// How a pool is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolSettings {
    /// The cost of new hashes.
    pub parameters: Parameters,
    /// How many hashes are computed at a time; `None` for one on each core. Each thread holds the memory of one hash.
    pub threads: Option<NonZeroUsize>,
    /// How many more may wait. Beyond it callers are told to come back later.
    pub queue: NonZeroUsize,
}

impl Default for PoolSettings {
    fn default() -> Self {
        // Waiting for 64 hashes takes about a second on two cores.
        Self {
            parameters: Parameters::RECOMMENDED,
            threads: None,
            queue: NonZeroUsize::MIN.saturating_add(63),
        }
    }
}

/// Whether passwords can be compared with a hash that was made elsewhere: it is Argon2, undamaged, and costs no more than the
/// most that can be configured here. Any password is wrong for one that is not.
pub fn is_usable(hash: &PasswordHash) -> bool {
    Stored::read(hash).is_some()
}

enum Job {
    Hash(Password, oneshot::Sender<PasswordHash>),
    Check(Password, Option<PasswordHash>, oneshot::Sender<PasswordCheck>),
}

/// Argon2id on a bounded pool of threads. Dropping it ends them.
pub struct Argon2Pool {
    queue: Arc<Queue<Job>>,
    threads: Vec<JoinHandle<()>>,
    computed: Arc<AtomicU64>,
}

impl Argon2Pool {
    /// Starts the threads. Fails when one cannot be started.
    pub fn start(settings: PoolSettings, entropy: &Arc<dyn Entropy>) -> io::Result<Self> {
        let cores = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let threads = settings.threads.unwrap_or_else(cores).get();
        Self::with_threads(threads, settings, entropy)
    }

    fn with_threads(count: usize, settings: PoolSettings, entropy: &Arc<dyn Entropy>) -> io::Result<Self> {
        let mut pool = Self {
            queue: Arc::new(Queue::new(settings.queue.get())),
            threads: Vec::with_capacity(count),
            computed: Arc::new(AtomicU64::new(0)),
        };
        for place in 0..count {
            let queue = Arc::clone(&pool.queue);
            let bench = Bench::new(settings.parameters, Arc::clone(entropy), Arc::clone(&pool.computed));
            let thread = thread::Builder::new()
                .name(format!("argon2-{place}"))
                .spawn(move || work(&queue, bench))?;
            pool.threads.push(thread);
        }
        Ok(pool)
    }

    /// How many callers wait for their turn; for metrics.
    pub fn queue_len(&self) -> usize {
        self.queue.len()
    }

    /// How many hashes were computed since the start; for metrics.
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl PasswordHasher for Argon2Pool {
    fn capacity(&self) -> usize {
        self.queue.capacity()
    }

    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherBusy> {
        let (reply, answer) = oneshot::channel();
        self.queue.admit(Job::Hash(password, reply)).map_err(|_| HasherBusy)?;
        // No answer means that the pool is being dropped or that a hash failed: nothing was compared, so try again.
        answer.await.map_err(|_| HasherBusy)
    }

    async fn check(&self, password: Password, hash: Option<PasswordHash>) -> Result<PasswordCheck, HasherBusy> {
        let (reply, answer) = oneshot::channel();
        self.queue
            .admit(Job::Check(password, hash, reply))
            .map_err(|_| HasherBusy)?;
        answer.await.map_err(|_| HasherBusy)
    }
}

impl Drop for Argon2Pool {
    fn drop(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            // A thread ends after the hash it is at; it has no result that could be lost.
            let _ = thread.join();
        }
    }
}

fn work(queue: &Queue<Job>, mut bench: Bench) {
    lower_priority();
    loop {
        match queue.take(bench.holds_memory().then_some(MEMORY_KEPT_FOR)) {
            // A panic in one hash must not take the thread from all that follow.
            Next::Job(job) => {
                if catch_unwind(AssertUnwindSafe(|| perform(job, &mut bench))).is_err() {
                    tracing::error!("a password hash panicked");
                }
            }
            Next::Quiet => bench.release(),
            Next::Closed => break,
        }
    }
}

fn perform(job: Job, bench: &mut Bench) {
    match job {
        // Whoever hung up while waiting is owed no work. A send can only fail for the same reason.
        Job::Hash(password, reply) if !reply.is_closed() => {
            if let Some(hash) = bench.hash(&password) {
                let _ = reply.send(hash);
            }
        }
        Job::Check(password, hash, reply) if !reply.is_closed() => {
            let _ = reply.send(bench.check(&password, hash.as_ref()));
        }
        Job::Hash(..) | Job::Check(..) => {}
    }
}

/// On Linux a priority belongs to a thread, so the rest of the service keeps its own.
#[cfg(target_os = "linux")]
fn lower_priority() {
    let thread = Some(rustix::thread::gettid());
    let lowered = rustix::process::getpriority_process(thread)
        .and_then(|nice| rustix::process::setpriority_process(thread, (nice + LOWERED_BY).min(19)));
    if let Err(error) = lowered {
        tracing::warn!(%error, "password hashing runs at normal priority and may slow other requests down");
    }
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}
