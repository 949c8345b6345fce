//! Client applications: how they prove which one they are, and what a refusal costs.
#![expect(clippy::unwrap_used, reason = "a surprise is a failed test")]

mod world;

use std::time::Duration;

use application::actor::Actor;
use application::clients::{AuthenticatedClient, ClientRefusal, PresentedClient, RegisteredClient, SecretChoice};
use domain::client::{ClientAuthentication, ClientId, ClientState, GrantType, Party, Pkce, TokenFormat};
use domain::client_rules::ClientDraft;
use domain::scope::Scopes;
use domain::secret::Password;
use domain::session::Origin;
use world::World;
use zeroize::Zeroizing;

const CHOSEN: &str = "summer2024";

fn draft() -> ClientDraft {
    ClientDraft {
        name: "Reports".into(),
        state: ClientState::Active,
        party: Party::Third,
        authentication: ClientAuthentication::Secret,
        jwks: None,
        grant_types: vec![GrantType::ClientCredentials],
        redirect_uris: vec![],
        post_logout_redirect_uris: vec![],
        backchannel_logout_uri: None,
        scopes: Scopes::parse("reports").unwrap(),
        audiences: vec![],
        access_token_lifetime: Duration::from_mins(10),
        token_format: TokenFormat::Jwt,
        refresh_token_lifetime: Duration::from_hours(24),
        refresh_token_idle: Duration::from_hours(1),
        pkce: Pkce::Required,
        requires_pushed_requests: false,
        factors: None,
        cors_origins: vec![],
    }
}

async fn register(world: &World, id: &str, choice: SecretChoice) -> RegisteredClient {
    let id = Some(ClientId::parse(id).unwrap());
    let manage = &world.app.oauth.manage_clients;
    manage
        .create(&Actor::Operator, id, draft(), choice, &Origin::default())
        .await
        .unwrap()
}

async fn tries(world: &World, id: &str, secret: &str) -> Result<AuthenticatedClient, ClientRefusal> {
    let presented = PresentedClient {
        client_id: Some(id.to_owned()),
        client_secret: Some(Zeroizing::new(secret.to_owned())),
        ..PresentedClient::default()
    };
    let authenticate = &world.app.oauth.authenticate_client;
    authenticate.execute(presented, &Origin::default(), "192.0.2.1").await
}

#[tokio::test]
async fn a_generated_secret_is_compared_without_a_hash_and_a_chosen_one_with_one() {
    let world = World::new().await;
    let generated = register(&world, "generated", SecretChoice::Generate).await;
    let secret = generated.secret.map(|secret| secret.expose().to_owned()).unwrap();
    let before = world.hashing_work();
    assert!(tries(&world, "generated", &secret).await.is_ok());
    assert_eq!(world.hashing_work(), before);
    register(&world, "chosen", SecretChoice::Chosen(Password::new(CHOSEN).unwrap())).await;
    let before = world.hashing_work();
    assert!(tries(&world, "chosen", CHOSEN).await.is_ok());
    assert_eq!(world.hashing_work(), before + 1);
}

#[tokio::test]
async fn only_a_secret_that_can_be_guessed_is_worth_a_hash_and_only_so_often() {
    let world = World::new().await;
    register(&world, "generated", SecretChoice::Generate).await;
    register(&world, "chosen", SecretChoice::Chosen(Password::new(CHOSEN).unwrap())).await;
    let mut hashes = 0;
    for _ in 0..12 {
        for id in ["generated", "chosen", "nobody", "no identity at all"] {
            let before = world.hashing_work();
            assert!(
                matches!(tries(&world, id, "guess").await, Err(ClientRefusal::Refused)),
                "{id}"
            );
            let work = world.hashing_work() - before;
            assert!(work == 0 || id == "chosen", "{id}");
            hashes += work;
        }
    }
    // Once it is held, nothing is evaluated any more.
    assert!((1..12).contains(&hashes), "{hashes}");
    let compared = world.passwords_compared();
    assert!(
        matches!(tries(&world, "chosen", CHOSEN).await, Err(ClientRefusal::Refused)),
        "it is held"
    );
    assert_eq!(world.passwords_compared(), compared);
    world.clock.advance(Duration::from_secs(61));
    assert!(tries(&world, "chosen", CHOSEN).await.is_ok());
}

#[tokio::test]
async fn a_secret_that_was_made_here_may_be_brought_along() {
    let world = World::new().await;
    let secret = register(&world, "one", SecretChoice::Generate).await.secret.unwrap();
    let brought = SecretChoice::Chosen(Password::new(secret.expose()).unwrap());
    assert!(register(&world, "two", brought).await.secret.is_none());
    let before = world.hashing_work();
    assert!(tries(&world, "two", secret.expose()).await.is_ok());
    assert_eq!(world.hashing_work(), before, "it is no guessable one");
}

#[tokio::test]
async fn a_store_that_fails_lets_no_client_in() {
    let world = World::new().await;
    let secret = register(&world, "one", SecretChoice::Generate).await.secret.unwrap();
    world.store.fail_all();
    assert!(matches!(
        tries(&world, "one", secret.expose()).await,
        Err(ClientRefusal::Store(_))
    ));
}
