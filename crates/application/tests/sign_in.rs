//! Logging in: both factors or nothing, and one refusal for everything.
#![expect(clippy::unwrap_used, reason = "a surprise is a failed test")]

mod world;

use std::sync::Arc;
use std::time::Duration;

use application::actor::Actor;
use application::ports::{HasherBusy, PasswordCheck, PasswordHasher, Store};
use application::sign_in::{LoginError, LoginOutcome};
use crypto::master_key::MasterKey;
use crypto::password_hasher::Parameters;
use domain::factor::FactorType;
use domain::scope::Scopes;
use domain::secret::{Password, PasswordHash};
use domain::session::Origin;
use domain::user::Role;
use testkit::entropy::SeededEntropy;
use world::{PASSWORD, World, adapters, granted, is_refused, once, terms};

#[tokio::test]
async fn password_and_secret_key_give_a_token_that_says_so() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let caller = world.caller(&owner).await;
    assert_eq!(caller.subject, owner.user.id);
    assert_eq!(caller.proved.amr(), ["pwd", "secret_key"]);
    assert_eq!(caller.proved.assurance().acr(), "urn:countersign:acr:pwd+key");
    assert_eq!(caller.scopes.to_string(), "account");
    assert_eq!(world.store.dropped_with_changes(), 0);
}

#[tokio::test]
async fn a_password_alone_opens_an_authentication_session_that_a_key_completes_once() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let outcome = world.login("ALICE", PASSWORD, None).await.unwrap();
    let LoginOutcome::SecondFactorNeeded {
        auth_session, factors, ..
    } = outcome
    else {
        panic!("no token yet")
    };
    assert_eq!(factors, [FactorType::SecretKey]);
    granted(
        world
            .complete(auth_session.as_ref().unwrap().expose(), &owner.key)
            .await,
    );
    assert!(is_refused(
        &world
            .complete(auth_session.as_ref().unwrap().expose(), &owner.key)
            .await
    ));
}

#[tokio::test]
async fn everything_wrong_is_one_refusal_at_one_cost() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let disabled = world.register("mallory").await;
    world
        .app
        .manage_users
        .disable(&Actor::Operator, disabled.user.id, &Origin::default())
        .await
        .unwrap();
    let wrong = world.wrong_key();
    let cases: [(&str, &str, &str, Option<&str>); 6] = [
        ("unknown name", "nobody", PASSWORD, None),
        ("unknown name, with a key", "nobody", PASSWORD, Some(&wrong)),
        ("wrong password", "alice", "not the password", None),
        (
            "wrong password, right key",
            "alice",
            "not the password",
            Some(&owner.key),
        ),
        ("right password, wrong key", "alice", PASSWORD, Some(&wrong)),
        ("disabled, everything right", "mallory", PASSWORD, Some(&disabled.key)),
    ];
    for (what, name, password, key) in cases {
        let before = world.hashing_work();
        assert!(is_refused(&world.login(name, password, key).await), "{what}");
        assert_eq!(
            world.hashing_work() - before,
            1,
            "{what}: one hash, no more and no less"
        );
    }
}

#[tokio::test]
async fn a_key_of_another_account_is_a_wrong_key() {
    let world = World::new().await;
    let alice = world.register("alice").await;
    let bob = world.register("bob").await;
    assert!(is_refused(&world.login("alice", PASSWORD, Some(&bob.key)).await));
    let pending = world.pending(&alice).await;
    assert!(is_refused(&world.complete(pending.expose(), &bob.key).await));
    // A wrong key does not use the session up: its owner may have mistyped.
    granted(world.complete(pending.expose(), &alice.key).await);
}

#[tokio::test]
async fn an_authentication_session_ends_after_ten_minutes() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let pending = world.pending(&owner).await;
    world.clock.advance(Duration::from_mins(10));
    assert!(is_refused(&world.complete(pending.expose(), &owner.key).await));
}

#[tokio::test]
async fn an_authentication_session_dies_with_what_it_proved() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let pending = world.pending(&owner).await;
    world
        .app
        .end_sessions
        .all_of(&Actor::Operator, owner.user.id, &Origin::default())
        .await
        .unwrap();
    assert!(is_refused(&world.complete(pending.expose(), &owner.key).await));
}

#[tokio::test]
async fn two_hundred_uses_of_one_authentication_session_have_one_winner() {
    let world = Arc::new(World::new().await);
    let owner = world.register("alice").await;
    let pending = world.pending(&owner).await.expose().to_owned();
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (world, pending, key) = (Arc::clone(&world), pending.clone(), owner.key.clone());
        racers.spawn(async move { world.complete(&pending, &key).await.is_ok() });
    }
    let won = racers.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn nobody_gets_a_scope_above_the_role() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let admin = world.admin("root").await;
    let asking = |scope| application::sign_in::LoginTerms {
        scopes: Some(Scopes::parse_own(scope).unwrap()),
        ..terms("")
    };
    let both = asking("account admin");
    let tokens = granted(world.login_with("alice", PASSWORD, Some(&owner.key), both).await);
    assert_eq!(tokens.scopes.to_string(), "account");
    // Proved each time, so none of them counts as a failure, however many there are.
    for _ in 0..20 {
        let only_admin = world
            .login_with("alice", PASSWORD, Some(&owner.key), asking("admin"))
            .await;
        assert!(matches!(only_admin, Err(LoginError::InvalidScope)));
    }
    let tokens = granted(
        world
            .login_with("root", PASSWORD, Some(&admin.key), asking("admin"))
            .await,
    );
    assert_eq!(tokens.scopes.to_string(), "admin");
    assert_eq!(admin.user.role, Role::Admin);
}

#[tokio::test]
async fn a_failing_commit_lets_no_token_out() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    // The third transaction of a login is the one that opens the session.
    for place in 0..3 {
        world.store.fail_commit_after(place);
        let outcome = world.login("alice", PASSWORD, Some(&owner.key)).await;
        assert!(matches!(outcome, Err(LoginError::Store(_))), "commit {place}");
    }
    granted(world.login("alice", PASSWORD, Some(&owner.key)).await);
}

#[tokio::test]
async fn a_store_that_is_down_refuses_and_recovers() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    world.store.fail_all();
    assert!(matches!(
        world.login("alice", PASSWORD, Some(&owner.key)).await,
        Err(LoginError::Store(_))
    ));
    world.store.recover();
    granted(world.login("alice", PASSWORD, Some(&owner.key)).await);
}

#[tokio::test]
async fn a_token_for_one_use_comes_without_a_refresh_token_and_is_spent_by_its_first_call() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let tokens = granted(world.login_with("alice", PASSWORD, Some(&owner.key), once()).await);
    assert!(tokens.refresh_token.is_none());
    let other_node = world.second_node().await;
    world.believes(&tokens.access_token).await.unwrap();
    assert!(world.believes(&tokens.access_token).await.is_err());
    assert!(other_node.authenticate.execute(&tokens.access_token).await.is_err());
}

#[tokio::test]
async fn many_machines_with_the_right_secrets_do_not_hold_one_another_back() {
    let world = Arc::new(World::new().await);
    let owner = world.register("robot").await;
    let mut logins = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let (world, key) = (Arc::clone(&world), owner.key.clone());
        logins.spawn(async move { world.login("robot", PASSWORD, Some(&key)).await.is_ok() });
    }
    assert!(logins.join_all().await.into_iter().all(|granted| granted));
}

#[tokio::test]
async fn a_password_under_old_parameters_is_hashed_anew_at_login() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let mut tx = world.store.begin().await.unwrap();
    let old = Parameters::new(8, 2, 1).unwrap();
    let hasher = adapters(&MasterKey::generate(&SeededEntropy::new(1)), old).password_hasher;
    let hash = hasher.hash(Password::new(PASSWORD).unwrap()).await.unwrap();
    tx.users()
        .set_password(owner.user.id, &hash, world.app.core.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    granted(world.login("alice", PASSWORD, Some(&owner.key)).await);
    let mut tx = world.store.read().await.unwrap();
    let stored = tx.users().find(owner.user.id).await.unwrap().unwrap().password_hash;
    assert!(stored != hash);
    granted(world.login("alice", PASSWORD, Some(&owner.key)).await);
}

type Meddling = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// A hasher during whose work something else happens.
struct MeddledHasher {
    inner: Arc<dyn PasswordHasher>,
    meddling: std::sync::Mutex<Option<Meddling>>,
}

#[async_trait::async_trait]
impl PasswordHasher for MeddledHasher {
    fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherBusy> {
        self.inner.hash(password).await
    }

    async fn check(&self, password: Password, hash: Option<PasswordHash>) -> Result<PasswordCheck, HasherBusy> {
        let meddling = self.meddling.lock().unwrap().take();
        if let Some(meddling) = meddling {
            meddling.await;
        }
        self.inner.check(password, hash).await
    }
}

#[tokio::test]
async fn an_account_that_is_voided_while_its_password_is_compared_gets_no_token() {
    for way in ["disable", "end sessions", "delete"] {
        for with_key in [true, false] {
            let world = World::new().await;
            let owner = world.register("alice").await;
            let (other_node, id) = (world.second_node().await, owner.user.id);
            let meddling: Meddling = Box::pin(async move {
                let (origin, actor) = (Origin::default(), Actor::Operator);
                match way {
                    "disable" => drop(other_node.manage_users.disable(&actor, id, &origin).await.unwrap()),
                    "delete" => other_node.manage_users.delete(&actor, id, &origin).await.unwrap(),
                    _ => other_node.end_sessions.all_of(&actor, id, &origin).await.unwrap(),
                }
            });
            let ports = world.ports();
            let hasher = MeddledHasher {
                inner: Arc::clone(&ports.password_hasher),
                meddling: std::sync::Mutex::new(Some(meddling)),
            };
            let ports = application::core::Ports {
                password_hasher: Arc::new(hasher),
                ..ports
            };
            let node = application::App::new(ports, world::policies());
            node.wake().await.unwrap();
            let key = with_key.then_some(owner.key.as_str());
            let login = world::password_login("alice", PASSWORD, key, terms("192.0.2.1"));
            let outcome = node.sign_in.with_password(login).await;
            assert!(is_refused(&outcome), "{way}, with key: {with_key}");
        }
    }
}
