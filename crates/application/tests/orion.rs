//! The Orion profile: a login in two calls that share no handle, and tokens that nothing else believes.

mod world;

use std::sync::Arc;
use std::time::Duration;

use application::actor::Actor;
use application::core::CodeOnly;
use application::sign_in::{LoginName, LoginOutcome, OrionEnrolError};
use application::tokens::RenewError;
use domain::event::EventKind;
use domain::session::Origin;
use domain::user::Role;
use world::phone::{NOWHERE, Phone, STEP, key, otp, payload, recovery, with_orion};
use world::{Owner, World, granted, is_refused};

async fn enrolled(world: &World, name: &str) -> (Owner, Phone, Vec<String>) {
    let owner = world.with_address(name).await;
    let (phone, codes) = world.enrol(&owner).await;
    (owner, phone, codes)
}

#[tokio::test]
async fn a_code_is_good_for_five_minutes_after_the_password_and_once() {
    let world = World::with(with_orion(CodeOnly::Refused)).await;
    let (_, phone, _) = enrolled(&world, "alice").await;
    assert!(
        is_refused(&world.orion_second("alice", &phone.code(&world)).await),
        "no window"
    );
    assert!(matches!(
        world.orion_first("alice").await,
        Ok(LoginOutcome::SecondFactorNeeded { auth_session: None, .. })
    ));
    world.clock.advance(Duration::from_micros(299_999_999));
    let tokens = granted(world.orion_second("alice", &phone.code(&world)).await);
    assert!(tokens.refresh_token.is_none());
    let caller = world.app.orion_tokens.authenticate(&tokens.access_token).await.unwrap();
    assert_eq!(caller.proved.amr(), ["pwd", "otp"]);
    world.clock.advance(STEP);
    assert!(
        is_refused(&world.orion_second("alice", &phone.code(&world)).await),
        "used"
    );
    assert!(world.orion_first("alice").await.is_ok());
    world.clock.advance(Duration::from_mins(5));
    assert!(
        is_refused(&world.orion_second("alice", &phone.code(&world)).await),
        "over"
    );
}

#[tokio::test]
async fn without_a_window_nothing_is_compared_and_nothing_charged() {
    let world = World::with(with_orion(CodeOnly::Refused)).await;
    let (owner, phone, _) = enrolled(&world, "alice").await;
    let (before, log) = (world.codes_compared(), world.log().await.len());
    for _ in 0..20 {
        assert!(is_refused(&world.orion_second("alice", &phone.wrong(&world)).await));
        assert!(is_refused(&world.orion_second("nobody", &phone.wrong(&world)).await));
    }
    assert_eq!((world.codes_compared(), world.log().await.len()), (before, log));
    granted(world.prove(&owner, otp(&phone.code(&world))).await);
}

#[tokio::test]
async fn two_hundred_second_calls_have_one_winner() {
    let world = Arc::new(World::with(with_orion(CodeOnly::Refused)).await);
    let (_, phone, _) = enrolled(&world, "alice").await;
    assert!(world.orion_first("alice").await.is_ok());
    let code = phone.code(&world);
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (world, code) = (Arc::clone(&world), code.clone());
        racers.spawn(async move { world.orion_second("alice", &code).await.is_ok() });
    }
    assert_eq!(racers.join_all().await.into_iter().filter(|won| *won).count(), 1);
}

#[tokio::test]
async fn the_first_right_code_confirms_and_the_old_one_then_ends() {
    let world = World::with(with_orion(CodeOnly::Refused)).await;
    let (owner, old, _) = enrolled(&world, "alice").await;
    assert!(matches!(
        world.orion_enrol("alice", None).await,
        Err(OrionEnrolError::SecondFactorNeeded)
    ));
    assert!(world.orion_enrol("alice", Some(otp(&old.wrong(&world)))).await.is_err());
    assert!(matches!(
        world.orion_enrol("alice", Some(key(&owner.key))).await,
        Err(OrionEnrolError::SecondFactorNeeded)
    ));
    let code = old.code(&world);
    let new = Phone::of(world.orion_enrol("alice", Some(otp(&code))).await.ok().unwrap());
    assert!(
        world.orion_enrol("alice", Some(otp(&code))).await.is_err(),
        "it was spent"
    );
    world.clock.advance(STEP);
    granted(world.orion_second("alice", &old.code(&world)).await);
    assert_eq!(world.authenticators(&owner).await, (vec![old.id], vec![new.id]));
    let elsewhere = world.orion_first("alice").await;
    assert!(elsewhere.is_ok());
    granted(world.orion_second("alice", &new.code(&world)).await);
    assert_eq!(world.authenticators(&owner).await, (vec![new.id], vec![]));
    assert_eq!(world.codes_left(&owner).await, 10, "those of the first are good still");
}

#[tokio::test]
async fn an_account_with_a_key_does_not_enrol_by_its_password() {
    let world = World::with(with_orion(CodeOnly::Refused)).await;
    let owner = world.with_address("alice").await;
    assert!(matches!(
        world.orion_enrol("alice", None).await,
        Err(OrionEnrolError::SecondFactorNeeded)
    ));
    let begun = world.orion_enrol("alice", Some(key(&owner.key))).await;
    let phone = Phone::of(begun.ok().unwrap());
    granted(world.orion_second("alice", &phone.code(&world)).await);
    assert_eq!(world.authenticators(&owner).await.0, [phone.id]);
}

#[tokio::test]
async fn a_lost_phone_is_replaced_with_a_recovery_code() {
    let world = World::with(with_orion(CodeOnly::Refused)).await;
    let (owner, old, codes) = enrolled(&world, "alice").await;
    let begun = world.orion_enrol("alice", Some(recovery(&codes[0]))).await;
    let new = Phone::of(begun.ok().unwrap());
    granted(world.orion_second("alice", &new.code(&world)).await);
    let (active, _) = world.authenticators(&owner).await;
    assert!(
        active.contains(&new.id) && active.contains(&old.id),
        "only its name would give way"
    );
    assert!(world.orion_enrol("alice", Some(recovery(&codes[0]))).await.is_err());
}

#[tokio::test]
async fn a_bare_account_enrols_by_its_password_and_only_until_it_has_done_so() {
    let world = World::with(with_orion(CodeOnly::Refused)).await;
    let owner = world.bare("alice", Role::User).await;
    let phone = Phone::of(world.orion_enrol("alice", None).await.ok().unwrap());
    assert!(is_refused(&world.orion_second("alice", &phone.wrong(&world)).await));
    granted(world.orion_second("alice", &phone.code(&world)).await);
    assert_eq!(world.authenticators(&owner).await.0, [phone.id]);
    assert!(world.orion_enrol("alice", None).await.is_err());
}

#[tokio::test]
async fn a_code_alone_is_enough_only_where_the_operator_says_so_and_proves_no_more() {
    let world = World::with(with_orion(CodeOnly::Allowed)).await;
    let (owner, phone, _) = enrolled(&world, "alice").await;
    let code = phone.code(&world);
    let tokens = granted(world.orion_second("alice", &code).await);
    let caller = world.app.orion_tokens.authenticate(&tokens.access_token).await.unwrap();
    assert_eq!(caller.proved.amr(), ["otp"]);
    assert_eq!(caller.proved.assurance().acr(), "urn:countersign:acr:otp");
    assert!(is_refused(&world.orion_second("alice", &code).await), "spent");
    let address = world::phone::email("alice@example.org");
    for second in [key(&owner.key), key(&world.wrong_key())] {
        let terms = world::phone::orion_terms();
        let outcome = world.app.sign_in.orion_second_call(&address, &second, &terms).await;
        assert!(is_refused(&outcome), "a code, and nothing else");
    }
    let begun = world.begin(&caller, world::phone::new_authenticator("Other")).await;
    assert!(begun.is_err());
    let before = world.codes_compared();
    for _ in 0..10 {
        assert!(is_refused(&world.orion_second("alice", &phone.wrong(&world)).await));
    }
    assert!(world.codes_compared() - before <= 5);
}

#[tokio::test]
async fn a_code_alone_is_charged_and_noted_for_an_address_that_nobody_has_too() {
    let world = World::with(with_orion(CodeOnly::Allowed)).await;
    let (owner, phone, _) = enrolled(&world, "alice").await;
    let disabled = world.with_address("bob").await;
    let manage = &world.app.manage_users;
    manage
        .disable(&Actor::Operator, disabled.user.id, &NOWHERE)
        .await
        .unwrap();
    let reasons = async |name: &str, subject| {
        let before = world.log().await.len();
        for _ in 0..7 {
            assert!(is_refused(&world.orion_second(name, &phone.wrong(&world)).await));
        }
        let log = world.log().await.split_off(before);
        assert!(log.iter().all(|stored| stored.event.subject == subject));
        let details = log.into_iter().map(|stored| stored.event.details);
        details.collect::<Vec<_>>()
    };
    let expected = reasons("alice", Some(owner.user.id)).await;
    assert_eq!(expected.len(), 7);
    assert_eq!(reasons("nobody", None).await, expected);
    assert_eq!(reasons("bob", Some(disabled.user.id)).await, expected);
}

#[tokio::test]
async fn a_request_for_help_is_noted_for_an_address_that_nobody_has_too() {
    let world = World::with(with_orion(CodeOnly::Refused)).await;
    let (owner, _, _) = enrolled(&world, "alice").await;
    for (name, subject) in [("alice", Some(owner.user.id)), ("nobody", None)] {
        let before = world.log().await.len();
        let address = LoginName::Email(world::phone::email(&format!("{name}@example.org")));
        world.app.request_recovery.execute(&address, &NOWHERE).await.unwrap();
        let log = world.log().await.split_off(before);
        let noted: Vec<_> = log
            .iter()
            .map(|stored| (stored.event.kind, stored.event.subject))
            .collect();
        assert_eq!(noted, [(EventKind::RecoveryRequested, subject)]);
    }
}

#[tokio::test]
async fn a_token_that_is_revoked_is_believed_no_longer() {
    let world = World::with(with_orion(CodeOnly::Refused)).await;
    let (_, phone, _) = enrolled(&world, "alice").await;
    assert!(world.orion_first("alice").await.is_ok());
    let first = granted(world.orion_second("alice", &phone.code(&world)).await);
    let caller = world.app.orion_tokens.authenticate(&first.access_token).await.unwrap();
    let renewed = world.app.orion_tokens.renew(&caller).await.unwrap();
    for _ in 0..2 {
        world.app.revoke.execute(&first.access_token, &NOWHERE).await.unwrap();
    }
    for token in [&first.access_token, &renewed.access_token] {
        assert!(world.app.orion_tokens.authenticate(token).await.is_err());
    }
    let revoked = world.log().await;
    let revoked = revoked
        .iter()
        .filter(|stored| stored.event.kind == EventKind::TokenRevoked);
    assert_eq!(revoked.count(), 1);
}

#[tokio::test]
async fn a_token_is_believed_while_its_session_lives_and_by_nothing_else() {
    let world = World::with(with_orion(CodeOnly::Refused)).await;
    let (owner, phone, _) = enrolled(&world, "alice").await;
    let origin = Origin::default();
    for way in ["one", "all", "password", "disable"] {
        assert!(world.orion_first("alice").await.is_ok());
        let tokens = granted(world.orion_second("alice", &phone.code(&world)).await);
        let token = tokens.access_token;
        assert!(world.believes(&token).await.is_err(), "it is no access token");
        let caller = world.app.orion_tokens.authenticate(&token).await.unwrap();
        let other_node = world.second_node().await;
        assert!(other_node.orion_tokens.authenticate(&token).await.is_ok());
        match way {
            "one" => world
                .app
                .end_sessions
                .one(&caller, caller.session, &origin)
                .await
                .unwrap(),
            "all" => world.app.end_sessions.all_own(&caller, &origin).await.unwrap(),
            "password" => {
                let same = domain::secret::Password::new(world::PASSWORD).unwrap();
                let users = &world.app.manage_users;
                let set = users.set_password(&Actor::Operator, owner.user.id, same, &origin);
                set.await.unwrap();
            }
            _ => drop(
                world
                    .app
                    .manage_users
                    .disable(&Actor::Operator, owner.user.id, &origin)
                    .await
                    .unwrap(),
            ),
        }
        assert!(world.app.orion_tokens.authenticate(&token).await.is_err(), "{way}");
        assert!(other_node.orion_tokens.authenticate(&token).await.is_err(), "{way}");
        assert!(world.app.orion_tokens.renew(&caller).await.is_err(), "{way}");
        world.clock.advance(STEP);
    }
    assert!(world.orion_first("alice").await.is_err(), "disabled");
}

#[tokio::test]
async fn an_access_token_is_no_token_of_the_profile_and_is_not_made_one() {
    let world = World::with(with_orion(CodeOnly::Refused)).await;
    let (owner, ..) = enrolled(&world, "alice").await;
    let tokens = world.tokens(&owner).await;
    assert!(world.app.orion_tokens.authenticate(&tokens.access_token).await.is_err());
    let caller = world.believes(&tokens.access_token).await.unwrap();
    assert!(matches!(
        world.app.orion_tokens.renew(&caller).await,
        Err(RenewError::Gone)
    ));
}

#[tokio::test]
async fn a_token_ends_after_five_minutes_and_renewing_it_makes_it_no_longer() {
    let world = World::with(with_orion(CodeOnly::Refused)).await;
    let (_, phone, _) = enrolled(&world, "alice").await;
    assert!(world.orion_first("alice").await.is_ok());
    let tokens = granted(world.orion_second("alice", &phone.code(&world)).await);
    assert_eq!(tokens.expires_in, 300);
    world.clock.advance(Duration::from_mins(4));
    let caller = world.app.orion_tokens.authenticate(&tokens.access_token).await.unwrap();
    let renewed = world.app.orion_tokens.renew(&caller).await.ok().unwrap();
    assert_eq!(renewed.expires_in, 60);
    let leeway = world.app.core.policies.expectation.leeway;
    let end = world.app.core.now().after(Duration::from_mins(1) + leeway);
    world.clock.set(end.before(Duration::from_micros(1)));
    assert!(world.app.orion_tokens.authenticate(&tokens.access_token).await.is_ok());
    world.clock.set(end);
    for token in [&tokens.access_token, &renewed.access_token] {
        assert!(world.app.orion_tokens.authenticate(token).await.is_err());
    }
}

#[tokio::test]
async fn a_required_enrolment_opens_a_window_of_five_minutes_here_too() {
    let world = World::with(with_orion(CodeOnly::Refused)).await;
    let (owner, old, _) = enrolled(&world, "alice").await;
    let factors = &world.app.manage_factors;
    let required = factors.require_enrolment(&Actor::Operator, owner.user.id, &NOWHERE);
    required.await.unwrap();
    let code = old.code(&world);
    let new = Phone::of(world.orion_enrol("alice", Some(otp(&code))).await.ok().unwrap());
    world.clock.advance(STEP);
    let outcome = world.orion_second("alice", &old.code(&world)).await;
    assert!(matches!(
        outcome,
        Ok(LoginOutcome::EnrolmentNeeded { auth_session: None, lifetime, .. }) if lifetime == Duration::from_mins(5)
    ));
    world.clock.advance(Duration::from_mins(5));
    assert!(is_refused(&world.orion_second("alice", &new.code(&world)).await));
    assert!(world.orion_first("alice").await.is_ok());
    granted(world.orion_second("alice", &new.code(&world)).await);
    assert_eq!(world.authenticators(&owner).await, (vec![new.id], vec![]));
}

#[tokio::test]
async fn a_code_alone_makes_nobody_an_administrator() {
    let world = World::with(with_orion(CodeOnly::Allowed)).await;
    let (owner, phone, _) = enrolled(&world, "alice").await;
    let change = application::admin::UserChange {
        role: Some(Role::Admin),
        ..application::admin::UserChange::default()
    };
    let users = &world.app.manage_users;
    users
        .update(&Actor::Operator, owner.user.id, change, &NOWHERE)
        .await
        .unwrap();
    let tokens = granted(world.orion_second("alice", &phone.code(&world)).await);
    let caller = world.app.orion_tokens.authenticate(&tokens.access_token).await.unwrap();
    assert_eq!(Actor::admin(&caller), None);
    assert!(!payload(&tokens.access_token).contains(r#""admin""#));
    // With the password, too, he is one.
    world.clock.advance(STEP);
    assert!(world.orion_first("alice").await.is_ok());
    let tokens = granted(world.orion_second("alice", &phone.code(&world)).await);
    let caller = world.app.orion_tokens.authenticate(&tokens.access_token).await.unwrap();
    assert!(Actor::admin(&caller).is_some());
    assert!(payload(&tokens.access_token).contains(r#""admin""#));
}
