//! Recovery codes: each good once, for its own account, and for nothing but the way back in.

mod world;

use std::sync::Arc;
use std::time::Duration;

use application::accounts::RegenerateError;
use application::actor::Actor;
use application::core::Policies;
use domain::event::EventKind;
use domain::recovery_code::RecoveryCode;
use world::phone::{NOWHERE, STEP, key, otp, recovery};
use world::{World, granted, is_refused, policies};

#[tokio::test]
async fn a_recovery_code_opens_one_session_that_says_so_and_removes_nothing() {
    let world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    let caller = world.caller_by(&owner, recovery(&codes[3])).await;
    assert_eq!(caller.proved.amr(), ["pwd", "recovery_code"]);
    assert_eq!(caller.proved.assurance().acr(), "urn:countersign:acr:pwd+recovery");
    assert_eq!(world.codes_left(&owner).await, 9);
    assert_eq!(world.authenticators(&owner).await.0, [phone.id]);
    assert!(is_refused(&world.prove(&owner, recovery(&codes[3])).await));
    let pending = world.pending(&owner).await;
    assert!(is_refused(
        &world.complete_with(pending.expose(), recovery(&codes[3])).await
    ));
    granted(world.complete_with(pending.expose(), recovery(&codes[4])).await);
    granted(world.prove(&owner, otp(&phone.code(&world))).await);
}

#[tokio::test]
async fn two_hundred_uses_of_one_recovery_code_have_one_winner() {
    let world = Arc::new(World::new().await);
    let (owner, _, codes) = world.enrolled("alice").await;
    let (owner, nodes) = (Arc::new(owner), world.nodes(2).await);
    let mut racers = tokio::task::JoinSet::new();
    for racer in 0..200 {
        let (node, owner, code) = (Arc::clone(&nodes[racer % 2]), Arc::clone(&owner), codes[0].clone());
        racers.spawn(async move { World::prove_on(&node, &owner, recovery(&code)).await.is_ok() });
    }
    assert_eq!(racers.join_all().await.into_iter().filter(|won| *won).count(), 1);
    assert_eq!(world.codes_left(&owner).await, 9);
}

#[tokio::test]
async fn a_code_is_read_however_it_was_written_down() {
    let world = World::new().await;
    let (owner, _, codes) = world.enrolled("alice").await;
    let groups = |code: &str| RecoveryCode::parse(code).unwrap().to_groups().as_str().to_owned();
    granted(world.prove(&owner, recovery(&groups(&codes[0]))).await);
    granted(world.prove(&owner, recovery(&groups(&codes[1]).to_uppercase())).await);
    granted(
        world
            .prove(&owner, recovery(&groups(&codes[2]).replace('-', " ")))
            .await,
    );
    // However it is written, it is one code.
    assert!(is_refused(
        &world.prove(&owner, recovery(&codes[0].to_uppercase())).await
    ));
}

#[tokio::test]
async fn a_code_of_another_account_is_a_wrong_code() {
    let world = World::new().await;
    let (alice, _, codes) = world.enrolled("alice").await;
    let (bob, ..) = world.enrolled("bob").await;
    assert!(is_refused(&world.prove(&bob, recovery(&codes[0])).await));
    granted(world.prove(&alice, recovery(&codes[0])).await);
}

#[tokio::test]
async fn new_codes_void_the_old_and_take_a_fresh_proof_and_an_authenticator() {
    let world = World::new().await;
    let plain = world.register("bob").await;
    let caller = world.caller(&plain).await;
    let regenerate = |caller: application::tokens::Caller| {
        let app = Arc::clone(&world.app);
        async move { app.recovery_codes.execute(&caller, &NOWHERE).await }
    };
    assert!(matches!(regenerate(caller).await, Err(RegenerateError::NotEnrolled)));

    let (owner, phone, codes) = world.enrolled("alice").await;
    let with_key = world.caller_by(&owner, key(&owner.key)).await;
    assert!(matches!(
        regenerate(with_key).await,
        Err(RegenerateError::ProofNeeded(_))
    ));
    let caller = world.caller_by(&owner, otp(&phone.code(&world))).await;
    let new = regenerate(caller.clone()).await.ok().unwrap();
    assert_eq!((new.len(), world.codes_left(&owner).await), (10, 10));
    assert!(is_refused(&world.prove(&owner, recovery(&codes[0])).await));
    granted(world.prove(&owner, recovery(new[0].expose())).await);
    world.clock.advance(Duration::from_mins(5) + STEP);
    assert!(matches!(regenerate(caller).await, Err(RegenerateError::ProofNeeded(_))));
    assert_eq!(world.codes_left(&owner).await, 9);
}

#[tokio::test]
async fn a_code_from_an_administrator_is_good_once_and_for_an_hour_and_on_record() {
    let world = World::with(Policies {
        issued_recovery_lifetime: Duration::from_hours(1),
        ..policies()
    })
    .await;
    let (owner, ..) = world.enrolled("alice").await;
    let root = world.admin("root").await;
    let actor = Actor::admin(&world.caller(&root).await).unwrap();
    let issue = || async {
        let factors = &world.app.manage_factors;
        factors
            .issue_recovery(&actor, owner.user.id, &NOWHERE)
            .await
            .ok()
            .unwrap()
    };
    let (first, second) = (issue().await, issue().await);
    assert_eq!(world.codes_left(&owner).await, 12, "it voids none of the owner's");
    world.clock.advance(Duration::from_micros(3_599_999_999));
    granted(world.prove(&owner, recovery(first.code.expose())).await);
    assert!(is_refused(&world.prove(&owner, recovery(first.code.expose())).await));
    world.clock.advance(Duration::from_micros(1));
    assert!(is_refused(&world.prove(&owner, recovery(second.code.expose())).await));
    let log = world.log().await;
    let issued: Vec<_> = log
        .iter()
        .filter(|stored| stored.event.kind == EventKind::RecoveryIssued)
        .collect();
    assert_eq!(issued.len(), 2);
    assert!(issued.iter().all(|stored| stored.event.actor == Some(root.user.id)));
    assert!(issued.iter().all(|stored| stored.event.subject == Some(owner.user.id)));
    let used = log.iter().any(|stored| {
        stored.event.kind == EventKind::LoginSucceeded
            && stored
                .event
                .details
                .iter()
                .any(|(_, value)| value == "pwd recovery_code")
    });
    assert!(used, "its use is on record like its making");
}
