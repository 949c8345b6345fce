//! Measures how many passwords a second this machine can hash, to choose the way in which the service does it:
//! `cargo run --release -p crypto --example argon2_rate [seconds]`
#![expect(clippy::print_stdout, reason = "a measurement is there to be read")]
#![expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]

use std::error::Error;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use application::ports::{Entropy, PasswordHasher};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use crypto::entropy::OsEntropy;
use crypto::password_hasher::{Argon2Pool, Parameters, PoolSettings};
use domain::secret::Password;

const PASSWORD: &str = "correct horse battery staple";
const SALT: &[u8; 16] = b"sixteen bytes...";

/// Runs `work` on so many threads for so long, and returns how often a second it was done.
fn rate(threads: usize, span: Duration, work: impl Fn() -> Box<dyn FnMut()> + Sync) -> f64 {
    let (over, done) = (AtomicBool::new(false), AtomicU64::new(0));
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut work = work();
                while !over.load(Ordering::Relaxed) {
                    work();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        thread::sleep(span);
        over.store(true, Ordering::Relaxed);
    });
    let done = u32::try_from(done.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
    f64::from(done) / start.elapsed().as_secs_f64()
}

fn params() -> Result<Params, Box<dyn Error>> {
    let today = Parameters::RECOMMENDED;
    Params::new(today.memory_kib(), today.passes(), today.lanes(), Some(32)).map_err(|error| error.to_string().into())
}

fn pool_rate(threads: usize, span: Duration) -> Result<f64, Box<dyn Error>> {
    let settings = PoolSettings {
        threads: NonZeroUsize::new(threads),
        ..PoolSettings::default()
    };
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let pool = Arc::new(Argon2Pool::start(settings, &entropy)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let start = Instant::now();
    runtime.block_on(async {
        // Twice as many callers as threads, so that no thread waits for the runtime.
        let callers: Vec<_> = (0..threads * 2)
            .map(|_| {
                let pool = Arc::clone(&pool);
                tokio::spawn(async move {
                    while start.elapsed() < span {
                        if let Some(password) = Password::new(PASSWORD) {
                            let _ = pool.check(password, None).await;
                        }
                    }
                })
            })
            .collect();
        for caller in callers {
            let _ = caller.await;
        }
    });
    let computed = u32::try_from(pool.computed()).unwrap_or(u32::MAX);
    Ok(f64::from(computed) / start.elapsed().as_secs_f64())
}

fn main() -> Result<(), Box<dyn Error>> {
    let seconds = std::env::args().nth(1).map_or(Ok(4), |text| text.parse())?;
    let span = Duration::from_secs(seconds);
    let params = params()?;
    let cores = thread::available_parallelism()?.get();
    let blocks = params.block_count();
    println!(
        "Argon2id m={} KiB t={} p={}, hashes a second",
        params.m_cost(),
        params.t_cost(),
        params.p_cost()
    );
    println!(
        "{:>8} {:>14} {:>14} {:>14}",
        "threads", "fresh memory", "reused memory", "the pool"
    );
    for threads in [1, cores, cores * 2] {
        let fresh = rate(threads, span, || {
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
            Box::new(move || {
                let _ = argon2.hash_password_into(PASSWORD.as_bytes(), SALT, &mut [0; 32]);
            })
        });
        let reused = rate(threads, span, || {
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
            let mut memory = vec![Block::new(); blocks];
            Box::new(move || {
                let memory = memory.as_mut_slice();
                let _ = argon2.hash_password_into_with_memory(PASSWORD.as_bytes(), SALT, &mut [0; 32], memory);
            })
        });
        println!(
            "{threads:>8} {fresh:>14.1} {reused:>14.1} {:>14.1}",
            pool_rate(threads, span)?
        );
    }
    Ok(())
}
