//! How guessing is bounded, through the use cases: what is evaluated, and who is kept out by whom.

mod world;

use std::sync::Arc;
use std::time::Duration;

use application::actor::Actor;
use application::ports::{EventFilter, Store};
use application::sign_in::{LoginError, LoginTerms};
use domain::event::EventKind;
use domain::scope::Scopes;
use domain::secret::{AuthSessionHandle, RefreshToken};
use domain::session::Origin;
use world::{PASSWORD, World, granted, is_refused, terms};

#[tokio::test]
async fn five_wrong_keys_hold_the_factor_and_a_right_one_is_refused_like_them() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    for _ in 0..5 {
        assert!(is_refused(
            &world.login("alice", PASSWORD, Some(&world.wrong_key())).await
        ));
    }
    let before = world.keys_compared();
    assert!(is_refused(&world.login("alice", PASSWORD, Some(&owner.key)).await));
    assert_eq!(world.keys_compared(), before, "it must not even be compared");
    world.clock.advance(Duration::from_mins(1));
    granted(world.login("alice", PASSWORD, Some(&owner.key)).await);
}

#[tokio::test]
async fn the_two_call_form_and_the_one_call_form_share_one_budget() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    for _ in 0..3 {
        let pending = world.pending(&owner).await;
        assert!(is_refused(&world.complete(pending.expose(), &world.wrong_key()).await));
    }
    for _ in 0..2 {
        assert!(is_refused(
            &world.login("alice", PASSWORD, Some(&world.wrong_key())).await
        ));
    }
    // A new authentication session does not bring a new budget.
    let pending = world.pending(&owner).await;
    assert!(is_refused(&world.complete(pending.expose(), &owner.key).await));
}

#[tokio::test]
async fn five_hundred_parallel_wrong_keys_are_evaluated_five_times() {
    let world = Arc::new(World::new().await);
    world.register("alice").await;
    let before = world.keys_compared();
    let mut guesses = tokio::task::JoinSet::new();
    for _ in 0..500 {
        let (world, key) = (Arc::clone(&world), world.wrong_key());
        guesses.spawn(async move { is_refused(&world.login("alice", PASSWORD, Some(&key)).await) });
    }
    assert!(guesses.join_all().await.into_iter().all(|refused| refused));
    assert!(world.keys_compared() - before <= 5);
}

#[tokio::test]
async fn wrong_passwords_leave_the_second_factor_alone_and_the_reverse() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let pending = world.pending(&owner).await;
    for _ in 0..20 {
        assert!(is_refused(&world.login("alice", "wrong password", None).await));
    }
    granted(world.complete(pending.expose(), &owner.key).await);

    let other = world.register("bob").await;
    for _ in 0..20 {
        assert!(is_refused(
            &world.login("bob", PASSWORD, Some(&world.wrong_key())).await
        ));
    }
    // The right password was no failure, so the first step still answers.
    world.pending(&other).await;
}

#[tokio::test]
async fn a_flood_of_wrong_passwords_does_not_keep_the_owner_out() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    // Enough, with patience, to use the password's budget up for good.
    for _ in 0..130 {
        assert!(is_refused(
            &world
                .login_with("alice", "wrong password", None, terms("203.0.113.9"))
                .await
        ));
        world.clock.advance(Duration::from_hours(1));
    }
    assert!(
        is_refused(&world.login("alice", PASSWORD, None).await),
        "the password alone is held for good"
    );
    // A stranger who sends made-up keys from elsewhere changes nothing for the owner.
    for _ in 0..30 {
        let key = world.wrong_key();
        assert!(is_refused(
            &world
                .login_with("alice", "wrong password", Some(&key), terms("203.0.113.9"))
                .await
        ));
    }
    granted(world.login("alice", PASSWORD, Some(&owner.key)).await);
    world.pending(&owner).await;
}

#[tokio::test]
async fn who_holds_the_key_cannot_guess_the_password_without_bound() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    for guess in 0..300_u32 {
        // A new network each time, and an hour of patience: nothing per address helps here.
        let network = format!("2001:db8:{guess:x}::/64");
        let outcome = world
            .login_with("alice", "wrong password", Some(&owner.key), terms(&network))
            .await;
        assert!(is_refused(&outcome));
        world.clock.advance(Duration::from_hours(1));
    }
    assert!(
        world.passwords_compared() <= 200,
        "100 without and 100 with the key proved first"
    );
}

#[tokio::test]
async fn during_a_flood_the_second_factors_own_hold_still_counts() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    for _ in 0..5 {
        assert!(is_refused(
            &world.login("alice", PASSWORD, Some(&world.wrong_key())).await
        ));
    }
    for _ in 0..5 {
        assert!(is_refused(&world.login("alice", "wrong password", None).await));
    }
    assert!(is_refused(&world.login("alice", PASSWORD, Some(&owner.key)).await));
}

#[tokio::test]
async fn a_hundred_failures_are_the_end_until_an_administrator_unlocks() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let before = world.keys_compared();
    for _ in 0..150 {
        assert!(is_refused(
            &world.login("alice", PASSWORD, Some(&world.wrong_key())).await
        ));
        world.clock.advance(Duration::from_hours(1));
    }
    assert_eq!(world.keys_compared() - before, 100);
    world.clock.advance(Duration::from_hours(24 * 365));
    assert!(is_refused(&world.login("alice", PASSWORD, Some(&owner.key)).await));
    world
        .app
        .manage_users
        .unlock(&Actor::Operator, owner.user.id, &Origin::default())
        .await
        .unwrap();
    granted(world.login("alice", PASSWORD, Some(&owner.key)).await);
}

#[tokio::test]
async fn an_unknown_name_is_held_like_a_known_one() {
    let world = World::new().await;
    world.register("alice").await;
    for name in ["alice", "nobody"] {
        for _ in 0..8 {
            let before = world.hashing_work();
            assert!(is_refused(&world.login(name, "wrong password", None).await));
            assert_eq!(world.hashing_work() - before, 1, "{name}");
        }
    }
    // Five of the known account's were real; the rest, and all of the unknown one's, were work for nothing.
    assert_eq!(world.passwords_compared(), 5);
}

#[tokio::test]
async fn letter_case_and_width_do_not_make_another_budget() {
    let world = World::new().await;
    world.register("alice").await;
    for name in ["alice", "ALICE", "Alice", "\u{ff21}lice", "aLiCe", "alicE", "AlicE"] {
        assert!(is_refused(&world.login(name, "wrong password", None).await));
    }
    assert_eq!(world.passwords_compared(), 5);
}

#[tokio::test]
async fn a_success_sets_the_counters_back() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    for _ in 0..3 {
        for _ in 0..4 {
            assert!(is_refused(&world.login("alice", "wrong password", None).await));
        }
        granted(world.login("alice", PASSWORD, Some(&owner.key)).await);
    }
}

#[tokio::test]
async fn whom_a_busy_service_turns_away_has_made_no_attempt() {
    let world = World::with_hashing_places(2).await;
    let owner = world.register("alice").await;
    let busy: Vec<_> = (0..2).map(|_| world.app.core.hashing.occupy().unwrap()).collect();
    for _ in 0..20 {
        let outcome = world.login("alice", PASSWORD, Some(&owner.key)).await;
        assert!(matches!(outcome, Err(LoginError::Busy(_))));
    }
    drop(busy);
    granted(world.login("alice", PASSWORD, Some(&owner.key)).await);
}

#[tokio::test]
async fn asking_for_too_much_with_the_right_secrets_is_no_failure_and_is_written_down() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    for _ in 0..10 {
        let admin = Some(Scopes::parse_own("admin").unwrap());
        let terms = LoginTerms {
            scopes: admin,
            ..terms("192.0.2.1")
        };
        let outcome = world.login_with("alice", PASSWORD, Some(&owner.key), terms).await;
        assert!(matches!(outcome, Err(LoginError::InvalidScope)));
    }
    let mut tx = world.store.read().await.unwrap();
    let refused = EventFilter {
        kind: Some(EventKind::LoginRefused),
        ..EventFilter::default()
    };
    assert_eq!(tx.events().list(&refused, 100).await.unwrap().len(), 10);
    drop(tx);
    granted(world.login("alice", PASSWORD, Some(&owner.key)).await);
}

#[tokio::test]
async fn made_up_handles_and_tokens_leave_nothing_behind() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let mut tx = world.store.read().await.unwrap();
    let before = tx.events().head().await.unwrap().position;
    drop(tx);
    for _ in 0..50 {
        let bytes = application::ports::entropy::secret_bytes(world.app.core.ports.entropy.as_ref());
        let handle = AuthSessionHandle::generate(&bytes).expose().to_owned();
        assert!(is_refused(&world.complete(&handle, &owner.key).await));
        let token = RefreshToken::generate(&bytes);
        assert!(world.app.refresh.execute(&token, &Origin::default()).await.is_err());
        world
            .app
            .revoke
            .execute(token.expose(), &Origin::default())
            .await
            .unwrap();
    }
    let mut tx = world.store.read().await.unwrap();
    assert_eq!(tx.events().head().await.unwrap().position, before);
}
