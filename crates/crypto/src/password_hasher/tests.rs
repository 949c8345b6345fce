use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::entropy::OsEntropy;

const RIGHT: &str = "correct horse battery staple";

fn password(text: &str) -> Password {
    Password::new(text).unwrap()
}

fn phc(text: &str) -> PasswordHash {
    PasswordHash::from_phc(text.to_owned())
}

fn entropy() -> Arc<dyn Entropy> {
    Arc::new(OsEntropy)
}

fn settings(queue: usize) -> PoolSettings {
    PoolSettings {
        parameters: Parameters::for_tests(),
        threads: NonZeroUsize::new(2),
        queue: NonZeroUsize::new(queue).unwrap(),
    }
}

fn pool() -> Argon2Pool {
    Argon2Pool::start(settings(64), &entropy()).unwrap()
}

/// A pool in which nothing is ever worked off.
fn idle_pool(queue: usize) -> Argon2Pool {
    Argon2Pool::with_threads(0, settings(queue), &entropy()).unwrap()
}

fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn a_hash_fits_its_own_password_and_no_other() {
    let pool = pool();
    let hash = pool.hash(password(RIGHT)).await.unwrap();
    assert_eq!(
        pool.check(password(RIGHT), Some(hash.clone())).await,
        Ok(PasswordCheck::Right)
    );
    for wrong in [
        "correct horse battery stapl",
        "Correct horse battery staple",
        "",
        "correct horse battery staple ",
    ] {
        assert_eq!(
            pool.check(password(wrong), Some(hash.clone())).await,
            Ok(PasswordCheck::Wrong),
            "{wrong:?}"
        );
    }
}

#[tokio::test]
async fn a_hash_is_a_phc_string_with_a_fresh_salt() {
    let pool = pool();
    let (one, other) = (
        pool.hash(password(RIGHT)).await.unwrap(),
        pool.hash(password(RIGHT)).await.unwrap(),
    );
    let fields: Vec<&str> = one.as_phc().split('$').collect();
    assert_eq!(fields[..4], ["", "argon2id", "v=19", "m=8,t=1,p=1"]);
    assert_eq!((fields[4].len(), fields[5].len(), fields.len()), (22, 43, 6));
    let others: Vec<&str> = other.as_phc().split('$').collect();
    assert_ne!(fields[4], others[4]);
    assert_ne!(fields[5], others[5]);
}

#[tokio::test]
async fn hashes_of_the_reference_implementation_are_understood() {
    // Most are from `src/test.c` of the reference implementation of Argon2, the others were made with it: "password",
    // "somesalt".
    let pool = pool();
    for hash in [
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$2gcOV25Q8vOKPIl8vdxsf7QCjocJcf+erntOGHkpXm4",
        "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
        "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
        "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$JcTui6RIBUtJ78gE5Hi52CO+H5vS6Z9R1uxAB6OhUB8",
        "$argon2d$v=16$m=256,t=2,p=1$c29tZXNhbHQ$vUBIaP8AxS51Q8gzLmp3KlckiS1+Mo1c8lO7yOcms3E",
    ] {
        assert_eq!(
            pool.check(password("password"), Some(phc(hash))).await,
            Ok(PasswordCheck::RightOutdated),
            "{hash}"
        );
        assert!(is_usable(&phc(hash)), "{hash}");
        assert_eq!(
            pool.check(password("sassword"), Some(phc(hash))).await,
            Ok(PasswordCheck::Wrong),
            "{hash}"
        );
    }
}

#[tokio::test]
async fn a_hash_with_yesterdays_parameters_is_right_and_outdated() {
    let yesterday = pool();
    let parameters = Parameters::new(16, 1, 1).unwrap();
    let today = Argon2Pool::start(
        PoolSettings {
            parameters,
            ..settings(64)
        },
        &entropy(),
    )
    .unwrap();
    let hash = yesterday.hash(password(RIGHT)).await.unwrap();
    assert_eq!(
        today.check(password(RIGHT), Some(hash)).await,
        Ok(PasswordCheck::RightOutdated)
    );
    let hash = today.hash(password(RIGHT)).await.unwrap();
    assert_eq!(
        today.check(password(RIGHT), Some(hash.clone())).await,
        Ok(PasswordCheck::Right)
    );
    // The other way round: the stored hash needs more memory than a thread usually holds.
    assert_eq!(
        yesterday.check(password(RIGHT), Some(hash)).await,
        Ok(PasswordCheck::RightOutdated)
    );
}

#[tokio::test]
async fn an_unknown_account_and_an_unreadable_hash_cost_one_hash_each() {
    let pool = pool();
    let known = pool.hash(password(RIGHT)).await.unwrap();
    let damaged = known.as_phc().replace("v=19", "v=18");
    let cut = known.as_phc().rsplit_once('$').unwrap().0.to_owned();
    let mut expected = pool.computed();
    for hash in [
        None,
        Some(phc("")),
        Some(phc("plain text")),
        Some(phc(&damaged)),
        Some(phc(&cut)),
        // Another family.
        Some(phc(
            "$scrypt$ln=4,r=8,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
        )),
        // A hash of four bytes: one password in four thousand million fits.
        Some(phc("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAA")),
        // More than any of ours may cost: memory, passes, lanes.
        Some(phc(
            "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        )),
        Some(phc(
            "$argon2id$v=19$m=8,t=4294967295,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        )),
        Some(phc(
            "$argon2id$v=19$m=8192,t=1,p=1024$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        )),
    ] {
        let what = hash.as_ref().map(|hash| hash.as_phc().to_owned());
        assert!(!hash.as_ref().is_some_and(is_usable), "{what:?}");
        assert_eq!(
            pool.check(password(RIGHT), hash).await,
            Ok(PasswordCheck::Wrong),
            "{what:?}"
        );
        expected += 1;
        assert_eq!(pool.computed(), expected, "{what:?}");
    }
    assert_eq!(
        pool.check(password("wrong password"), Some(known)).await,
        Ok(PasswordCheck::Wrong)
    );
    assert_eq!(pool.computed(), expected + 1);
}

#[test]
fn a_full_queue_refuses_at_once() {
    let pool = idle_pool(2);
    let mut first = pin!(pool.hash(password(RIGHT)));
    let mut second = pin!(pool.check(password(RIGHT), None));
    let mut context = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending());
    assert!(second.as_mut().poll(&mut context).is_pending());
    assert_eq!((pool.queue_len(), pool.capacity()), (2, 2));
    assert!(matches!(poll(pool.hash(password(RIGHT))), Poll::Ready(Err(HasherBusy))));
    assert_eq!(poll(pool.check(password(RIGHT), None)), Poll::Ready(Err(HasherBusy)));
    // A place is free again as soon as one of them is taken.
    assert!(matches!(pool.queue.take(None), Next::Job(Job::Hash(..))));
    assert!(first.as_mut().poll(&mut context).is_ready());
    assert!(poll(pool.check(password(RIGHT), None)).is_pending());
}

#[test]
fn whoever_hung_up_is_owed_no_work() {
    let pool = idle_pool(2);
    let mut bench = Bench::new(Parameters::for_tests(), Arc::new(OsEntropy), Arc::clone(&pool.computed));
    let mut waits = pin!(pool.check(password(RIGHT), None));
    assert!(poll(pool.check(password(RIGHT), None)).is_pending());
    assert!(
        waits
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    );
    while let Next::Job(job) = pool.queue.take(Some(Duration::ZERO)) {
        perform(job, &mut bench);
    }
    assert_eq!(pool.computed(), 1);
    assert_eq!(poll(waits), Poll::Ready(Ok(PasswordCheck::Wrong)));
}

#[tokio::test]
async fn all_of_a_crowd_are_answered() {
    let pool = Arc::new(pool());
    let hash = pool.hash(password(RIGHT)).await.unwrap();
    let checks: Vec<_> = (0..60)
        .map(|place| {
            let (pool, hash) = (Arc::clone(&pool), hash.clone());
            let text = if place % 2 == 0 { RIGHT } else { "another password" };
            tokio::spawn(async move { pool.check(password(text), Some(hash)).await })
        })
        .collect();
    for (place, check) in checks.into_iter().enumerate() {
        let expected = if place % 2 == 0 {
            PasswordCheck::Right
        } else {
            PasswordCheck::Wrong
        };
        assert_eq!(check.await.unwrap(), Ok(expected));
    }
}

#[test]
fn dropping_the_pool_ends_its_threads() {
    let pool = pool();
    let queue = Arc::downgrade(&pool.queue);
    drop(pool);
    // Each thread holds the queue for as long as it runs.
    assert!(queue.upgrade().is_none());
}

#[test]
fn callers_are_told_when_the_pool_ends_before_their_turn() {
    let pool = idle_pool(2);
    let mut waits = pin!(pool.hash(password(RIGHT)));
    assert!(
        waits
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    );
    pool.queue.close();
    assert!(matches!(poll(waits), Poll::Ready(Err(HasherBusy))));
}

#[test]
fn memory_is_taken_at_the_first_hash_and_can_be_given_back() {
    let mut bench = Bench::new(Parameters::for_tests(), Arc::new(OsEntropy), Arc::default());
    assert!(!bench.holds_memory());
    let hash = bench.hash(&password(RIGHT)).unwrap();
    assert!(bench.holds_memory());
    bench.release();
    assert!(!bench.holds_memory());
    assert_eq!(bench.check(&password(RIGHT), Some(&hash)), PasswordCheck::Right);
}

#[cfg(target_os = "linux")]
#[test]
fn only_the_hashing_threads_run_at_lower_priority() {
    let priority = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
    let ours = priority();
    let theirs = thread::spawn(move || {
        lower_priority();
        priority()
    });
    assert_eq!(theirs.join().unwrap(), (ours + LOWERED_BY).min(19));
    assert_eq!(priority(), ours);
}
