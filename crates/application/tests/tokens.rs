//! Tokens after the login: refreshed, revoked, expired, and never believed when nobody can vouch for them.
#![expect(clippy::unwrap_used, reason = "a surprise is a failed test")]

mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use application::actor::Actor;
use application::ports::{Store, StoreError, Transaction};
use application::tokens::{IssuedTokens, RefreshError, Unauthenticated};
use async_trait::async_trait;
use domain::claims::TokenFault;
use domain::secret::RefreshToken;
use domain::session::Origin;
use testkit::memory::MemoryStore;
use world::{World, granted, once};

async fn refresh(world: &World, token: &str) -> Result<IssuedTokens, RefreshError> {
    world
        .app
        .refresh
        .execute(&RefreshToken::parse(token).unwrap(), &Origin::default())
        .await
}

fn refresh_token(tokens: &IssuedTokens) -> String {
    tokens.refresh_token.as_ref().unwrap().expose().to_owned()
}

fn fault<T>(outcome: &Result<T, Unauthenticated>) -> Option<TokenFault> {
    match outcome {
        Err(Unauthenticated::Token(fault)) => Some(*fault),
        Ok(_) | Err(_) => None,
    }
}

#[tokio::test]
async fn a_refresh_gives_a_new_pair_that_proves_the_old_login() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let first = world.tokens(&owner).await;
    let login = world.believes(&first.access_token).await.unwrap();
    world.clock.advance(Duration::from_mins(5));
    let second = refresh(&world, &refresh_token(&first)).await.unwrap();
    let refreshed = world.believes(&second.access_token).await.unwrap();
    assert_eq!(refreshed.proved, login.proved);
    assert_eq!(refreshed.session, login.session);
    assert_ne!(refreshed.token, login.token);
    assert_ne!(refresh_token(&second), refresh_token(&first));
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_ends_everything_of_its_login() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let other_login = world.tokens(&owner).await;
    let first = world.tokens(&owner).await;
    let second = refresh(&world, &refresh_token(&first)).await.unwrap();
    assert!(matches!(
        refresh(&world, &refresh_token(&first)).await,
        Err(RefreshError::Refused)
    ));
    for tokens in [&first, &second] {
        assert_eq!(
            fault(&world.believes(&tokens.access_token).await),
            Some(TokenFault::Revoked)
        );
        assert!(refresh(&world, &refresh_token(tokens)).await.is_err());
    }
    world.believes(&other_login.access_token).await.unwrap();
}

#[tokio::test]
async fn two_hundred_uses_of_one_refresh_token_have_one_winner() {
    let world = Arc::new(World::new().await);
    let owner = world.register("alice").await;
    let token = refresh_token(&world.tokens(&owner).await);
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (world, token) = (Arc::clone(&world), token.clone());
        racers.spawn(async move { refresh(&world, &token).await.is_ok() });
    }
    assert_eq!(racers.join_all().await.into_iter().filter(|won| *won).count(), 1);
}

#[tokio::test]
async fn an_idle_refresh_token_ends_and_a_used_session_ends_too() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let idle = world.tokens(&owner).await;
    let mut used = world.tokens(&owner).await;
    for _ in 0..30 {
        world.clock.advance(Duration::from_hours(23));
        used = refresh(&world, &refresh_token(&used)).await.unwrap();
    }
    assert!(refresh(&world, &refresh_token(&idle)).await.is_err());
    world.clock.advance(Duration::from_hours(23));
    used = refresh(&world, &refresh_token(&used)).await.unwrap();
    // The session's thirty days end in seven hours; what it issues ends with it.
    world.clock.advance(Duration::from_hours(7));
    assert!(refresh(&world, &refresh_token(&used)).await.is_err());
}

#[tokio::test]
async fn disabling_deleting_and_ending_sessions_void_tokens_at_once_on_every_node() {
    let world = World::new().await;
    let root = world.admin("root").await;
    let admin = Actor::admin(&world.caller(&root).await).unwrap();
    let other_node = world.second_node().await;
    let origin = Origin::default();
    for way in ["disable", "delete", "end sessions", "reset key"] {
        let owner = world.register(&format!("user-{}", way.replace(' ', "-"))).await;
        let tokens = world.tokens(&owner).await;
        other_node.authenticate.execute(&tokens.access_token).await.unwrap();
        let manage = &world.app.manage_users;
        match way {
            "disable" => drop(manage.disable(&admin, owner.user.id, &origin).await.unwrap()),
            "delete" => manage.delete(&admin, owner.user.id, &origin).await.unwrap(),
            "end sessions" => world
                .app
                .end_sessions
                .all_of(&admin, owner.user.id, &origin)
                .await
                .unwrap(),
            _ => drop(manage.reset_secret_key(&admin, owner.user.id, &origin).await.unwrap()),
        }
        assert_eq!(
            fault(&world.believes(&tokens.access_token).await),
            Some(TokenFault::Revoked),
            "{way}"
        );
        other_node.revocation_feed.follow().await.unwrap();
        let elsewhere = other_node.authenticate.execute(&tokens.access_token).await;
        assert_eq!(fault(&elsewhere), Some(TokenFault::Revoked), "{way}, other node");
        assert!(refresh(&world, &refresh_token(&tokens)).await.is_err(), "{way}");
    }
}

#[tokio::test]
async fn a_node_that_has_not_read_for_a_second_reads_before_it_answers() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let tokens = world.tokens(&owner).await;
    let other_node = world.second_node().await;
    other_node.authenticate.execute(&tokens.access_token).await.unwrap();
    world
        .app
        .revoke
        .execute(&tokens.access_token, &Origin::default())
        .await
        .unwrap();
    world.clock.advance(Duration::from_millis(1_001));
    assert_eq!(
        fault(&other_node.authenticate.execute(&tokens.access_token).await),
        Some(TokenFault::Revoked)
    );
}

#[tokio::test]
async fn when_nobody_can_say_whether_a_token_is_revoked_it_is_not_accepted() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let tokens = world.tokens(&owner).await;
    world.believes(&tokens.access_token).await.unwrap();
    world.store.fail_all();
    world.believes(&tokens.access_token).await.unwrap();
    world.clock.advance(Duration::from_secs(2));
    assert!(matches!(
        world.believes(&tokens.access_token).await,
        Err(Unauthenticated::Store(_))
    ));
    world.store.recover();
    world.believes(&tokens.access_token).await.unwrap();
}

#[tokio::test]
async fn a_token_for_one_use_is_not_accepted_when_its_use_cannot_be_stored() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let name = owner.user.username.as_str();
    let tokens = granted(world.login_with(name, world::PASSWORD, Some(&owner.key), once()).await);
    world.store.fail_next_commit();
    assert!(matches!(
        world.believes(&tokens.access_token).await,
        Err(Unauthenticated::Store(_))
    ));
    world.believes(&tokens.access_token).await.unwrap();
}

#[tokio::test]
async fn remembering_a_token_does_not_prolong_it() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let tokens = world.tokens(&owner).await;
    world.believes(&tokens.access_token).await.unwrap();
    world.clock.advance(Duration::from_secs(604));
    world.believes(&tokens.access_token).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(
        fault(&world.believes(&tokens.access_token).await),
        Some(TokenFault::Expired)
    );
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(
        fault(&world.believes(&tokens.access_token).await),
        Some(TokenFault::Expired)
    );
}

#[tokio::test]
async fn a_token_is_not_believed_before_its_time() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let tokens = world.tokens(&owner).await;
    let now = world.app.core.now();
    world.clock.set(now.before(Duration::from_mins(1)));
    assert_eq!(
        fault(&world.believes(&tokens.access_token).await),
        Some(TokenFault::NotYetValid)
    );
}

#[tokio::test]
async fn revoking_one_token_leaves_the_others_and_revoking_a_refresh_token_takes_all() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let first = world.tokens(&owner).await;
    let second = refresh(&world, &refresh_token(&first)).await.unwrap();
    let origin = Origin::default();
    world.app.revoke.execute(&first.access_token, &origin).await.unwrap();
    assert_eq!(
        fault(&world.believes(&first.access_token).await),
        Some(TokenFault::Revoked)
    );
    world.believes(&second.access_token).await.unwrap();
    world
        .app
        .revoke
        .execute(&refresh_token(&second), &origin)
        .await
        .unwrap();
    assert_eq!(
        fault(&world.believes(&second.access_token).await),
        Some(TokenFault::Revoked)
    );
    assert!(refresh(&world, &refresh_token(&second)).await.is_err());
}

#[tokio::test]
async fn revoking_what_is_unknown_is_no_error_and_a_failing_store_is_one() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let tokens = world.tokens(&owner).await;
    let origin = Origin::default();
    for token in ["", "x", "a.b.c", "csr_00000000000000000000000000000000000000"] {
        world.app.revoke.execute(token, &origin).await.unwrap();
    }
    world.store.fail_next_commit();
    assert!(world.app.revoke.execute(&tokens.access_token, &origin).await.is_err());
    world.believes(&tokens.access_token).await.unwrap();
}

#[tokio::test]
async fn an_owner_ends_his_own_sessions_and_no_others() {
    let world = World::new().await;
    let alice = world.register("alice").await;
    let bob = world.register("bob").await;
    let (of_alice, of_bob) = (world.caller(&alice).await, world.tokens(&bob).await);
    let bobs_session = world.believes(&of_bob.access_token).await.unwrap().session;
    let origin = Origin::default();
    assert!(
        world
            .app
            .end_sessions
            .one(&of_alice, bobs_session, &origin)
            .await
            .is_err()
    );
    world.believes(&of_bob.access_token).await.unwrap();
    let second = world.tokens(&alice).await;
    world
        .app
        .end_sessions
        .one(&of_alice, of_alice.session, &origin)
        .await
        .unwrap();
    world.believes(&second.access_token).await.unwrap();
    assert_eq!(world.app.queries.my_sessions(&of_alice).await.unwrap().len(), 1);
    world.app.end_sessions.all_own(&of_alice, &origin).await.unwrap();
    assert_eq!(
        fault(&world.believes(&second.access_token).await),
        Some(TokenFault::Revoked)
    );
    world.believes(&of_bob.access_token).await.unwrap();
}

/// A store that can stop answering those who read.
struct Muted {
    store: Arc<MemoryStore>,
    silent: AtomicBool,
}

#[async_trait]
impl Store for Muted {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        self.store.begin().await
    }

    async fn read(&self) -> Result<Box<dyn Transaction>, StoreError> {
        if self.silent.load(Ordering::SeqCst) {
            return Err(StoreError::new("read", "silent"));
        }
        self.store.read().await
    }
}

#[tokio::test]
async fn what_was_committed_is_answered_as_done_though_the_store_then_falls_silent() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let tokens = world.tokens(&owner).await;
    let store = Arc::new(Muted {
        store: Arc::clone(&world.store),
        silent: AtomicBool::new(false),
    });
    let mut ports = world.ports();
    ports.store = Arc::clone(&store) as _;
    let node = application::App::new(ports, world::policies());
    node.wake().await.unwrap();
    node.authenticate.execute(&tokens.access_token).await.unwrap();

    store.silent.store(true, Ordering::SeqCst);
    let (actor, origin) = (Actor::Operator, Origin::default());
    let reset = node.manage_users.reset_secret_key(&actor, owner.user.id, &origin).await;
    let (key, _) = reset.unwrap();
    let unsure = node.authenticate.execute(&tokens.access_token).await;
    assert!(matches!(unsure, Err(Unauthenticated::Store(_))));

    store.silent.store(false, Ordering::SeqCst);
    assert_eq!(
        fault(&node.authenticate.execute(&tokens.access_token).await),
        Some(TokenFault::Revoked)
    );
    granted(world.login("alice", world::PASSWORD, Some(key.expose())).await);
}
