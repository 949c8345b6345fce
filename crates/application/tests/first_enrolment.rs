//! Accounts that have nothing but a password yet: the login enrols their first authenticator, and nothing else does.

mod world;

use std::sync::Arc;
use std::time::Duration;

use application::accounts::BeginError;
use application::actor::Actor;
use application::core::CodeOnly;
use application::sign_in::{LoginError, LoginOutcome, LoginTerms};
use domain::authenticator::AuthenticatorName;
use domain::authenticator::OtpParameters;
use domain::event::EventKind;
use domain::id::AuthenticatorId;
use domain::one_time_code::Position;
use domain::otp_secret::OtpSecret;
use domain::scope::Scopes;
use domain::secret::AuthSessionHandle;
use domain::session::Origin;
use domain::user::{Enrolment, Role};
use world::phone::{NOWHERE, Phone, STEP, enrolment, otp, recovery, with_orion};
use world::{PASSWORD, World, granted, is_refused, terms};

async fn password(world: &World) -> String {
    enrolment(world.login("alice", PASSWORD, None).await)
}

#[tokio::test]
async fn a_password_leads_to_an_enrolment_and_that_to_tokens_and_recovery_codes() {
    let world = World::new().await;
    let owner = world.bare("alice", Role::User).await;
    let handle = password(&world).await;
    let begun = world.begin_at_login(&handle, "Phone").await.ok().unwrap();
    let shown = AuthSessionHandle::parse(&handle).unwrap();
    let uri = world
        .app
        .sign_in
        .enrolment_key_uri(&shown, begun.authenticator.id)
        .await;
    assert_eq!(uri.ok().unwrap(), begun.key_uri);
    let phone = Phone::of(begun);
    assert!(
        is_refused(&world.prove(&owner, otp(&phone.code(&world))).await),
        "pending"
    );
    assert!(is_refused(&world.confirm_at_login(&handle, &phone.wrong(&world)).await));
    let tokens = granted(world.confirm_at_login(&handle, &phone.code(&world)).await);
    assert_eq!(tokens.recovery_codes.len(), 10);
    let caller = world.believes(&tokens.access_token).await.unwrap();
    assert_eq!(caller.proved.amr(), ["pwd", "otp"]);
    assert_eq!(world.user(&owner).await.enrolment, Enrolment::Done);
    assert!(
        is_refused(&world.prove(&owner, otp(&phone.code(&world))).await),
        "spent"
    );
    assert!(is_refused(&world.confirm_at_login(&handle, &phone.code(&world)).await));
    let again = world.app.sign_in.enrolment_key_uri(&shown, phone.id).await;
    assert!(again.is_err(), "nobody is shown it again");

    // From now on the password alone enrols nothing.
    let pending = world.pending(&owner).await.expose().to_owned();
    let begun = world.begin_at_login(&pending, "Other").await;
    assert!(matches!(begun, Err(BeginError::NoAuthSession)));
    world.clock.advance(STEP);
    granted(world.prove(&owner, otp(&phone.code(&world))).await);
}

#[tokio::test]
async fn only_the_right_kind_of_authentication_session_enrols_or_logs_in() {
    let world = World::new().await;
    world.bare("alice", Role::User).await;
    let (bob, his, _) = world.enrolled("bob").await;
    let login = world.pending(&bob).await.expose().to_owned();
    assert!(matches!(
        world.begin_at_login(&login, "Phone").await,
        Err(BeginError::NoAuthSession)
    ));
    assert!(is_refused(&world.confirm_at_login(&login, &his.code(&world)).await));
    let handle = password(&world).await;
    let phone = Phone::of(world.begin_at_login(&handle, "Phone").await.ok().unwrap());
    assert!(is_refused(
        &world.complete_with(&handle, otp(&phone.code(&world))).await
    ));
    granted(world.complete_with(&login, otp(&his.code(&world))).await);
    granted(world.confirm_at_login(&handle, &phone.code(&world)).await);
}

#[tokio::test]
async fn what_a_stranger_began_with_the_password_is_void_once_the_owner_has_enrolled() {
    let world = World::new().await;
    let owner = world.bare("alice", Role::User).await;
    let (stranger, mine) = (password(&world).await, password(&world).await);
    let theirs = Phone::of(world.begin_at_login(&stranger, "Theirs").await.ok().unwrap());
    let phone = Phone::of(world.begin_at_login(&mine, "Phone").await.ok().unwrap());
    granted(world.confirm_at_login(&mine, &phone.code(&world)).await);
    assert!(is_refused(
        &world.confirm_at_login(&stranger, &theirs.code(&world)).await
    ));
    assert!(world.begin_at_login(&stranger, "Theirs").await.is_err());
    let shown = AuthSessionHandle::parse(&stranger).unwrap();
    assert!(world.app.sign_in.enrolment_key_uri(&shown, theirs.id).await.is_err());
    assert_eq!(world.authenticators(&owner).await, (vec![phone.id], vec![]));
}

#[tokio::test]
async fn what_was_begun_with_a_password_is_void_when_a_factor_arrives_by_another_way() {
    for way in ["key", "import", "owner at the login"] {
        let world = World::with(with_orion(CodeOnly::Refused)).await;
        let owner = world.bare("alice", Role::User).await;
        let theirs = Phone::of(world.orion_enrol("alice", None).await.ok().unwrap());
        let (origin, actor) = (Origin::default(), Actor::Operator);
        match way {
            "key" => drop(
                world
                    .app
                    .manage_users
                    .reset_secret_key(&actor, owner.user.id, &origin)
                    .await
                    .unwrap(),
            ),
            "import" => {
                let new = application::admin::ImportedAuthenticator {
                    name: AuthenticatorName::new("Phone").unwrap(),
                    parameters: OtpParameters::TOTP,
                    position: Position::NONE,
                    secret: OtpSecret::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap(),
                };
                let import = &world.app.import;
                drop(
                    import
                        .authenticator(&actor, owner.user.id, new, &origin)
                        .await
                        .ok()
                        .unwrap(),
                );
            }
            _ => {
                let handle = password(&world).await;
                let phone = Phone::of(world.begin_at_login(&handle, "Phone").await.ok().unwrap());
                granted(world.confirm_at_login(&handle, &phone.code(&world)).await);
            }
        }
        // A stranger who knows the password, and nothing else.
        assert!(world.orion_first("alice").await.is_ok(), "{way}");
        assert!(
            is_refused(&world.orion_second("alice", &theirs.code(&world)).await),
            "{way}"
        );
    }
}

#[tokio::test]
async fn two_hundred_confirmations_have_one_winner() {
    let world = Arc::new(World::new().await);
    let owner = world.bare("alice", Role::User).await;
    let handle = password(&world).await;
    let phone = Phone::of(world.begin_at_login(&handle, "Phone").await.ok().unwrap());
    let code = phone.code(&world);
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (world, handle, code) = (Arc::clone(&world), handle.clone(), code.clone());
        racers.spawn(async move { world.confirm_at_login(&handle, &code).await.is_ok() });
    }
    assert_eq!(racers.join_all().await.into_iter().filter(|won| *won).count(), 1);
    assert_eq!(world.codes_left(&owner).await, 10);
}

#[tokio::test]
async fn an_enrolment_session_ends_and_dies_with_the_password() {
    let world = World::new().await;
    let owner = world.bare("alice", Role::User).await;
    let handle = password(&world).await;
    let phone = Phone::of(world.begin_at_login(&handle, "Phone").await.ok().unwrap());
    let new = domain::secret::Password::new("another long password").unwrap();
    let users = &world.app.manage_users;
    let set = users.set_password(&Actor::Operator, owner.user.id, new, &NOWHERE);
    set.await.unwrap();
    assert!(is_refused(&world.confirm_at_login(&handle, &phone.code(&world)).await));
    assert!(world.begin_at_login(&handle, "Phone").await.is_err());
    let handle = enrolment(world.login("alice", "another long password", None).await);
    let phone = Phone::of(world.begin_at_login(&handle, "Phone").await.ok().unwrap());
    world.clock.advance(Duration::from_mins(10));
    assert!(is_refused(&world.confirm_at_login(&handle, &phone.code(&world)).await));
    assert!(world.begin_at_login(&handle, "Phone").await.is_err());
}

#[tokio::test]
async fn guesses_at_the_confirming_code_are_bounded_over_all_authentication_sessions() {
    let world = World::new().await;
    world.bare("alice", Role::User).await;
    let before = world.codes_compared();
    let mut phone = None;
    for _ in 0..4 {
        let handle = password(&world).await;
        let begun = Phone::of(world.begin_at_login(&handle, "Phone").await.ok().unwrap());
        for _ in 0..3 {
            assert!(is_refused(&world.confirm_at_login(&handle, &begun.wrong(&world)).await));
        }
        phone = Some((handle, begun));
    }
    assert_eq!(world.codes_compared() - before, 5);
    let (handle, phone) = phone.unwrap();
    assert!(
        is_refused(&world.confirm_at_login(&handle, &phone.code(&world)).await),
        "held"
    );
    world.clock.advance(Duration::from_mins(1));
    granted(world.confirm_at_login(&handle, &phone.code(&world)).await);
}

#[tokio::test]
async fn a_recovery_code_for_a_bare_account_leads_to_the_enrolment_and_no_further() {
    let world = World::new().await;
    let owner = world.bare("alice", Role::User).await;
    let factors = &world.app.manage_factors;
    let issued = factors.issue_recovery(&Actor::Operator, owner.user.id, &NOWHERE);
    let issued = issued.await.ok().unwrap();
    enrolment(world.prove(&owner, recovery(issued.code.expose())).await);
    assert!(is_refused(&world.prove(&owner, recovery(issued.code.expose())).await));
}

#[tokio::test]
async fn asking_for_too_much_confirms_nothing_and_loses_no_recovery_codes() {
    let world = World::new().await;
    let owner = world.bare("alice", Role::User).await;
    let handle = password(&world).await;
    let phone = Phone::of(world.begin_at_login(&handle, "Phone").await.ok().unwrap());
    let terms = LoginTerms {
        scopes: Some(Scopes::parse_own("admin").unwrap()),
        ..terms("192.0.2.1")
    };
    let outcome = world.confirm_at_login_with(&handle, &phone.code(&world), terms).await;
    assert!(matches!(outcome, Err(LoginError::InvalidScope)));
    assert_eq!(world.authenticators(&owner).await, (vec![], vec![phone.id]));
    let tokens = granted(world.confirm_at_login(&handle, &phone.code(&world)).await);
    assert_eq!(tokens.recovery_codes.len(), 10);
    let log = world.log().await;
    let confirmed = log
        .iter()
        .filter(|stored| stored.event.kind == EventKind::AuthenticatorConfirmed);
    assert_eq!(confirmed.count(), 1);
}

#[tokio::test]
async fn a_named_authenticator_of_another_account_is_not_confirmed() {
    let world = World::new().await;
    world.bare("alice", Role::User).await;
    world.bare("bob", Role::User).await;
    let mine = password(&world).await;
    let theirs = enrolment(world.login("bob", PASSWORD, None).await);
    let phone = Phone::of(world.begin_at_login(&theirs, "Phone").await.ok().unwrap());
    let id: AuthenticatorId = phone.id;
    let confirmation = application::sign_in::EnrolmentConfirmation {
        auth_session: AuthSessionHandle::parse(&mine).unwrap(),
        authenticator: Some(id),
        sent: world::phone::sent(&phone.code(&world)),
        terms: terms("192.0.2.1"),
    };
    assert!(is_refused(&world.app.sign_in.confirm_enrolment(confirmation).await));
    let shown = AuthSessionHandle::parse(&mine).unwrap();
    assert!(world.app.sign_in.enrolment_key_uri(&shown, id).await.is_err());
    assert!(matches!(
        world.confirm_at_login(&theirs, &phone.code(&world)).await,
        Ok(LoginOutcome::Granted(_))
    ));
}
