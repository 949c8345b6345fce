//! When something cannot be stored or read, nothing is granted for it, and nothing that was sent is good a second time.

mod world;

use std::sync::Arc;

use application::App;
use application::accounts::ConfirmError;
use application::core::Ports;
use application::ports::Store;
use application::sign_in::LoginError;
use application::tokens::StepUpError;
use crypto::master_key::MasterKey;
use crypto::password_hasher::Parameters;
use domain::authenticator::Authenticator;
use domain::user::Role;
use testkit::entropy::SeededEntropy;
use world::phone::{NOWHERE, Phone, STEP, enrolment, new_authenticator, otp, recovery};
use world::{PASSWORD, World, adapters, granted, is_refused};

#[tokio::test]
async fn a_login_whose_commit_fails_gives_no_token_and_its_code_is_good_once() {
    let world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    for place in 0..3 {
        let code = phone.code(&world);
        world.store.fail_commit_after(place);
        let outcome = world.prove(&owner, otp(&code)).await;
        assert!(matches!(outcome, Err(LoginError::Store(_))), "commit {place}");
        granted(world.prove(&owner, otp(&code)).await);
        assert!(is_refused(&world.prove(&owner, otp(&code)).await));
        world.clock.advance(STEP);
        world.store.fail_commit_after(place);
        let outcome = world.prove(&owner, recovery(&codes[place as usize])).await;
        assert!(matches!(outcome, Err(LoginError::Store(_))), "commit {place}");
    }
    assert_eq!(world.codes_left(&owner).await, 10);
    granted(world.prove(&owner, recovery(&codes[0])).await);
    let pending = world.pending(&owner).await.expose().to_owned();
    for place in 0..2 {
        world.store.fail_commit_after(place);
        let outcome = world.complete_with(&pending, otp(&phone.code(&world))).await;
        assert!(matches!(outcome, Err(LoginError::Store(_))), "commit {place}");
    }
    granted(world.complete_with(&pending, otp(&phone.code(&world))).await);
}

#[tokio::test]
async fn a_confirmation_whose_commit_fails_confirms_nothing() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let caller = world.caller(&owner).await;
    world.store.fail_next_commit();
    assert!(world.begin(&caller, new_authenticator("Phone")).await.is_err());
    assert_eq!(world.authenticators(&owner).await, (vec![], vec![]));
    let phone = Phone::of(world.begin(&caller, new_authenticator("Phone")).await.ok().unwrap());
    for place in 0..2 {
        world.store.fail_commit_after(place);
        let outcome = world.confirm(&caller, phone.id, &phone.code(&world)).await;
        assert!(matches!(outcome, Err(ConfirmError::Store(_))), "commit {place}");
        assert_eq!(world.authenticators(&owner).await, (vec![], vec![phone.id]));
        assert_eq!(world.codes_left(&owner).await, 0);
    }
    assert!(world.confirm(&caller, phone.id, &phone.code(&world)).await.is_ok());

    let bare = world.bare("bob", Role::User).await;
    let handle = enrolment(world.login("bob", PASSWORD, None).await);
    let phone = Phone::of(world.begin_at_login(&handle, "Phone").await.ok().unwrap());
    for place in 0..2 {
        world.store.fail_commit_after(place);
        let outcome = world.confirm_at_login(&handle, &phone.code(&world)).await;
        assert!(matches!(outcome, Err(LoginError::Store(_))), "commit {place}");
        assert_eq!(world.authenticators(&bare).await, (vec![], vec![phone.id]));
    }
    granted(world.confirm_at_login(&handle, &phone.code(&world)).await);
}

#[tokio::test]
async fn a_step_up_whose_commit_fails_changes_nothing() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let tokens = world.tokens(&owner).await;
    let caller = world.believes(&tokens.access_token).await.unwrap();
    let code = phone.code(&world);
    for place in 0..2 {
        world.store.fail_commit_after(place);
        let outcome = world.step_up(&caller, otp(&code)).await;
        assert!(matches!(outcome, Err(StepUpError::Store(_))), "commit {place}");
        let sessions = world.app.queries.my_sessions(&caller).await.unwrap();
        let session = sessions.iter().find(|session| session.id == caller.session).unwrap();
        assert_eq!(session.proved.amr(), ["pwd", "secret_key"]);
    }
    let refresh = &world.app.refresh;
    let origin = domain::session::Origin::default();
    let refreshed = refresh.execute(tokens.refresh_token.as_ref().unwrap(), &origin).await;
    assert!(refreshed.is_ok(), "it was not retired");
    assert!(world.step_up(&caller, otp(&code)).await.is_ok());
    assert!(world.step_up(&caller, otp(&code)).await.is_err());
}

#[tokio::test]
async fn a_charge_that_cannot_be_stored_lets_nothing_be_compared() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let caller = world.caller(&owner).await;
    let pending = world.pending(&owner).await.expose().to_owned();
    let before = world.codes_compared();
    world.store.fail_next_commit();
    assert!(world.complete_with(&pending, otp(&phone.code(&world))).await.is_err());
    world.store.fail_next_commit();
    assert!(world.step_up(&caller, otp(&phone.code(&world))).await.is_err());
    assert_eq!(world.codes_compared(), before);
}

#[tokio::test]
async fn what_ends_well_leaves_no_transaction_behind() {
    let world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    let caller = world.caller_by(&owner, otp(&phone.code(&world))).await;
    let (tablet, _) = world.add_phone(&caller, new_authenticator("Tablet")).await;
    let stepped = world.step_up(&caller, otp(&tablet.code(&world))).await.unwrap();
    let caller = world.believes(&stepped.access_token).await.unwrap();
    let origin = domain::session::Origin::default();
    let name = domain::authenticator::AuthenticatorName::new("Slate").unwrap();
    let authenticators = &world.app.authenticators;
    assert!(authenticators.rename(&caller, tablet.id, name, &origin).await.is_ok());
    assert!(authenticators.key_uri(&caller, tablet.id).await.is_err());
    assert!(world.app.recovery_codes.execute(&caller, &origin).await.is_ok());
    authenticators.remove(&caller, phone.id, &origin).await.unwrap();
    let pending = world.pending(&owner).await.expose().to_owned();
    assert!(
        is_refused(&world.complete_with(&pending, recovery(&codes[0])).await),
        "void"
    );
    world.clock.advance(STEP);
    granted(world.complete_with(&pending, otp(&tablet.code(&world))).await);
    world.app.housekeeping.execute().await.unwrap();
    assert_eq!(world.store.dropped_with_changes(), 0);
}

#[tokio::test]
async fn a_sealed_secret_in_another_row_is_an_error_and_no_acceptance() {
    let world = World::new().await;
    let (alice, hers, _) = world.enrolled("alice").await;
    let (bob, his, _) = world.enrolled("bob").await;
    // Bob's sealed secret under a row of Alice's, as somebody does who can write to the database.
    let mut tx = world.store.begin().await.unwrap();
    let stolen = tx.authenticators().of_user(bob.user.id).await.unwrap().remove(0);
    let own = tx.authenticators().of_user(alice.user.id).await.unwrap().remove(0);
    tx.authenticators().delete(alice.user.id, hers.id).await.unwrap();
    let moved = Authenticator {
        secret: stolen.secret.clone(),
        ..own
    };
    tx.authenticators().insert(&moved).await.unwrap();
    tx.commit().await.unwrap();
    for _ in 0..2 {
        let outcome = world.prove(&alice, otp(&his.code(&world))).await;
        assert!(matches!(outcome, Err(LoginError::Store(_))));
    }
    granted(world.prove(&bob, otp(&his.code(&world))).await);
}

#[tokio::test]
async fn under_another_master_key_no_code_is_accepted() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let caller = world.caller(&owner).await;
    let sealer = adapters(&MasterKey::generate(&SeededEntropy::new(99)), Parameters::for_tests()).sealer;
    let ports = Ports {
        sealer,
        ..world.ports()
    };
    let node = Arc::new(App::new(ports, world::policies()));
    let outcome = World::prove_on(&node, &owner, otp(&phone.code(&world))).await;
    assert!(matches!(outcome, Err(LoginError::Store(_))));
    let stepped = node.step_up.execute(&caller, otp(&phone.code(&world)), &NOWHERE);
    assert!(matches!(stepped.await, Err(StepUpError::Store(_))));
}
