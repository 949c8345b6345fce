//! The lines of keys: one for each kind of token, and what each does when the Orion profile is switched on and off.
#![expect(clippy::unwrap_used, reason = "a surprise is a failed test")]

mod world;

use std::sync::Arc;
use std::time::Duration;

use application::App;
use application::actor::Actor;
use application::core::{CodeOnly, OrionPolicy, Policies};
use application::keys::{RotateError, Urgency};
use application::ports::{Consumption, SigningHandle, Store};
use domain::claims::Claims;
use domain::orion::{ORION_TOKEN_LIFETIME, OrionClaims, groups};
use domain::session::Origin;
use domain::signing_key::KeyPurpose::{self, AccessToken, IdToken, Orion};
use domain::signing_key::KeyState::{self, Active, Next, Retired, Retiring};
use domain::signing_key::{Algorithm, Kid, SigningKey};
use domain::user::Role;
use world::{World, policies};

const DAY: Duration = Duration::from_hours(24);

fn with_orion() -> Policies {
    Policies {
        orion: Some(OrionPolicy {
            issuer: "orion-users".into(),
            totp_issuer: "Orion".into(),
            code_only: CodeOnly::Refused,
        }),
        ..policies()
    }
}

/// Another node on the store of this world, with these policies, that has read nothing yet.
fn node(world: &World, policies: Policies) -> Arc<App> {
    Arc::new(App::new(world.ports(), policies))
}

async fn line(app: &App, purpose: KeyPurpose) -> Vec<SigningKey> {
    let mut keys = app.key_rotation.list().await.unwrap();
    keys.retain(|key| key.purpose == purpose);
    keys.sort_by_key(|key| key.state);
    keys
}

async fn states(app: &App, purpose: KeyPurpose) -> Vec<KeyState> {
    line(app, purpose).await.iter().map(|key| key.state).collect()
}

async fn in_state(app: &App, purpose: KeyPurpose, state: KeyState) -> Kid {
    let keys = line(app, purpose).await;
    keys.iter().find(|key| key.state == state).unwrap().kid.clone()
}

async fn state_of(app: &App, kid: &Kid) -> KeyState {
    let keys = app.key_rotation.list().await.unwrap();
    keys.iter().find(|key| key.kid == *kid).unwrap().state
}

async fn rotate(app: &App, urgency: Urgency) -> Result<Kid, RotateError> {
    app.key_rotation
        .rotate(&Actor::Operator, urgency, &Origin::default())
        .await
}

/// The active key of a purpose, in the hands of somebody who signs what he likes.
async fn stolen(world: &World, purpose: KeyPurpose) -> Arc<dyn SigningHandle> {
    let keys = line(&world.app, purpose).await;
    let key = keys.iter().find(|key| key.state == Active).unwrap();
    let identity = format!("signing_keys.private.{}", key.kid);
    let ports = world.ports();
    let private = ports.sealer.open(&key.private, &identity).ok().unwrap();
    ports.token_keys.signing(&key.kid, key.algorithm, &private).unwrap()
}

fn orion_claims(claims: &Claims) -> OrionClaims {
    OrionClaims {
        issuer: claims.issuer.clone(),
        subject: claims.subject,
        email: "alice@example.org".into(),
        groups: groups(Role::User).to_vec(),
        token: claims.token,
        issued_at: claims.issued_at,
        expires_at: claims.issued_at.after(ORION_TOKEN_LIFETIME),
        session: claims.session,
        proved: claims.proved.clone(),
    }
}

#[tokio::test]
async fn a_fresh_ring_has_a_signing_and_a_next_key_for_each_kind_of_token() {
    let world = World::with(with_orion()).await;
    for (purpose, algorithm) in [
        (AccessToken, Algorithm::Es256),
        (Orion, Algorithm::Rs256),
        (IdToken, Algorithm::Rs256),
    ] {
        assert_eq!(states(&world.app, purpose).await, [Next, Active], "{purpose:?}");
        let keys = line(&world.app, purpose).await;
        assert!(keys.iter().all(|key| key.algorithm == algorithm), "{purpose:?}");
    }
    assert!(world.app.key_ring.is_ready());
    let published = world.app.key_ring.published();
    assert_eq!(published.len(), 6);
    for jwk in published {
        let names: Vec<&str> = jwk.members.iter().map(|(name, _)| *name).collect();
        assert_eq!(names[..4], ["kty", "use", "alg", "kid"]);
    }
}

#[tokio::test]
async fn without_the_profile_there_is_no_key_for_it() {
    let world = World::new().await;
    assert!(states(&world.app, Orion).await.is_empty());
    assert!(world.app.key_ring.is_ready());
}

#[tokio::test]
async fn a_profile_that_is_switched_on_later_has_a_key_at_once_and_the_other_line_does_not_notice() {
    let world = World::new().await;
    world.clock.advance(DAY * 30);
    let before = line(&world.app, AccessToken).await;
    let later = node(&world, with_orion());
    later.key_ring.reload().await.unwrap();
    assert!(
        !later.key_ring.is_ready(),
        "there is nothing to sign the profile's tokens with"
    );
    later.key_rotation.tend().await.unwrap();
    assert!(later.key_ring.is_ready());
    assert_eq!(states(&later, Orion).await, [Next, Active]);
    assert!(line(&later, AccessToken).await == before);
}

#[tokio::test]
async fn each_line_changes_at_its_own_age() {
    let world = World::new().await;
    world.clock.advance(DAY * 30);
    let app = node(&world, with_orion());
    app.wake().await.unwrap();
    let (access, orion) = (
        in_state(&app, AccessToken, Active).await,
        in_state(&app, Orion, Active).await,
    );
    world.clock.advance(DAY * 60);
    app.key_rotation.tend().await.unwrap();
    assert_eq!(state_of(&app, &access).await, Retiring);
    assert_eq!(state_of(&app, &orion).await, Active);
    world.clock.advance(DAY * 30);
    app.key_rotation.tend().await.unwrap();
    assert_eq!(state_of(&app, &access).await, Retired);
    assert_eq!(state_of(&app, &orion).await, Retiring);
    for purpose in KeyPurpose::ALL {
        assert_eq!(states(&app, purpose).await[..2], [Next, Active], "{purpose:?}");
    }
}

#[tokio::test]
async fn a_profile_that_is_switched_off_loses_its_keys_by_age_and_gets_no_new_ones() {
    let world = World::with(with_orion()).await;
    let off = node(&world, policies());
    off.wake().await.unwrap();
    world.clock.advance(DAY * 89);
    off.key_rotation.tend().await.unwrap();
    assert_eq!(
        states(&off, Orion).await,
        [Next, Active],
        "another node may still sign with it"
    );
    world.clock.advance(DAY);
    off.key_rotation.tend().await.unwrap();
    assert_eq!(states(&off, Orion).await, [Retiring, Retired]);
    assert!(off.key_ring.is_ready());
    world.clock.advance(DAY * 2);
    off.key_rotation.tend().await.unwrap();
    assert_eq!(states(&off, Orion).await, [Retired, Retired]);
    assert_eq!(states(&off, AccessToken).await, [Next, Active, Retired]);
    assert_eq!(off.key_ring.published().len(), 4);
    let on = node(&world, with_orion());
    on.wake().await.unwrap();
    assert_eq!(states(&on, Orion).await, [Next, Active, Retired, Retired]);
}

#[tokio::test]
async fn a_command_changes_the_keys_of_every_line() {
    let world = World::with(with_orion()).await;
    let app = &world.app;
    for (urgency, left_to) in [(Urgency::Orderly, Retiring), (Urgency::Compromised, Retired)] {
        world.clock.advance(DAY);
        let (mut old, mut next) = (Vec::new(), Vec::new());
        for purpose in KeyPurpose::ALL {
            old.push(in_state(app, purpose, Active).await);
            next.push(in_state(app, purpose, Next).await);
        }
        let signs = rotate(app, urgency).await.unwrap();
        assert_eq!(signs, next[0], "it names the key of access tokens");
        for kid in &old {
            assert_eq!(state_of(app, kid).await, left_to, "{urgency:?}");
        }
        for kid in &next {
            assert_eq!(state_of(app, kid).await, Active, "{urgency:?}");
        }
        for purpose in KeyPurpose::ALL {
            assert_eq!(states(app, purpose).await[..2], [Next, Active], "{urgency:?}");
        }
    }
    assert!(app.key_ring.is_ready());
}

#[tokio::test]
async fn a_change_that_one_line_must_wait_for_changes_nothing() {
    let world = World::new().await;
    world.clock.advance(DAY * 2);
    let app = node(&world, with_orion());
    app.wake().await.unwrap();
    let before = app.key_rotation.list().await.unwrap();
    // The next key for access tokens is two days old; that of the profile was made just now.
    let refused = rotate(&app, Urgency::Orderly).await;
    let Err(RotateError::TooSoon(too_soon)) = refused else {
        panic!("the profile's next key was published just now")
    };
    assert_eq!(too_soon.possible_at, app.core.now().after(DAY));
    assert!(app.key_rotation.list().await.unwrap() == before);
    world.clock.advance(DAY);
    rotate(&app, Urgency::Orderly).await.unwrap();
}

#[tokio::test]
async fn a_leak_takes_the_keys_of_a_profile_that_is_switched_off() {
    let world = World::with(with_orion()).await;
    world.clock.advance(DAY);
    let off = node(&world, policies());
    off.wake().await.unwrap();
    rotate(&off, Urgency::Orderly).await.unwrap();
    assert_eq!(states(&off, Orion).await, [Next, Active]);
    rotate(&off, Urgency::Compromised).await.unwrap();
    assert_eq!(states(&off, Orion).await, [Retired, Retired]);
    assert_eq!(states(&off, AccessToken).await[..2], [Next, Active]);
}

#[tokio::test]
async fn a_leaked_key_goes_although_nothing_is_there_to_take_over() {
    let world = World::with(with_orion()).await;
    let (old, next) = (
        in_state(&world.app, Orion, Active).await,
        in_state(&world.app, Orion, Next).await,
    );
    let mut tx = world.store.begin().await.unwrap();
    let lost = tx
        .signing_keys()
        .advance(&next, Next, Retired, world.app.core.now())
        .await;
    assert_eq!(lost.unwrap(), Consumption::First);
    tx.commit().await.unwrap();
    assert!(matches!(
        rotate(&world.app, Urgency::Orderly).await,
        Err(RotateError::TooSoon(_))
    ));
    world.clock.advance(DAY);
    assert!(matches!(
        rotate(&world.app, Urgency::Orderly).await,
        Err(RotateError::Lost)
    ));
    assert_eq!(
        states(&world.app, AccessToken).await,
        [Next, Active],
        "nothing was changed"
    );
    rotate(&world.app, Urgency::Compromised).await.unwrap();
    assert_eq!(state_of(&world.app, &old).await, Retired);
    assert_eq!(states(&world.app, Orion).await[..2], [Next, Active]);
    assert!(world.app.key_ring.is_ready());
}

#[tokio::test]
async fn nodes_that_change_keys_at_once_leave_one_signing_key_in_each_line() {
    let world = World::with(with_orion()).await;
    world.clock.advance(DAY);
    let mut changing = tokio::task::JoinSet::new();
    for place in 0..6 {
        let node = world.second_node().await;
        changing.spawn(async move {
            match place % 3 {
                0 => node.key_rotation.tend().await,
                1 => rotate(&node, Urgency::Compromised).await.map(drop),
                _ => rotate(&node, Urgency::Orderly).await.map(drop),
            }
        });
    }
    for changed in changing.join_all().await {
        assert!(
            matches!(changed, Ok(()) | Err(RotateError::Lost | RotateError::TooSoon(_))),
            "{changed:?}"
        );
    }
    world.app.key_rotation.tend().await.unwrap();
    for purpose in KeyPurpose::ALL {
        let states = states(&world.app, purpose).await;
        for state in [Next, Active] {
            assert_eq!(states.iter().filter(|other| **other == state).count(), 1, "{purpose:?}");
        }
    }
}

#[tokio::test]
async fn a_key_of_another_line_makes_no_access_token_whatever_it_signs() {
    let world = World::with(with_orion()).await;
    let owner = world.register("alice").await;
    let tokens = world.tokens(&owner).await;
    let claims: Claims = (*world.believes(&tokens.access_token).await.unwrap()).clone();
    // The way of making one is right: the key of access tokens does.
    let right = stolen(&world, AccessToken).await.sign(&claims).unwrap();
    world.believes(&right).await.unwrap();
    let orion = stolen(&world, Orion).await;
    let id_token = stolen(&world, IdToken).await;
    for token in [
        orion.sign(&claims).unwrap(),
        orion.sign_orion(&orion_claims(&claims)).unwrap(),
        id_token.sign(&claims).unwrap(),
        id_token.sign_orion(&orion_claims(&claims)).unwrap(),
    ] {
        assert!(world.believes(&token).await.is_err());
    }
}
