//! The life of signing keys: no moment in which a valid token is refused, and no key that is believed too long.
#![expect(clippy::unwrap_used, reason = "a surprise is a failed test")]

mod world;

use std::time::Duration;

use application::App;
use application::actor::Actor;
use application::core::Ports;
use application::keys::{RotateError, Urgency};
use crypto::master_key::MasterKey;
use crypto::password_hasher::Parameters;
use domain::session::Origin;
use domain::signing_key::{Algorithm, KeyPurpose, KeyState};
use testkit::entropy::SeededEntropy;
use world::{World, adapters, policies};

const DAY: Duration = Duration::from_hours(24);

/// The keys for access tokens.
async fn states(world: &World) -> Vec<(KeyState, Algorithm)> {
    let mut keys = world.app.key_rotation.list().await.unwrap();
    keys.retain(|key| key.purpose == KeyPurpose::AccessToken);
    keys.sort_by_key(|key| key.state);
    keys.into_iter().map(|key| (key.state, key.algorithm)).collect()
}

#[tokio::test]
async fn a_fresh_ring_has_a_key_that_signs_and_one_that_is_published_ahead() {
    let world = World::new().await;
    assert_eq!(
        states(&world).await,
        [(KeyState::Next, Algorithm::Es256), (KeyState::Active, Algorithm::Es256)]
    );
    // Those of ID tokens, too.
    assert_eq!(world.app.key_ring.published().len(), 4);
}

#[tokio::test]
async fn every_algorithm_signs_and_verifies() {
    for algorithm in Algorithm::ALL {
        let mut policies = policies();
        policies.rotation.algorithm = algorithm;
        let world = World::with(policies).await;
        let owner = world.register("alice").await;
        world.caller(&owner).await;
        assert_eq!(states(&world).await.len(), 2, "{algorithm:?}");
    }
}

#[tokio::test]
async fn by_age_the_next_key_takes_over_and_tokens_of_the_old_one_stay_valid() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    world.clock.advance(DAY * 89 + Duration::from_secs(24 * 3_600 - 1));
    world.app.key_rotation.tend().await.unwrap();
    let old = world.tokens(&owner).await;
    world.clock.advance(Duration::from_secs(1));
    world.app.key_rotation.tend().await.unwrap();
    let new = world.tokens(&owner).await;
    world.believes(&old.access_token).await.unwrap();
    world.believes(&new.access_token).await.unwrap();
    let keys = &world.app.core.ports.token_keys;
    let kid = |token: &str| keys.kid_of(token, KeyPurpose::AccessToken).unwrap();
    assert_ne!(kid(&old.access_token), kid(&new.access_token));
    world.clock.advance(DAY * 2);
    world.app.key_rotation.tend().await.unwrap();
    assert!(states(&world).await.contains(&(KeyState::Retired, Algorithm::Es256)));
    // Those of ID tokens, too.
    assert_eq!(world.app.key_ring.published().len(), 4);
}

#[tokio::test]
async fn a_command_waits_until_verifiers_can_know_the_next_key() {
    let world = World::new().await;
    let origin = Origin::default();
    let too_soon = world
        .app
        .key_rotation
        .rotate(&Actor::Operator, Urgency::Orderly, &origin)
        .await;
    let Err(RotateError::TooSoon(too_soon)) = too_soon else {
        panic!("the next key was published just now")
    };
    assert_eq!(too_soon.possible_at, world.app.core.now().after(DAY));
    world.clock.advance(DAY);
    world
        .app
        .key_rotation
        .rotate(&Actor::Operator, Urgency::Orderly, &origin)
        .await
        .unwrap();
    let again = world
        .app
        .key_rotation
        .rotate(&Actor::Operator, Urgency::Orderly, &origin)
        .await;
    assert!(matches!(again, Err(RotateError::TooSoon(_))));
}

#[tokio::test]
async fn nothing_that_a_leaked_key_signed_is_believed_not_even_what_is_remembered() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let tokens = world.tokens(&owner).await;
    world.believes(&tokens.access_token).await.unwrap();
    let origin = Origin::default();
    world
        .app
        .key_rotation
        .rotate(&Actor::Operator, Urgency::Compromised, &origin)
        .await
        .unwrap();
    assert!(world.believes(&tokens.access_token).await.is_err());
    world.caller(&owner).await;
}

#[tokio::test]
async fn another_node_believes_a_key_that_it_has_not_read_yet() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let other_node = world.second_node().await;
    world.clock.advance(DAY * 200);
    world.app.key_rotation.tend().await.unwrap();
    world.clock.advance(DAY);
    world
        .app
        .key_rotation
        .rotate(&Actor::Operator, Urgency::Compromised, &Origin::default())
        .await
        .unwrap();
    world
        .app
        .key_rotation
        .rotate(&Actor::Operator, Urgency::Compromised, &Origin::default())
        .await
        .unwrap();
    let tokens = world.tokens(&owner).await;
    other_node.authenticate.execute(&tokens.access_token).await.unwrap();
}

#[tokio::test]
async fn nodes_that_tend_the_ring_at_once_change_it_once() {
    let world = World::new().await;
    let nodes = [
        world.second_node().await,
        world.second_node().await,
        world.second_node().await,
    ];
    world.clock.advance(DAY * 90);
    let mut tending = tokio::task::JoinSet::new();
    for node in nodes {
        tending.spawn(async move { node.key_rotation.tend().await });
    }
    for tended in tending.join_all().await {
        tended.unwrap();
    }
    let active = states(&world)
        .await
        .into_iter()
        .filter(|(state, _)| *state == KeyState::Active)
        .count();
    assert_eq!((active, states(&world).await.len()), (1, 3));
}

#[tokio::test]
async fn with_another_master_key_the_service_does_not_wake_and_writes_nothing() {
    let world = World::new().await;
    let other = MasterKey::generate(&SeededEntropy::new(99));
    let ports = Ports {
        sealer: adapters(&other, Parameters::for_tests()).sealer,
        ..world.ports()
    };
    world.clock.advance(DAY * 365);
    let before = world.app.key_rotation.list().await.unwrap().len();
    assert!(App::new(ports, policies()).wake().await.is_err());
    assert_eq!(world.app.key_rotation.list().await.unwrap().len(), before);
}
