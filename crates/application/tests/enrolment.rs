//! Authenticators of one's own account: what it takes to add, replace and remove one, and what follows.

mod world;

use std::sync::Arc;
use std::time::Duration;

use application::accounts::{BeginError, ConfirmError, NewAuthenticator, RemoveError, ShowError};
use application::tokens::Caller;
use domain::authenticator::AuthenticatorName;
use domain::factor::{FRESH_FOR, FactorPolicies, FactorPolicy, FactorType};
use domain::session::Origin;
use world::phone::{NOWHERE, Phone, STEP, key, new_authenticator, otp, recovery, sent};
use world::{Owner, World, granted, is_refused, policies};

/// A caller with a key who is made now, not when the account was.
async fn by_key(world: &World, owner: &Owner) -> Caller {
    world.caller_by(owner, key(&owner.key)).await
}

async fn remove(world: &World, caller: &Caller, phone: &Phone) -> Result<(), RemoveError> {
    let origin = Origin::default();
    world.app.authenticators.remove(caller, phone.id, &origin).await
}

#[tokio::test]
async fn an_authenticator_counts_from_its_confirmation_on_and_its_first_code_is_spent() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let caller = world.caller(&owner).await;
    let phone = Phone::of(world.begin(&caller, new_authenticator("Phone")).await.ok().unwrap());
    let code = phone.code(&world);
    assert!(is_refused(&world.prove(&owner, otp(&code)).await), "it is pending");
    assert_eq!(world.codes_left(&owner).await, 0);
    let confirmed = world.confirm(&caller, phone.id, &code).await.ok().unwrap();
    assert!(confirmed.authenticator.is_active());
    assert_eq!(confirmed.recovery_codes.len(), 10);
    assert_eq!(world.codes_left(&owner).await, 10);
    assert!(is_refused(&world.prove(&owner, otp(&code)).await), "the code was spent");
    let again = world.confirm(&caller, phone.id, &code).await;
    assert!(matches!(again, Err(ConfirmError::NotFound)));
    world.clock.advance(STEP);
    granted(world.prove(&owner, otp(&phone.code(&world))).await);
    assert_eq!(world.store.dropped_with_changes(), 0);
}

#[tokio::test]
async fn only_the_first_authenticator_comes_with_recovery_codes() {
    let world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    assert_eq!(codes.len(), 10);
    let caller = world.caller_by(&owner, otp(&phone.code(&world))).await;
    let (_, more) = world.add_phone(&caller, new_authenticator("Tablet")).await;
    assert!(more.is_empty());
    assert_eq!(world.codes_left(&owner).await, 10);
}

#[tokio::test]
async fn a_pending_one_is_gone_after_ten_minutes() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let caller = world.caller(&owner).await;
    let phone = Phone::of(world.begin(&caller, new_authenticator("Phone")).await.ok().unwrap());
    world.clock.advance(Duration::from_mins(10));
    let caller = by_key(&world, &owner).await;
    let late = world.confirm(&caller, phone.id, &phone.code(&world)).await;
    assert!(matches!(late, Err(ConfirmError::NotFound)));
    let shown = world.app.authenticators.key_uri(&caller, phone.id).await;
    assert!(matches!(shown, Err(ShowError::NotFound)));
    let view = world.app.queries.me(&caller).await.unwrap().unwrap();
    assert!(view.authenticators.is_empty());
}

#[tokio::test]
async fn a_second_beginning_under_one_name_takes_the_place_of_the_first() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let caller = world.caller(&owner).await;
    let first = Phone::of(world.begin(&caller, new_authenticator("Phone")).await.ok().unwrap());
    let second = Phone::of(world.begin(&caller, new_authenticator("PHONE")).await.ok().unwrap());
    assert_eq!(world.authenticators(&owner).await.1, [second.id]);
    let old = world.confirm(&caller, first.id, &first.code(&world)).await;
    assert!(matches!(old, Err(ConfirmError::NotFound)));
    assert!(world.confirm(&caller, second.id, &second.code(&world)).await.is_ok());
    world.clock.advance(STEP);
    let caller = world.caller_by(&owner, otp(&second.code(&world))).await;
    let taken = world.begin(&caller, new_authenticator("phone")).await;
    assert!(matches!(taken, Err(BeginError::NameTaken)));
}

#[tokio::test]
async fn ten_are_enough_pending_ones_included() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let caller = world.caller(&owner).await;
    for number in 0..10 {
        assert!(
            world
                .begin(&caller, new_authenticator(&format!("No {number}")))
                .await
                .is_ok()
        );
    }
    let eleventh = world.begin(&caller, new_authenticator("No 10")).await;
    assert!(matches!(eleventh, Err(BeginError::TooMany)));
    assert!(world.begin(&caller, new_authenticator("No 9")).await.is_ok());
    assert_eq!(world.authenticators(&owner).await.1.len(), 10);
    world.clock.advance(Duration::from_mins(10));
    let caller = by_key(&world, &owner).await;
    assert!(world.begin(&caller, new_authenticator("No 10")).await.is_ok());
    assert_eq!(world.authenticators(&owner).await.1.len(), 1, "the expired are gone");
}

#[tokio::test]
async fn a_key_is_proof_enough_for_the_first_authenticator_and_only_while_it_is_fresh() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let caller = world.caller(&owner).await;
    world.clock.advance(FRESH_FOR);
    let begun = world.begin(&caller, new_authenticator("Phone")).await.ok().unwrap();
    assert!(
        world
            .app
            .authenticators
            .key_uri(&caller, begun.authenticator.id)
            .await
            .is_ok()
    );
    world.clock.advance(Duration::from_micros(1));
    let late = world.begin(&caller, new_authenticator("Tablet")).await;
    assert!(matches!(late, Err(BeginError::ProofNeeded(_))));
    let shown = world.app.authenticators.key_uri(&caller, begun.authenticator.id).await;
    assert!(matches!(shown, Err(ShowError::ProofNeeded(_))));
}

#[tokio::test]
async fn beside_an_authenticator_a_key_adds_shows_replaces_and_removes_nothing() {
    let world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    let with_key = by_key(&world, &owner).await;
    let with_otp = world.caller_by(&owner, otp(&phone.code(&world))).await;
    let pending = world.begin(&with_otp, new_authenticator("Tablet")).await.ok().unwrap();
    let other = NewAuthenticator {
        replaces: Some(phone.id),
        ..new_authenticator("Other")
    };
    assert!(matches!(
        world.begin(&with_key, other).await,
        Err(BeginError::ProofNeeded(_))
    ));
    assert!(matches!(
        remove(&world, &with_key, &phone).await,
        Err(RemoveError::ProofNeeded(_))
    ));
    let shown = world
        .app
        .authenticators
        .key_uri(&with_key, pending.authenticator.id)
        .await;
    assert!(matches!(shown, Err(ShowError::ProofNeeded(_))));
    let anew = world.app.recovery_codes.execute(&with_key, &NOWHERE).await;
    assert!(anew.is_err());
    // A recovery code is for when the phone is lost.
    let with_code = world.caller_by(&owner, recovery(&codes[0])).await;
    assert!(world.begin(&with_code, new_authenticator("New")).await.is_ok());
    assert!(remove(&world, &with_code, &phone).await.is_ok());
}

#[tokio::test]
async fn what_was_begun_with_a_key_is_void_once_there_is_something_better() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let (mine, thief) = (world.caller(&owner).await, world.caller(&owner).await);
    let stolen = Phone::of(world.begin(&thief, new_authenticator("Other")).await.ok().unwrap());
    let (phone, _) = world.add_phone(&mine, new_authenticator("Phone")).await;
    let confirmed = world.confirm(&thief, stolen.id, &stolen.code(&world)).await;
    assert!(matches!(confirmed, Err(ConfirmError::NotFound)));
    assert_eq!(world.authenticators(&owner).await, (vec![phone.id], vec![]));
}

#[tokio::test]
async fn what_was_begun_is_void_with_everything_else_that_was_issued() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let thief = world.caller_by(&owner, otp(&phone.code(&world))).await;
    assert!(world.begin(&thief, new_authenticator("Other")).await.is_ok());
    let ends = &world.app.end_sessions;
    ends.all_own(&thief, &NOWHERE).await.unwrap();
    assert_eq!(world.authenticators(&owner).await, (vec![phone.id], vec![]));
}

#[tokio::test]
async fn a_key_does_not_refresh_the_proof_that_a_code_once_gave() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let tokens = granted(world.prove(&owner, otp(&phone.code(&world))).await);
    let caller = world.believes(&tokens.access_token).await.unwrap();
    world.clock.advance(Duration::from_mins(6));
    // The thief of a token and a key has no phone.
    let stepped = world.step_up(&caller, key(&owner.key)).await.unwrap();
    let caller = world.believes(&stepped.access_token).await.unwrap();
    let begun = world.begin(&caller, new_authenticator("Other")).await;
    assert!(matches!(begun, Err(BeginError::ProofNeeded(_))));
    assert!(matches!(
        remove(&world, &caller, &phone).await,
        Err(RemoveError::ProofNeeded(_))
    ));
}

#[tokio::test]
async fn a_replaced_authenticator_works_until_its_successor_is_confirmed() {
    let world = World::new().await;
    let (owner, old, codes) = world.enrolled("alice").await;
    let elsewhere = granted(world.prove(&owner, otp(&old.code(&world))).await);
    let by_key = world.tokens(&owner).await;
    world.clock.advance(STEP);
    let caller = world.caller_by(&owner, otp(&old.code(&world))).await;
    let new = NewAuthenticator {
        replaces: Some(old.id),
        ..new_authenticator("Phone")
    };
    let new = Phone::of(world.begin(&caller, new).await.ok().unwrap());
    world.clock.advance(STEP);
    granted(world.prove(&owner, otp(&old.code(&world))).await);
    let wrong = world.confirm(&caller, new.id, &new.wrong(&world)).await;
    assert!(matches!(wrong, Err(ConfirmError::Refused)));
    assert!(world.believes(&elsewhere.access_token).await.is_ok());

    assert!(world.confirm(&caller, new.id, &new.code(&world)).await.is_ok());
    assert_eq!(world.authenticators(&owner).await, (vec![new.id], vec![]));
    assert!(world.believes(&elsewhere.access_token).await.is_err());
    let other_node = world.second_node().await;
    assert!(other_node.authenticate.execute(&elsewhere.access_token).await.is_err());
    let refreshed = world
        .app
        .refresh
        .execute(elsewhere.refresh_token.as_ref().unwrap(), &NOWHERE);
    assert!(refreshed.await.is_err());
    assert!(
        world.believes(&by_key.access_token).await.is_ok(),
        "it was not proved by that"
    );
    world.clock.advance(STEP);
    assert!(is_refused(&world.prove(&owner, otp(&old.code(&world))).await));
    granted(world.prove(&owner, otp(&new.code(&world))).await);
    assert_eq!(world.codes_left(&owner).await, codes.len());
    // The session that confirmed lives on, by the new one.
    assert!(remove(&world, &caller, &new).await.is_ok());
    assert_eq!(
        world.app.queries.my_sessions(&caller).await.unwrap().len(),
        2,
        "those of the key"
    );
}

#[tokio::test]
async fn removing_ends_what_was_proved_by_it_and_the_recovery_codes_go_with_the_last() {
    let world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    let caller = world.caller_by(&owner, otp(&phone.code(&world))).await;
    let (tablet, _) = world.add_phone(&caller, new_authenticator("Tablet")).await;
    let of_tablet = granted(world.prove(&owner, otp(&tablet.code(&world))).await);
    let of_phone = granted(world.prove(&owner, otp(&phone.code(&world))).await);
    let caller = world.believes(&of_tablet.access_token).await.unwrap();
    remove(&world, &caller, &phone).await.unwrap();
    assert!(world.believes(&of_phone.access_token).await.is_err());
    assert!(world.believes(&of_tablet.access_token).await.is_ok());
    assert_eq!(world.codes_left(&owner).await, 10);
    remove(&world, &caller, &tablet).await.unwrap();
    assert!(world.believes(&of_tablet.access_token).await.is_err());
    assert_eq!(world.codes_left(&owner).await, 0);
    assert!(is_refused(&world.prove(&owner, recovery(&codes[0])).await));
    granted(world.prove(&owner, key(&owner.key)).await);
    assert_eq!(world.store.dropped_with_changes(), 0);
}

#[tokio::test]
async fn the_last_second_factor_cannot_be_removed_by_its_owner() {
    let world = World::new().await;
    let owner = world.bare("alice", domain::user::Role::User).await;
    let handle = world::phone::enrolment(world.login("alice", world::PASSWORD, None).await);
    let phone = Phone::of(world.begin_at_login(&handle, "Phone").await.ok().unwrap());
    let tokens = granted(world.confirm_at_login(&handle, &phone.code(&world)).await);
    let caller = world.believes(&tokens.access_token).await.unwrap();
    assert!(matches!(
        remove(&world, &caller, &phone).await,
        Err(RemoveError::LastFactor)
    ));
    assert_eq!(world.authenticators(&owner).await.0, [phone.id]);
}

#[tokio::test]
async fn a_key_that_completes_no_login_is_not_left_as_the_last_factor() {
    let codes_only = FactorPolicy::new(&[FactorType::Totp, FactorType::RecoveryCode]);
    let mut world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let stricter = application::core::Policies {
        factors: FactorPolicies {
            user: codes_only,
            ..FactorPolicies::default()
        },
        ..policies()
    };
    world.app = Arc::new(application::App::new(world.ports(), stricter));
    world.app.wake().await.unwrap();
    let caller = world.caller_by(&owner, otp(&phone.code(&world))).await;
    assert!(matches!(
        remove(&world, &caller, &phone).await,
        Err(RemoveError::LastFactor)
    ));
}

#[tokio::test]
async fn nobody_touches_the_authenticators_of_another() {
    let world = World::new().await;
    let (alice, phone, _) = world.enrolled("alice").await;
    let (bob, his, _) = world.enrolled("bob").await;
    let caller = world.caller_by(&bob, otp(&his.code(&world))).await;
    assert!(matches!(
        remove(&world, &caller, &phone).await,
        Err(RemoveError::NotFound)
    ));
    let theirs = NewAuthenticator {
        replaces: Some(phone.id),
        ..new_authenticator("Mine")
    };
    assert!(matches!(
        world.begin(&caller, theirs).await,
        Err(BeginError::NothingToReplace)
    ));
    let name = AuthenticatorName::new("Mine").unwrap();
    let renamed = world.app.authenticators.rename(&caller, phone.id, name, &NOWHERE);
    assert!(renamed.await.is_err());
    world.clock.advance(STEP);
    let (code, named) = (phone.code(&world), phone.id);
    let guess = world::phone::otp_of(&code, named);
    assert!(is_refused(&world.prove(&bob, guess).await), "a code of another account");
    granted(world.prove(&alice, otp(&code)).await);
}

#[tokio::test]
async fn a_session_that_a_code_made_better_ends_with_the_authenticator_that_made_it() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let caller = by_key(&world, &owner).await;
    let stepped = world.step_up(&caller, otp(&phone.code(&world))).await.unwrap();
    let caller = world.believes(&stepped.access_token).await.unwrap();
    remove(&world, &caller, &phone).await.unwrap();
    assert!(world.believes(&stepped.access_token).await.is_err());
    let refreshed = world
        .app
        .refresh
        .execute(stepped.refresh_token.as_ref().unwrap(), &NOWHERE);
    assert!(refreshed.await.is_err());
}

#[tokio::test]
async fn two_hundred_confirmations_show_recovery_codes_once() {
    let world = Arc::new(World::new().await);
    let owner = world.register("alice").await;
    let caller = world.caller(&owner).await;
    let phone = Phone::of(world.begin(&caller, new_authenticator("Phone")).await.ok().unwrap());
    let (code, nodes) = (phone.code(&world), world.nodes(2).await);
    let mut racers = tokio::task::JoinSet::new();
    for racer in 0..200 {
        let (node, caller, code) = (Arc::clone(&nodes[racer % 2]), caller.clone(), code.clone());
        racers.spawn(async move {
            let confirmed = node
                .authenticators
                .confirm(&caller, phone.id, sent(&code), &NOWHERE)
                .await;
            confirmed.map_or(0, |confirmed| confirmed.recovery_codes.len())
        });
    }
    assert_eq!(racers.join_all().await.into_iter().sum::<usize>(), 10);
    assert_eq!(world.codes_left(&owner).await, 10);
}
