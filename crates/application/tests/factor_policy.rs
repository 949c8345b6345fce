//! Which factors are enough for whom, and what administrators do about the factors of others.
#![expect(clippy::unwrap_used, reason = "a surprise is a failed test")]

mod world;

use std::sync::Arc;
use std::time::Duration;

use application::App;
use application::accounts::BeginError;
use application::actor::Actor;
use application::admin::{
    AdminError, ImportError, ImportedAuthenticator, ImportedPassword, ImportedUser, RemoveAuthenticatorError,
};
use application::core::Policies;
use application::sign_in::LoginOutcome;
use domain::authenticator::{AuthenticatorName, OtpParameters};
use domain::event::EventKind;
use domain::factor::{FactorPolicies, FactorPolicy, FactorType};
use domain::id::AuthenticatorId;
use domain::one_time_code::Position;
use domain::otp_secret::OtpSecret;
use domain::secret::Password;
use domain::session::Origin;
use domain::user::{Enrolment, Role};
use domain::username::Username;
use world::phone::{NOWHERE, Phone, STEP, enrolment, key, new_authenticator, otp, recovery};
use world::{Owner, PASSWORD, World, granted, is_refused, policies};

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn only(factors: &[FactorType]) -> Policies {
    Policies {
        factors: FactorPolicies {
            user: FactorPolicy::new(factors),
            ..FactorPolicies::default()
        },
        ..policies()
    }
}

fn imported(name: &str, position: Position) -> ImportedAuthenticator {
    ImportedAuthenticator {
        name: AuthenticatorName::new(name).unwrap(),
        parameters: OtpParameters::TOTP,
        position,
        secret: OtpSecret::parse(SECRET).unwrap(),
    }
}

async fn import(world: &World, name: &str, authenticators: Vec<ImportedAuthenticator>) -> Owner {
    let new = ImportedUser {
        username: Username::new(name).unwrap(),
        email: None,
        display_name: None,
        role: Role::User,
        password: ImportedPassword::Plain(Password::new(PASSWORD).unwrap()),
        authenticators,
    };
    let import = &world.app.import;
    let outcome = import.user(&Actor::Operator, new, &NOWHERE).await.ok().unwrap();
    Owner {
        user: outcome.user,
        key: String::new(),
    }
}

async fn require(world: &World, actor: &Actor, owner: &Owner) {
    let factors = &world.app.manage_factors;
    let required = factors.require_enrolment(actor, owner.user.id, &NOWHERE);
    required.await.unwrap();
}

#[tokio::test]
async fn an_enrolled_administrator_needs_a_code_or_a_recovery_code() {
    let world = World::new().await;
    let root = world.admin("root").await;
    let by_key = world.tokens(&root).await;
    let (phone, codes) = world.enrol(&root).await;
    assert!(is_refused(&world.prove(&root, key(&root.key)).await));
    let pending = world.pending(&root).await.expose().to_owned();
    assert!(is_refused(&world.complete_with(&pending, key(&root.key)).await));
    // What was opened with a key before is not continued either.
    let refreshed = world
        .app
        .refresh
        .execute(by_key.refresh_token.as_ref().unwrap(), &NOWHERE);
    assert!(refreshed.await.is_err());
    granted(world.complete_with(&pending, otp(&phone.code(&world))).await);
    granted(world.prove(&root, recovery(&codes[0])).await);
    let outcome = world.login("root", PASSWORD, None).await.unwrap();
    let LoginOutcome::SecondFactorNeeded { factors, .. } = outcome else {
        panic!("a second factor is needed")
    };
    assert_eq!(factors, [FactorType::Totp, FactorType::RecoveryCode]);
    // During a flood of wrong passwords, too.
    for _ in 0..6 {
        assert!(is_refused(&world.login("root", "wrong password", None).await));
    }
    assert!(is_refused(&world.prove(&root, key(&root.key)).await));
    granted(world.prove(&root, recovery(&codes[1])).await);
}

#[tokio::test]
async fn an_enrolled_user_may_use_the_key_where_the_policy_does_not_mind() {
    let world = World::new().await;
    let (owner, ..) = world.enrolled("alice").await;
    granted(world.prove(&owner, key(&owner.key)).await);
}

#[tokio::test]
async fn what_the_policy_does_not_name_completes_nothing_and_is_not_enrolled() {
    let world = World::with(only(&[FactorType::SecretKey])).await;
    let owner = world.register("alice").await;
    let caller = world.caller(&owner).await;
    let begun = world.begin(&caller, new_authenticator("Phone")).await;
    assert!(matches!(begun, Err(BeginError::NotOffered)));

    let mut world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    let by_key = world.tokens(&owner).await;
    world.app = Arc::new(App::new(world.ports(), only(&[FactorType::Totp])));
    world.app.wake().await.unwrap();
    assert!(is_refused(&world.prove(&owner, key(&owner.key)).await));
    assert!(is_refused(&world.prove(&owner, recovery(&codes[0])).await));
    let caller = world.believes(&by_key.access_token).await.unwrap();
    assert!(world.step_up(&caller, key(&owner.key)).await.is_err());
    let refreshed = world
        .app
        .refresh
        .execute(by_key.refresh_token.as_ref().unwrap(), &NOWHERE);
    assert!(refreshed.await.is_err());
    granted(world.prove(&owner, otp(&phone.code(&world))).await);
}

#[tokio::test]
async fn a_required_enrolment_proves_what_is_there_and_takes_the_place_of_everything() {
    let world = World::new().await;
    let (owner, old, codes) = world.enrolled("alice").await;
    let root = world.admin("root").await;
    let actor = Actor::admin(&world.caller(&root).await).unwrap();
    let tokens = granted(world.prove(&owner, otp(&old.code(&world))).await);
    let pending = world.pending(&owner).await.expose().to_owned();
    require(&world, &actor, &owner).await;
    assert!(world.believes(&tokens.access_token).await.is_err());
    let refreshed = world
        .app
        .refresh
        .execute(tokens.refresh_token.as_ref().unwrap(), &NOWHERE);
    assert!(refreshed.await.is_err());
    world.clock.advance(STEP);
    assert!(is_refused(&world.complete_with(&pending, otp(&old.code(&world))).await));

    let pending = world.pending(&owner).await.expose().to_owned();
    assert!(
        world.begin_at_login(&pending, "New").await.is_err(),
        "not by a password alone"
    );
    let handle = enrolment(world.complete_with(&pending, otp(&old.code(&world))).await);
    let new = Phone::of(world.begin_at_login(&handle, "New").await.ok().unwrap());
    let issued = granted(world.confirm_at_login(&handle, &new.code(&world)).await);
    assert_eq!(issued.recovery_codes.len(), 10);
    assert_eq!(world.authenticators(&owner).await, (vec![new.id], vec![]));
    assert!(is_refused(&world.prove(&owner, recovery(&codes[0])).await));
    assert_eq!(world.user(&owner).await.enrolment, Enrolment::Done);
    world.clock.advance(STEP);
    assert!(is_refused(&world.prove(&owner, otp(&old.code(&world))).await));
    granted(world.prove(&owner, otp(&new.code(&world))).await);
    let log = world.log().await;
    let event = log
        .iter()
        .find(|stored| stored.event.kind == EventKind::EnrolmentRequired);
    assert_eq!(event.unwrap().event.actor, Some(root.user.id));
}

#[tokio::test]
async fn a_key_does_not_replace_an_authenticator_by_way_of_a_required_enrolment() {
    let world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    require(&world, &Actor::Operator, &owner).await;
    assert!(is_refused(&world.prove(&owner, key(&owner.key)).await));
    let pending = world.pending(&owner).await.expose().to_owned();
    assert!(is_refused(&world.complete_with(&pending, key(&owner.key)).await));
    enrolment(world.complete_with(&pending, recovery(&codes[0])).await);
    enrolment(world.prove(&owner, otp(&phone.code(&world))).await);
    // Where there is only a key, it is what is there.
    let other = world.register("bob").await;
    require(&world, &Actor::Operator, &other).await;
    enrolment(world.prove(&other, key(&other.key)).await);
}

#[tokio::test]
async fn what_a_removed_authenticator_proved_enrols_nothing_any_more() {
    let world = World::new().await;
    let (owner, lost, _) = world.enrolled("alice").await;
    require(&world, &Actor::Operator, &owner).await;
    let handle = enrolment(world.prove(&owner, otp(&lost.code(&world))).await);
    let begun = Phone::of(world.begin_at_login(&handle, "Thief").await.ok().unwrap());
    let factors = &world.app.manage_factors;
    let removed = factors.remove_authenticator(&Actor::Operator, owner.user.id, lost.id, &NOWHERE);
    removed.await.unwrap();
    assert!(world.begin_at_login(&handle, "Thief").await.is_err());
    assert!(is_refused(&world.confirm_at_login(&handle, &begun.code(&world)).await));
}

#[tokio::test]
async fn what_was_begun_before_a_required_enrolment_does_not_end_it() {
    let world = World::with(world::phone::with_orion(application::core::CodeOnly::Refused)).await;
    let owner = world.with_address("alice").await;
    let (phone, _) = world.enrol(&owner).await;
    let thief = world.caller_by(&owner, otp(&phone.code(&world))).await;
    let stolen = Phone::of(world.begin(&thief, new_authenticator("Thief")).await.ok().unwrap());
    require(&world, &Actor::Operator, &owner).await;
    assert!(world.orion_first("alice").await.is_ok());
    assert!(is_refused(&world.orion_second("alice", &stolen.code(&world)).await));
    assert_eq!(world.authenticators(&owner).await.0, [phone.id]);
}

#[tokio::test]
async fn an_administrator_removes_the_last_authenticator_and_the_password_alone_enrols_nothing() {
    let world = World::new().await;
    let owner = world.bare("alice", Role::User).await;
    let handle = enrolment(world.login("alice", PASSWORD, None).await);
    let phone = Phone::of(world.begin_at_login(&handle, "Phone").await.ok().unwrap());
    let tokens = granted(world.confirm_at_login(&handle, &phone.code(&world)).await);
    let factors = &world.app.manage_factors;
    let removed = factors.remove_authenticator(&Actor::Operator, owner.user.id, phone.id, &NOWHERE);
    removed.await.unwrap();
    assert!(world.believes(&tokens.access_token).await.is_err());
    assert_eq!(world.codes_left(&owner).await, 0);
    let LoginOutcome::SecondFactorNeeded {
        factors, auth_session, ..
    } = world.login("alice", PASSWORD, None).await.unwrap()
    else {
        panic!("it had a second factor once")
    };
    assert!(factors.is_empty());
    let handle = auth_session.unwrap().expose().to_owned();
    assert!(matches!(
        world.begin_at_login(&handle, "Phone").await,
        Err(BeginError::NoAuthSession)
    ));
    // The way back is a code from an administrator.
    let issued = world
        .app
        .manage_factors
        .issue_recovery(&Actor::Operator, owner.user.id, &NOWHERE);
    let issued = issued.await.ok().unwrap();
    let caller = world.caller_by(&owner, recovery(issued.code.expose())).await;
    world.add_phone(&caller, new_authenticator("Phone")).await;
}

#[tokio::test]
async fn an_imported_account_logs_in_with_what_it_had_and_one_without_anything_enrols() {
    let world = World::new().await;
    let step = domain::totp::Period::Thirty.step(world.app.core.now());
    let owner = import(&world, "alice", vec![imported("Phone", step)]).await;
    let (id, _) = world.authenticators(&owner).await;
    let phone = Phone::with(id[0], OtpParameters::TOTP, OtpSecret::parse(SECRET).unwrap());
    assert!(
        is_refused(&world.prove(&owner, otp(&phone.code(&world))).await),
        "used elsewhere"
    );
    world.clock.advance(STEP);
    granted(world.prove(&owner, otp(&phone.code(&world))).await);

    let bare = import(&world, "bob", Vec::new()).await;
    let handle = enrolment(world.login("bob", PASSWORD, None).await);
    let begun = Phone::of(world.begin_at_login(&handle, "Mine").await.ok().unwrap());
    // An authenticator that arrives meanwhile ends the time in which a password enrols.
    let added = world.app.import.authenticator(
        &Actor::Operator,
        bare.user.id,
        imported("Phone", Position::NONE),
        &NOWHERE,
    );
    added.await.ok().unwrap();
    assert!(is_refused(&world.confirm_at_login(&handle, &begun.code(&world)).await));
    assert!(world.begin_at_login(&handle, "Mine").await.is_err());
    assert!(matches!(
        world.login("bob", PASSWORD, None).await,
        Ok(LoginOutcome::SecondFactorNeeded { .. })
    ));
    let twice = world.app.import.authenticator(
        &Actor::Operator,
        bare.user.id,
        imported("phone", Position::NONE),
        &NOWHERE,
    );
    assert!(matches!(twice.await, Err(ImportError::NameTaken)));
}

#[tokio::test]
async fn the_log_says_who_did_it_and_holds_no_secret() {
    let world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    let root = world.admin("root").await;
    let actor = Actor::admin(&world.caller(&root).await).unwrap();
    let (origin, id) = (Origin::default(), owner.user.id);
    let wrong = phone.wrong(&world);
    let right = phone.code(&world);
    assert!(is_refused(&world.prove(&owner, otp(&wrong)).await));
    let tokens = granted(world.prove(&owner, otp(&right)).await);
    let caller = world.believes(&tokens.access_token).await.unwrap();
    let (tablet, _) = world.add_phone(&caller, new_authenticator("Tablet")).await;
    let fresh = world.app.recovery_codes.execute(&caller, &origin).await.ok().unwrap();
    let issued = world
        .app
        .manage_factors
        .issue_recovery(&actor, id, &origin)
        .await
        .ok()
        .unwrap();
    world
        .app
        .manage_factors
        .remove_authenticator(&actor, id, tablet.id, &origin)
        .await
        .unwrap();
    let arrived = world
        .app
        .import
        .authenticator(&actor, id, imported("Old", Position::NONE), &origin);
    arrived.await.ok().unwrap();
    assert!(world.step_up(&caller, otp(&wrong)).await.is_err());
    require(&world, &actor, &owner).await;
    let again = enrolment(world.prove(&owner, recovery(fresh[0].expose())).await);
    let begun = world.begin_at_login(&again, "New").await.ok().unwrap();
    let uri = begun.key_uri.as_str().to_owned();
    let new = Phone::of(begun);
    let confirming = new.code(&world);
    let last = granted(world.confirm_at_login(&again, &confirming).await);
    let mut secrets = vec![
        wrong,
        right,
        confirming,
        uri,
        SECRET.to_owned(),
        owner.key.clone(),
        again,
        PASSWORD.to_owned(),
    ];
    secrets.extend([&phone, &tablet, &new].map(Phone::secret_text));
    secrets.extend(codes);
    secrets.extend(
        fresh
            .iter()
            .chain(&last.recovery_codes)
            .map(|code| code.expose().to_owned()),
    );
    secrets.push(issued.code.expose().to_owned());
    secrets.push(issued.code.to_groups().as_str().to_owned());
    secrets.extend([tokens.access_token, last.access_token]);
    let log = world.log().await;
    for stored in &log {
        for (name, value) in &stored.event.details {
            for secret in &secrets {
                assert!(
                    value != secret && (secret.len() < 10 || !value.contains(secret.as_str())),
                    "{name}"
                );
            }
        }
    }
    for kind in [
        EventKind::RecoveryIssued,
        EventKind::EnrolmentRequired,
        EventKind::AuthenticatorImported,
    ] {
        let event = log.iter().find(|stored| stored.event.kind == kind).unwrap();
        assert_eq!(
            (event.event.actor, event.event.subject),
            (Some(root.user.id), Some(id)),
            "{}",
            kind.name()
        );
    }
    let removed = log
        .iter()
        .filter(|stored| stored.event.kind == EventKind::AuthenticatorRemoved);
    assert!(removed.clone().any(|stored| stored.event.actor == Some(root.user.id)));
    application::audit::verify(&world.app.core).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
}

#[tokio::test]
async fn administrators_do_with_their_own_factors_as_everybody_does() {
    let world = World::new().await;
    let root = world.admin("root").await;
    let caller = world.caller(&root).await;
    let actor = Actor::admin(&caller).unwrap();
    let (app, id, nowhere) = (&world.app, root.user.id, Origin::default());
    let issued = app.manage_factors.issue_recovery(&actor, id, &nowhere).await;
    assert!(matches!(issued, Err(AdminError::OwnAccount)));
    let removed = app
        .manage_factors
        .remove_authenticator(&actor, id, AuthenticatorId::from_random([1; 16]), &nowhere)
        .await;
    assert!(matches!(removed, Err(RemoveAuthenticatorError::OwnAccount)));
    // Whoever has the machine may: it is the way back for the last administrator.
    app.manage_factors
        .issue_recovery(&Actor::Operator, id, &nowhere)
        .await
        .unwrap();
}
