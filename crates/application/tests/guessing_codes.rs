//! How guessing at one-time codes and recovery codes is bounded, over every way by which one can be sent.
#![expect(clippy::unwrap_used, reason = "a surprise is a failed test")]

mod world;

use std::sync::Arc;
use std::time::Duration;

use application::accounts::RotationTerms;
use application::core::CodeOnly;
use domain::secret::SecretKey;
use world::phone::{NOWHERE, Phone, STEP, key, login_of, new_authenticator, otp, recovery, with_orion};
use world::{Owner, PASSWORD, World, granted, is_refused, terms};

/// A recovery code of the right form that nobody has.
fn wrong_recovery(number: u8) -> String {
    let bytes = zeroize::Zeroizing::new([number; 15]);
    domain::recovery_code::RecoveryCode::generate(&bytes)
        .expose()
        .to_owned()
}

/// What could have been compared until now, of any kind.
fn compared(world: &World) -> usize {
    world.codes_compared() + world.keys_compared() + world.recovery_codes_compared()
}

async fn rotate(world: &World, caller: &application::tokens::Caller, key: &str) -> bool {
    let terms = RotationTerms {
        overlap: Duration::from_hours(1),
        lifetime: None,
    };
    let key = SecretKey::parse(key).unwrap();
    let rotated = world.app.rotate_secret_key.execute(caller, key, terms, &NOWHERE);
    rotated.await.is_ok()
}

#[tokio::test]
async fn every_way_of_a_login_and_every_kind_of_proof_share_one_budget() {
    let world = World::with(with_orion(CodeOnly::Refused)).await;
    let owner = world.with_address("alice").await;
    let (phone, codes) = world.enrol(&owner).await;
    let before = compared(&world);
    assert!(is_refused(&world.prove(&owner, otp(&phone.wrong(&world))).await));
    assert!(is_refused(&world.prove(&owner, key(&world.wrong_key())).await));
    let pending = world.pending(&owner).await.expose().to_owned();
    let wrong = recovery(&wrong_recovery(1));
    assert!(is_refused(&world.complete_with(&pending, wrong).await));
    assert!(world.orion_first("alice").await.is_ok());
    assert!(is_refused(&world.orion_second("alice", &phone.wrong(&world)).await));
    assert!(
        world
            .orion_enrol("alice", Some(otp(&phone.wrong(&world))))
            .await
            .is_err()
    );
    assert_eq!(compared(&world) - before, 5);
    // From here on the right ones are refused like the wrong ones, by every way, and not even compared.
    let code = phone.code(&world);
    assert!(is_refused(&world.prove(&owner, otp(&code)).await));
    assert!(is_refused(&world.prove(&owner, key(&owner.key)).await));
    assert!(is_refused(&world.complete_with(&pending, recovery(&codes[0])).await));
    let another = world.pending(&owner).await.expose().to_owned();
    assert!(is_refused(&world.complete_with(&another, otp(&code)).await));
    assert!(is_refused(&world.orion_second("alice", &code).await));
    assert!(world.orion_enrol("alice", Some(otp(&code))).await.is_err());
    assert_eq!(compared(&world) - before, 5);
    world.clock.advance(Duration::from_mins(1));
    granted(world.prove(&owner, otp(&phone.code(&world))).await);
}

#[tokio::test]
async fn five_hundred_parallel_wrong_codes_by_every_way_are_evaluated_five_times() {
    let world = Arc::new(World::with(with_orion(CodeOnly::Refused)).await);
    let owner = world.with_address("alice").await;
    let (phone, _) = world.enrol(&owner).await;
    let mut handles = Vec::new();
    for _ in 0..20 {
        handles.push(world.pending(&owner).await.expose().to_owned());
    }
    assert!(world.orion_first("alice").await.is_ok());
    let (owner, phone, before) = (Arc::new(owner), Arc::new(phone), compared(&world));
    let mut guesses = tokio::task::JoinSet::new();
    for guess in 0..500 {
        let (world, owner, phone) = (Arc::clone(&world), Arc::clone(&owner), Arc::clone(&phone));
        let handle = handles[guess % handles.len()].clone();
        guesses.spawn(async move {
            let code = phone.wrong(&world);
            match guess % 3 {
                0 => is_refused(&world.prove(&owner, otp(&code)).await),
                1 => is_refused(&world.complete_with(&handle, otp(&code)).await),
                _ => is_refused(&world.orion_second("alice", &code).await),
            }
        });
    }
    assert!(guesses.join_all().await.into_iter().all(|refused| refused));
    assert!(compared(&world) - before <= 5);
}

#[tokio::test]
async fn guessing_with_a_token_has_a_budget_of_its_own_over_step_up_and_rotation() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let caller = world.caller(&owner).await;
    let before = compared(&world);
    for _ in 0..3 {
        assert!(world.step_up(&caller, otp(&phone.wrong(&world))).await.is_err());
        assert!(!rotate(&world, &caller, &world.wrong_key()).await);
    }
    assert_eq!(compared(&world) - before, 5);
    granted(world.prove(&owner, otp(&phone.code(&world))).await);
}

#[tokio::test]
async fn a_success_with_a_token_leaves_the_budget_of_the_login_alone() {
    let world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    let caller = world.caller(&owner).await;
    for _ in 0..5 {
        assert!(is_refused(&world.prove(&owner, otp(&phone.wrong(&world))).await));
    }
    let caller = {
        let stepped = world.step_up(&caller, otp(&phone.code(&world))).await.unwrap();
        world.believes(&stepped.access_token).await.unwrap()
    };
    assert!(rotate(&world, &caller, &owner.key).await);
    let tablet = Phone::of(world.begin(&caller, new_authenticator("Tablet")).await.ok().unwrap());
    assert!(world.confirm(&caller, tablet.id, &tablet.code(&world)).await.is_ok());
    let before = compared(&world);
    assert!(is_refused(&world.prove(&owner, recovery(&codes[0])).await));
    assert_eq!(compared(&world), before);
}

#[tokio::test]
async fn confirming_has_a_budget_of_its_own_that_a_success_clears_alone() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let caller = world.caller_by(&owner, otp(&phone.code(&world))).await;
    let begun = Phone::of(world.begin(&caller, new_authenticator("Tablet")).await.ok().unwrap());
    let before = world.codes_compared();
    for _ in 0..4 {
        assert!(world.step_up(&caller, otp(&phone.wrong(&world))).await.is_err());
    }
    for _ in 0..7 {
        assert!(world.confirm(&caller, begun.id, &begun.wrong(&world)).await.is_err());
    }
    assert_eq!(world.codes_compared() - before, 4 + 5);
    world.clock.advance(Duration::from_mins(1));
    assert!(world.confirm(&caller, begun.id, &begun.code(&world)).await.is_ok());
    let before = world.codes_compared();
    for _ in 0..3 {
        assert!(world.step_up(&caller, otp(&phone.wrong(&world))).await.is_err());
    }
    let one_guess_at_two = 2;
    assert_eq!(
        world.codes_compared() - before,
        one_guess_at_two,
        "the fifth, and then it waits"
    );
}

#[tokio::test]
async fn who_holds_the_key_cannot_guess_at_codes_without_bound() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let before = world.codes_compared();
    for _ in 0..20 {
        for _ in 0..4 {
            assert!(is_refused(&world.prove(&owner, otp(&phone.wrong(&world))).await));
        }
        // It completes a login of this account, but proves less than what was guessed at.
        let _ = world.prove(&owner, key(&owner.key)).await;
    }
    assert!(world.codes_compared() - before <= 5);
}

#[tokio::test]
async fn a_machine_with_a_key_is_not_held_back_by_its_own_success() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("robot").await;
    for _ in 0..20 {
        granted(world.prove(&owner, key(&owner.key)).await);
        let caller = world.caller_by(&owner, key(&owner.key)).await;
        assert!(world.step_up(&caller, key(&owner.key)).await.is_ok());
    }
    granted(world.prove(&owner, otp(&phone.code(&world))).await);
}

#[tokio::test]
async fn who_holds_a_token_and_the_key_cannot_guess_at_codes_without_bound() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let before = world.codes_compared();
    let mut present = owner.key.clone();
    for _ in 0..20 {
        // A new session each time: the login must not clear what was guessed with a token either.
        let caller = world.caller_by(&owner, key(&present)).await;
        for _ in 0..4 {
            assert!(world.step_up(&caller, otp(&phone.wrong(&world))).await.is_err());
        }
        let _ = world.step_up(&caller, key(&present)).await;
        let terms = RotationTerms {
            overlap: Duration::ZERO,
            lifetime: None,
        };
        let parsed = SecretKey::parse(&present).unwrap();
        let rotated = world.app.rotate_secret_key.execute(&caller, parsed, terms, &NOWHERE);
        if let Ok(rotated) = rotated.await {
            rotated.secret_key.expose().clone_into(&mut present);
        }
    }
    assert!(
        world.codes_compared() - before <= 5,
        "{}",
        world.codes_compared() - before
    );
}

#[tokio::test]
async fn during_a_hold_of_the_password_a_code_is_not_compared_and_a_key_and_a_recovery_code_are() {
    let world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    let hold = || async {
        for _ in 0..6 {
            assert!(is_refused(&world.login("alice", "wrong password", None).await));
        }
    };
    hold().await;
    let before = (world.codes_compared(), world.passwords_compared());
    for _ in 0..10 {
        assert!(is_refused(&world.prove(&owner, otp(&phone.code(&world))).await));
    }
    assert_eq!((world.codes_compared(), world.passwords_compared()), before);
    granted(world.prove(&owner, recovery(&codes[0])).await);
    assert!(is_refused(&world.prove(&owner, recovery(&codes[0])).await));
    granted(world.prove(&owner, otp(&phone.code(&world))).await);
    hold().await;
    granted(world.prove(&owner, key(&owner.key)).await);
    hold().await;
    // A recovery code is not spent by a wrong password, and helps to no more guesses than a key.
    let before = world.passwords_compared();
    for _ in 0..20 {
        let login = login_of("alice", "wrong password", Some(recovery(&codes[1])), terms("192.0.2.7"));
        assert!(is_refused(&world.app.sign_in.with_password(login).await));
    }
    assert!(world.passwords_compared() - before <= 5);
    assert_eq!(world.codes_left(&owner).await, 9);
}

#[tokio::test]
async fn a_key_during_a_hold_does_not_clear_what_was_guessed_at_codes() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let before = world.codes_compared();
    for _ in 0..10 {
        for _ in 0..4 {
            assert!(is_refused(&world.prove(&owner, otp(&phone.wrong(&world))).await));
        }
        for _ in 0..6 {
            assert!(is_refused(&world.login("alice", "wrong password", None).await));
        }
        let _ = world.prove(&owner, key(&owner.key)).await;
    }
    assert!(world.codes_compared() - before <= 5);
}

#[tokio::test]
async fn a_flood_of_wrong_passwords_does_not_use_up_the_second_factor() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let pending = world.pending(&owner).await;
    let before = compared(&world);
    for _ in 0..50 {
        let login = login_of(
            "alice",
            "wrong password",
            Some(otp(&phone.wrong(&world))),
            terms("203.0.113.9"),
        );
        assert!(is_refused(&world.app.sign_in.with_password(login).await));
    }
    assert_eq!(compared(&world), before);
    granted(world.complete_with(pending.expose(), otp(&phone.code(&world))).await);
}

#[tokio::test]
async fn a_second_call_gives_no_further_guesses_at_the_password() {
    let world = World::with(with_orion(CodeOnly::Refused)).await;
    let owner = world.with_address("alice").await;
    let (phone, _) = world.enrol(&owner).await;
    // The owner is about to log in; a stranger knows the address and nothing else.
    assert!(world.orion_first("alice").await.is_ok());
    let before = world.passwords_compared();
    for _ in 0..20 {
        for _ in 0..4 {
            assert!(is_refused(&world.login("alice", "wrong password", None).await));
        }
        assert!(is_refused(&world.orion_second("alice", &phone.wrong(&world)).await));
    }
    assert!(world.passwords_compared() - before <= 5);
}

#[tokio::test]
async fn a_code_alone_clears_nothing_that_was_guessed_at_the_password_with_a_token() {
    let world = World::with(with_orion(CodeOnly::Allowed)).await;
    let owner: Owner = world.with_address("alice").await;
    let (phone, _) = world.enrol(&owner).await;
    let before = world.passwords_compared();
    for _ in 0..5 {
        let tokens = granted(world.orion_second("alice", &phone.code(&world)).await);
        let caller = world.app.orion_tokens.authenticate(&tokens.access_token).await.unwrap();
        for _ in 0..4 {
            let wrong = domain::secret::Password::new("wrong password").unwrap();
            let new = domain::secret::Password::new("another long password").unwrap();
            let changed = world.app.change_password.execute(&caller, wrong, new, &NOWHERE);
            assert!(changed.await.is_err());
        }
        world.clock.advance(STEP);
    }
    // After the first wait of a minute one more may be compared.
    assert!(
        world.passwords_compared() - before <= 6,
        "{}",
        world.passwords_compared() - before
    );
    assert!(is_refused(
        &world.login("alice", PASSWORD, Some(&world.wrong_key())).await
    ));
}
