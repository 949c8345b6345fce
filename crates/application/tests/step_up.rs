//! Step-up: a better or a fresher proof within a session, and what becomes of what was issued before.

mod world;

use std::sync::Arc;
use std::time::Duration;

use application::core::CodeOnly;
use application::sign_in::LoginOutcome;
use application::tokens::StepUpError;
use domain::claims::Use;
use world::phone::{NOWHERE, STEP, key, otp, recovery, with_orion};
use world::{World, granted, is_refused, once};

#[tokio::test]
async fn a_session_goes_on_with_a_better_proof_made_now() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let tokens = world.tokens(&owner).await;
    let before = world.believes(&tokens.access_token).await.unwrap();
    world.clock.advance(Duration::from_mins(7));
    let code = phone.code(&world);
    let stepped = world.step_up(&before, otp(&code)).await.unwrap();
    let after = world.believes(&stepped.access_token).await.unwrap();
    assert_eq!(after.session, before.session);
    assert_eq!(after.proved.amr(), ["pwd", "secret_key", "otp"]);
    assert_eq!(after.proved.assurance().acr(), "urn:countersign:acr:pwd+otp");
    assert_eq!(after.proved.at().since(before.proved.at()), Duration::from_mins(7));
    // The code is spent, for a login and for another step-up.
    assert!(is_refused(&world.prove(&owner, otp(&code)).await));
    assert!(matches!(
        world.step_up(&after, otp(&code)).await,
        Err(StepUpError::Refused)
    ));
    // A refresh says what was proved, and when, as the step-up left it.
    let refreshed = world
        .app
        .refresh
        .execute(stepped.refresh_token.as_ref().unwrap(), &NOWHERE)
        .await
        .unwrap();
    let later = world.believes(&refreshed.access_token).await.unwrap();
    assert_eq!((&later.proved, later.session), (&after.proved, after.session));
}

#[tokio::test]
async fn what_was_issued_before_does_not_profit_and_its_use_ends_the_session() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let tokens = world.tokens(&owner).await;
    let caller = world.believes(&tokens.access_token).await.unwrap();
    let stepped = world.step_up(&caller, otp(&phone.code(&world))).await.unwrap();
    let old = world.believes(&tokens.access_token).await.unwrap();
    assert_eq!(old.proved.amr(), ["pwd", "secret_key"], "a token says what it said");
    let refresh = &world.app.refresh;
    let reused = refresh.execute(tokens.refresh_token.as_ref().unwrap(), &NOWHERE);
    assert!(reused.await.is_err());
    assert!(world.believes(&stepped.access_token).await.is_err());
    let new = refresh.execute(stepped.refresh_token.as_ref().unwrap(), &NOWHERE);
    assert!(new.await.is_err(), "the thief's token and the owner's end together");
}

#[tokio::test]
async fn wrong_proofs_are_charged_to_the_token_and_end_its_session() {
    let world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    let caller = world.caller(&owner).await;
    let (before, keys) = (world.codes_compared(), world.keys_compared());
    for _ in 0..3 {
        let wrong = world.step_up(&caller, otp(&phone.wrong(&world))).await;
        assert!(matches!(wrong, Err(StepUpError::Refused)));
    }
    for _ in 0..2 {
        let wrong = world.step_up(&caller, key(&world.wrong_key())).await;
        assert!(matches!(wrong, Err(StepUpError::Refused)));
    }
    let digests = world.recovery_codes_compared();
    let right = world.step_up(&caller, recovery(&codes[0])).await;
    assert!(matches!(right, Err(StepUpError::Refused)), "held");
    assert_eq!((world.codes_compared() - before, world.keys_compared() - keys), (3, 2));
    assert_eq!(world.recovery_codes_compared(), digests);
    let tokens = world.app.queries.my_sessions(&caller).await.unwrap();
    assert!(
        tokens.iter().all(|session| session.id != caller.session),
        "it was ended"
    );
    // The owner's own budget is as it was, and what the thief used up is clear after his login.
    let caller = world.caller_by(&owner, otp(&phone.code(&world))).await;
    assert!(world.step_up(&caller, recovery(&codes[0])).await.is_ok());
}

#[tokio::test]
async fn two_hundred_step_ups_with_one_code_have_one_winner() {
    let world = Arc::new(World::new().await);
    let (owner, phone, _) = world.enrolled("alice").await;
    let (caller, nodes) = (world.caller(&owner).await, world.nodes(2).await);
    let code = phone.code(&world);
    let mut racers = tokio::task::JoinSet::new();
    for racer in 0..200 {
        let (node, caller, code) = (Arc::clone(&nodes[racer % 2]), caller.clone(), code.clone());
        racers.spawn(async move { node.step_up.execute(&caller, otp(&code), &NOWHERE).await.is_ok() });
    }
    assert_eq!(racers.join_all().await.into_iter().filter(|won| *won).count(), 1);
}

#[tokio::test]
async fn a_step_up_and_a_login_do_not_both_have_one_code() {
    let world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    let caller = world.caller(&owner).await;
    let code = phone.code(&world);
    granted(world.prove(&owner, otp(&code)).await);
    assert!(world.step_up(&caller, otp(&code)).await.is_err());
    granted(world.prove(&owner, recovery(&codes[0])).await);
    assert!(world.step_up(&caller, recovery(&codes[0])).await.is_err());
}

#[tokio::test]
async fn what_completes_no_login_makes_no_session_better() {
    let world = World::new().await;
    let root = world.admin("root").await;
    let (phone, _) = world.enrol(&root).await;
    let tokens = granted(world.prove(&root, otp(&phone.code(&world))).await);
    let caller = world.believes(&tokens.access_token).await.unwrap();
    assert!(matches!(
        world.step_up(&caller, key(&root.key)).await,
        Err(StepUpError::Refused)
    ));
    world.clock.advance(STEP);
    assert!(world.step_up(&caller, otp(&phone.code(&world))).await.is_ok());
}

#[tokio::test]
async fn a_token_for_one_use_steps_up_to_another_for_one_use() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let tokens = granted(
        world
            .login_with("alice", world::PASSWORD, Some(&owner.key), once())
            .await,
    );
    let caller = world.believes(&tokens.access_token).await.unwrap();
    let stepped = world.step_up(&caller, otp(&phone.code(&world))).await.unwrap();
    assert!(stepped.refresh_token.is_none());
    let after = world.believes(&stepped.access_token).await.unwrap();
    assert_eq!(after.usage, Use::Once);
    assert!(world.believes(&stepped.access_token).await.is_err());
}

#[tokio::test]
async fn a_voided_account_or_an_ended_session_steps_nothing_up() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let (caller, other) = (world.caller(&owner).await, world.caller(&owner).await);
    let ends = &world.app.end_sessions;
    ends.one(&caller, caller.session, &NOWHERE).await.unwrap();
    let code = phone.code(&world);
    assert!(matches!(
        world.step_up(&caller, otp(&code)).await,
        Err(StepUpError::AccountChanged)
    ));
    ends.all_own(&other, &NOWHERE).await.unwrap();
    assert!(matches!(
        world.step_up(&other, otp(&code)).await,
        Err(StepUpError::AccountChanged)
    ));
    granted(world.prove(&owner, otp(&code)).await);
}

#[tokio::test]
async fn a_code_without_a_password_is_not_stepped_up_to_an_access_token() {
    let world = World::with(with_orion(CodeOnly::Allowed)).await;
    let owner = world.with_address("alice").await;
    let (phone, codes) = world.enrol(&owner).await;
    for kind in ["otp", "key", "recovery"] {
        let outcome = world.orion_second("alice", &phone.code(&world)).await;
        let Ok(LoginOutcome::Granted(tokens)) = outcome else {
            panic!("a code is enough there")
        };
        let caller = world.app.orion_tokens.authenticate(&tokens.access_token).await.unwrap();
        world.clock.advance(STEP);
        let second = match kind {
            "otp" => otp(&phone.code(&world)),
            "key" => key(&owner.key),
            _ => recovery(&codes[0]),
        };
        assert!(world.step_up(&caller, second).await.is_err(), "{kind}");
        world.clock.advance(STEP);
    }
}
