//! Accounts: made, changed by their owners, administered, and written down.
#![expect(clippy::unwrap_used, reason = "a surprise is a failed test")]

mod world;

use std::time::Duration;

use application::accounts::{ChangePasswordError, RegisterError, RotateSecretKeyError, RotationTerms};
use application::actor::Actor;
use application::admin::{AdminError, SetPasswordError, UserChange};
use application::audit::{self, BrokenChain, VerifyError};
use application::core::Registration;
use application::ports::{EventFilter, Store};
use domain::email::Email;
use domain::event::EventKind;
use domain::password::PasswordFault;
use domain::secret::{Digest, Password, SecretKey};
use domain::session::Origin;
use domain::user::{Role, UserState};
use world::{PASSWORD, World, granted, is_refused, new_user, policies};

const ORIGIN: &Origin = &Origin {
    address: None,
    user_agent: None,
    request_id: None,
};

fn password(text: &str) -> Password {
    Password::new(text).unwrap()
}

fn key(text: &str) -> SecretKey {
    SecretKey::parse(text).unwrap()
}

#[tokio::test]
async fn strangers_register_only_where_registration_is_open_and_never_as_administrators() {
    let closed = World::with(application::core::Policies {
        registration: Registration::Admin,
        ..policies()
    })
    .await;
    let origin = Origin::default();
    let refused = closed
        .app
        .register
        .execute(None, new_user("alice", Role::User), &origin)
        .await;
    assert!(matches!(refused, Err(RegisterError::NotOpen)));
    closed
        .app
        .register
        .execute(Some(&Actor::Operator), new_user("alice", Role::User), &origin)
        .await
        .unwrap();
    let open = World::new().await;
    open.app
        .register
        .execute(None, new_user("alice", Role::User), &origin)
        .await
        .unwrap();
    let refused = open
        .app
        .register
        .execute(None, new_user("root", Role::Admin), &origin)
        .await;
    assert!(matches!(refused, Err(RegisterError::NotOpen)));
}

#[tokio::test]
async fn names_and_addresses_are_unique_in_every_spelling() {
    let world = World::new().await;
    let origin = Origin::default();
    let with_email = |name: &str, email: &str| application::accounts::NewUser {
        email: Some(Email::new(email).unwrap()),
        ..new_user(name, Role::User)
    };
    world
        .app
        .register
        .execute(None, with_email("alice", "alice@example.org"), &origin)
        .await
        .unwrap();
    let same_name = world
        .app
        .register
        .execute(None, new_user("ALICE", Role::User), &origin)
        .await;
    assert!(matches!(same_name, Err(RegisterError::UsernameTaken)));
    let same_email = world
        .app
        .register
        .execute(None, with_email("bob", "Alice@Example.ORG"), &origin)
        .await;
    assert!(matches!(same_email, Err(RegisterError::EmailTaken)));
}

#[tokio::test]
async fn a_weak_password_is_refused_with_every_reason() {
    let world = World::new().await;
    let weak = application::accounts::NewUser {
        password: password("alice"),
        ..new_user("alice", Role::User)
    };
    let Err(RegisterError::Password(faults)) = world.app.register.execute(None, weak, &Origin::default()).await else {
        panic!("it must be refused")
    };
    assert_eq!(faults, [PasswordFault::TooShort, PasswordFault::ContainsUsername]);
}

#[tokio::test]
async fn a_new_password_voids_everything_issued_under_the_old_one() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let pending = world.pending(&owner).await;
    let (other, caller) = (world.tokens(&owner).await, world.caller(&owner).await);
    let change = |current: &str, new: &str| {
        let (current, new, caller, app) = (password(current), password(new), caller.clone(), world.app.clone());
        async move {
            app.change_password
                .execute(&caller, current, new, &Origin::default())
                .await
        }
    };
    assert!(matches!(
        change("wrong", "a brand new secret").await,
        Err(ChangePasswordError::Refused)
    ));
    assert!(matches!(
        change(PASSWORD, "12345678").await,
        Err(ChangePasswordError::Password(_))
    ));
    assert!(matches!(
        change(PASSWORD, PASSWORD).await,
        Err(ChangePasswordError::Unchanged)
    ));
    change(PASSWORD, "a brand new secret").await.unwrap();
    assert!(world.believes(&other.access_token).await.is_err());
    assert!(is_refused(&world.complete(pending.expose(), &owner.key).await));
    assert!(is_refused(&world.login("alice", PASSWORD, Some(&owner.key)).await));
    granted(world.login("alice", "a brand new secret", Some(&owner.key)).await);
    // The token that asked for the change is void too, so the change cannot be repeated with it.
    let again = change("a brand new secret", "yet another secret").await;
    assert!(matches!(again, Err(ChangePasswordError::AccountChanged)));
}

#[tokio::test]
async fn a_stolen_token_cannot_guess_the_password_without_bound() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let caller = world.caller(&owner).await;
    let before = world.passwords_compared();
    for _ in 0..20 {
        let (guess, new) = (password("a wrong guess"), password("a brand new secret"));
        let outcome = world
            .app
            .change_password
            .execute(&caller, guess, new, &Origin::default())
            .await;
        assert!(matches!(outcome, Err(ChangePasswordError::Refused)));
    }
    assert_eq!(world.passwords_compared() - before, 5);
}

#[tokio::test]
async fn a_rotated_key_lives_on_for_its_overlap_and_makes_no_further_successor() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let caller = world.caller(&owner).await;
    let origin = Origin::default();
    let day = RotationTerms {
        overlap: Duration::from_hours(24),
        lifetime: None,
    };
    let rotate = &world.app.rotate_secret_key;
    assert!(matches!(
        rotate.execute(&caller, key(&world.wrong_key()), day, &origin).await,
        Err(RotateSecretKeyError::Refused)
    ));
    let rotated = rotate.execute(&caller, key(&owner.key), day, &origin).await.unwrap();
    let new_key = rotated.secret_key.expose().to_owned();
    granted(world.login("alice", PASSWORD, Some(&owner.key)).await);
    granted(world.login("alice", PASSWORD, Some(&new_key)).await);
    assert!(matches!(
        rotate.execute(&caller, key(&owner.key), day, &origin).await,
        Err(RotateSecretKeyError::Superseded)
    ));
    world.clock.advance(Duration::from_hours(24));
    assert!(is_refused(&world.login("alice", PASSWORD, Some(&owner.key)).await));
    granted(world.login("alice", PASSWORD, Some(&new_key)).await);
}

#[tokio::test]
async fn without_overlap_the_old_key_ends_at_once_and_a_lifetime_ends_the_new_one() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let caller = world.caller(&owner).await;
    let terms = RotationTerms {
        overlap: Duration::ZERO,
        lifetime: Some(Duration::from_hours(1)),
    };
    let rotated = world
        .app
        .rotate_secret_key
        .execute(&caller, key(&owner.key), terms, &Origin::default())
        .await
        .unwrap();
    assert!(is_refused(&world.login("alice", PASSWORD, Some(&owner.key)).await));
    granted(world.login("alice", PASSWORD, Some(rotated.secret_key.expose())).await);
    world.clock.advance(Duration::from_hours(1));
    assert!(is_refused(
        &world.login("alice", PASSWORD, Some(rotated.secret_key.expose())).await
    ));
}

#[tokio::test]
async fn who_guesses_with_a_stolen_token_loses_it_and_the_owner_is_not_kept_out() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    for guessed in ["secret key", "password"] {
        let stolen = world.tokens(&owner).await;
        let caller = world.believes(&stolen.access_token).await.unwrap();
        for _ in 0..6 {
            let terms = RotationTerms::default();
            let (wrong, new) = (key(&world.wrong_key()), password("a brand new secret"));
            if guessed == "password" {
                let guess = world
                    .app
                    .change_password
                    .execute(&caller, password("a guess"), new, ORIGIN)
                    .await;
                assert!(matches!(guess, Err(ChangePasswordError::Refused)));
            } else {
                let guess = world.app.rotate_secret_key.execute(&caller, wrong, terms, ORIGIN).await;
                assert!(matches!(guess, Err(RotateSecretKeyError::Refused)));
            }
        }
        assert!(world.believes(&stolen.access_token).await.is_err(), "{guessed}");
        let refresh_token = stolen.refresh_token.unwrap();
        assert!(
            world.app.refresh.execute(&refresh_token, ORIGIN).await.is_err(),
            "{guessed}"
        );
        granted(world.login("alice", PASSWORD, Some(&owner.key)).await);
        world.pending(&owner).await;
    }
}

#[tokio::test]
async fn an_owner_who_logs_in_anew_changes_at_once_what_a_thief_guessed_at() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let stolen = world.caller(&owner).await;
    let rotate = &world.app.rotate_secret_key;
    let change = &world.app.change_password;
    let terms = RotationTerms::default();
    for _ in 0..6 {
        let (wrong, new) = (key(&world.wrong_key()), password("a brand new secret"));
        assert!(rotate.execute(&stolen, wrong, terms, ORIGIN).await.is_err());
        assert!(change.execute(&stolen, password("a guess"), new, ORIGIN).await.is_err());
    }
    let anew = world.caller(&owner).await;
    rotate.execute(&anew, key(&owner.key), terms, ORIGIN).await.unwrap();
    let new = password("a brand new secret");
    change.execute(&anew, password(PASSWORD), new, ORIGIN).await.unwrap();
}

#[tokio::test]
async fn a_rotation_ends_every_key_from_before_the_present_one() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let caller = world.caller(&owner).await;
    let week = RotationTerms {
        overlap: Duration::from_hours(7 * 24),
        lifetime: None,
    };
    let rotate = &world.app.rotate_secret_key;
    let second = rotate
        .execute(&caller, key(&owner.key), week, ORIGIN)
        .await
        .unwrap()
        .secret_key;
    granted(world.login("alice", PASSWORD, Some(&owner.key)).await);
    let third = rotate
        .execute(&caller, key(second.expose()), week, ORIGIN)
        .await
        .unwrap()
        .secret_key;
    assert!(is_refused(&world.login("alice", PASSWORD, Some(&owner.key)).await));
    granted(world.login("alice", PASSWORD, Some(second.expose())).await);
    granted(world.login("alice", PASSWORD, Some(third.expose())).await);
    // The superseded key cannot end its successor by trying to rotate once more.
    assert!(matches!(
        rotate.execute(&caller, key(second.expose()), week, ORIGIN).await,
        Err(RotateSecretKeyError::Superseded)
    ));
    granted(world.login("alice", PASSWORD, Some(third.expose())).await);
}

#[tokio::test]
async fn there_is_always_one_who_can_administer() {
    let world = World::new().await;
    let root = world.admin("root").await;
    let origin = Origin::default();
    let manage = &world.app.manage_users;
    let demotion = UserChange {
        role: Some(Role::User),
        ..UserChange::default()
    };
    let (id, operator) = (root.user.id, &Actor::Operator);
    assert!(matches!(
        manage.disable(operator, id, &origin).await,
        Err(AdminError::LastAdmin)
    ));
    assert!(matches!(
        manage.delete(operator, id, &origin).await,
        Err(AdminError::LastAdmin)
    ));
    assert!(matches!(
        manage.update(operator, id, demotion.clone(), &origin).await,
        Err(AdminError::LastAdmin)
    ));
    let second = world.admin("second").await;
    manage.update(operator, id, demotion, &origin).await.unwrap();
    assert!(matches!(
        manage.disable(operator, second.user.id, &origin).await,
        Err(AdminError::LastAdmin)
    ));
}

#[tokio::test]
async fn a_change_of_role_voids_the_tokens_that_carry_the_old_one() {
    let world = World::new().await;
    let (root, other) = (world.admin("root").await, world.admin("other").await);
    let tokens = world.tokens(&other).await;
    assert!(Actor::admin(&world.believes(&tokens.access_token).await.unwrap()).is_some());
    let demotion = UserChange {
        role: Some(Role::User),
        ..UserChange::default()
    };
    world
        .app
        .manage_users
        .update(&Actor::Operator, other.user.id, demotion, &Origin::default())
        .await
        .unwrap();
    assert!(world.believes(&tokens.access_token).await.is_err());
    assert!(Actor::admin(&world.caller(&other).await).is_none());
    assert!(Actor::admin(&world.caller(&root).await).is_some());
}

#[tokio::test]
async fn an_enabled_account_logs_in_again_but_its_old_tokens_stay_void() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let tokens = world.tokens(&owner).await;
    let origin = Origin::default();
    let manage = &world.app.manage_users;
    assert_eq!(
        manage
            .disable(&Actor::Operator, owner.user.id, &origin)
            .await
            .unwrap()
            .state,
        UserState::Disabled
    );
    assert!(is_refused(&world.login("alice", PASSWORD, Some(&owner.key)).await));
    manage.enable(&Actor::Operator, owner.user.id, &origin).await.unwrap();
    assert!(world.believes(&tokens.access_token).await.is_err());
    world.caller(&owner).await;
}

#[tokio::test]
async fn a_reset_key_is_the_only_one_that_works() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let reset = world
        .app
        .manage_users
        .reset_secret_key(&Actor::Operator, owner.user.id, &Origin::default())
        .await;
    let (new_key, _) = reset.unwrap();
    assert!(is_refused(&world.login("alice", PASSWORD, Some(&owner.key)).await));
    granted(world.login("alice", PASSWORD, Some(new_key.expose())).await);
}

#[tokio::test]
async fn a_password_that_an_operator_sets_opens_nothing_without_the_second_factor() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let tokens = world.tokens(&owner).await;
    let set = |text| {
        let manage = &world.app.manage_users;
        manage.set_password(&Actor::Operator, owner.user.id, password(text), ORIGIN)
    };
    assert!(matches!(set("alice").await, Err(SetPasswordError::Password(_))));
    for _ in 0..5 {
        assert!(is_refused(&world.login("alice", "forgotten", None).await));
    }
    set("a brand new secret").await.unwrap();
    assert!(world.believes(&tokens.access_token).await.is_err());
    assert!(is_refused(&world.login("alice", PASSWORD, Some(&owner.key)).await));
    granted(world.login("alice", "a brand new secret", Some(&owner.key)).await);
}

#[tokio::test]
async fn everything_is_written_down_and_the_chain_holds() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    assert!(is_refused(&world.login("alice", "wrong password", None).await));
    assert!(is_refused(&world.login("nobody-at-all", "wrong password", None).await));
    world.caller(&owner).await;
    let mut tx = world.store.read().await.unwrap();
    let events = tx.events().list(&EventFilter::default(), 100).await.unwrap();
    let kinds: Vec<_> = events.iter().rev().map(|stored| stored.event.kind).collect();
    assert_eq!(
        kinds[kinds.len() - 4..],
        [
            EventKind::UserCreated,
            EventKind::LoginRefused,
            EventKind::LoginRefused,
            EventKind::LoginSucceeded,
        ]
    );
    let everything = format!("{:?}", events.iter().map(|stored| &stored.event).collect::<Vec<_>>());
    for secret in [PASSWORD, "wrong password", "nobody-at-all", owner.key.as_str()] {
        assert!(!everything.contains(secret), "{secret} is in the audit log");
    }
    assert_eq!(
        audit::verify(&world.app.core).await.unwrap().position,
        i64::try_from(events.len()).unwrap()
    );
}

#[tokio::test]
async fn an_entry_that_was_not_written_by_the_service_is_found() {
    let world = World::new().await;
    world.register("alice").await;
    let mut tx = world.store.begin().await.unwrap();
    let head = tx.events().hold_head().await.unwrap();
    let mut forged = tx.events().list(&EventFilter::default(), 1).await.unwrap().remove(0);
    (forged.position, forged.link) = (head.position + 1, Digest::from_bytes([1; 32]));
    tx.events().append(&forged).await.unwrap();
    tx.commit().await.unwrap();
    let verdict = audit::verify(&world.app.core).await;
    assert!(matches!(verdict, Err(VerifyError::Broken(BrokenChain::Altered(place))) if place == forged.position));
}

#[tokio::test]
async fn housekeeping_forgets_what_is_over_and_nothing_else() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let tokens = world.tokens(&owner).await;
    for _ in 0..3 {
        assert!(is_refused(&world.login("nobody", "wrong password", None).await));
        assert!(is_refused(&world.login("alice", "wrong password", None).await));
    }
    world.app.housekeeping.execute().await.unwrap();
    world.believes(&tokens.access_token).await.unwrap();
    world.clock.advance(Duration::from_hours(24 * 31));
    assert!(world.app.housekeeping.execute().await.unwrap() >= 2);
    let mut tx = world.store.read().await.unwrap();
    assert_eq!(
        tx.sessions()
            .live_of(owner.user.id, domain::time::Timestamp::EARLIEST)
            .await
            .unwrap()
            .len(),
        0
    );
    assert_eq!(
        tx.attempts().of_account(owner.user.id).await.unwrap().len(),
        1,
        "a cap never restarts by time"
    );
}
