//! Links for a new password: good once, never instead of the second factor, and void with any change of the account.
#![expect(clippy::unwrap_used, reason = "a surprise is a failed test")]

mod world;

use std::sync::Arc;
use std::time::Duration;

use application::accounts::ResetError;
use application::actor::Actor;
use application::admin::AdminError;
use application::core::{FirstFactor, Policies};
use domain::factor::FactorType;
use domain::id::UserId;
use domain::password::PasswordFault;
use domain::secret::{Password, PasswordResetToken};
use domain::user::UserState;
use world::phone::{NOWHERE, STEP, key, otp, recovery};
use world::{Owner, PASSWORD, World, granted, is_refused, policies};

const NEW: &str = "a new battery for the staple";

fn new() -> Password {
    Password::new(NEW).unwrap()
}

impl World {
    /// The token of a link, as the operator hands it out.
    async fn link(&self, user: UserId) -> PasswordResetToken {
        let issued = self
            .app
            .reset_passwords
            .issue(&Actor::Operator, user, &NOWHERE)
            .await
            .unwrap();
        let (page, token) = issued.url.split_once("?token=").unwrap();
        assert_eq!(page, "https://issuer.example/auth/reset-password");
        PasswordResetToken::parse(token).unwrap()
    }

    async fn set(&self, token: &PasswordResetToken) -> Result<(), ResetError> {
        self.app.reset_passwords.set(token, new(), &NOWHERE).await
    }

    async fn factors(&self, token: &PasswordResetToken) -> Option<Vec<FactorType>> {
        self.app
            .reset_passwords
            .step(token)
            .await
            .unwrap()
            .map(|step| step.factors)
    }
}

#[tokio::test]
async fn a_link_alone_sets_no_password_where_there_is_a_second_factor() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let tokens = world.tokens(&owner).await;
    let link = world.link(owner.user.id).await;
    // A key is worth less than a code, and there is an authenticator.
    let wanted = vec![FactorType::Totp, FactorType::RecoveryCode];
    assert_eq!(world.factors(&link).await, Some(wanted));
    assert!(matches!(world.set(&link).await, Err(ResetError::Invalid)));
    let resets = &world.app.reset_passwords;
    let by_key = resets.prove(&link, &key(&owner.key), &NOWHERE).await;
    assert!(matches!(by_key, Err(ResetError::Refused)));

    let proved = resets.prove(&link, &otp(&phone.code(&world)), &NOWHERE).await.unwrap();
    assert_eq!(world.factors(&proved).await, Some(vec![]));
    assert_eq!(world.factors(&link).await, None, "the link is used up");
    assert!(
        world.believes(&tokens.access_token).await.is_ok(),
        "nothing has changed yet"
    );
    world.set(&proved).await.unwrap();
    assert!(
        world.believes(&tokens.access_token).await.is_err(),
        "everything is void"
    );
    assert!(
        matches!(world.set(&proved).await, Err(ResetError::Invalid)),
        "good once"
    );
    assert!(is_refused(&world.login("alice", PASSWORD, Some(&owner.key)).await));
    granted(world.login("alice", NEW, Some(&owner.key)).await);
}

#[tokio::test]
async fn the_code_of_a_reset_is_spent() {
    let world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    let code = phone.code(&world);
    let resets = &world.app.reset_passwords;
    let first = world.link(owner.user.id).await;
    resets.prove(&first, &otp(&code), &NOWHERE).await.unwrap();
    let second = world.link(owner.user.id).await;
    for spent in [otp(&code), otp(&phone.wrong(&world))] {
        let refused = resets.prove(&second, &spent, &NOWHERE).await;
        assert!(matches!(refused, Err(ResetError::Refused)));
    }
    resets.prove(&second, &recovery(&codes[0]), &NOWHERE).await.unwrap();
    let third = world.link(owner.user.id).await;
    let again = resets.prove(&third, &recovery(&codes[0]), &NOWHERE).await;
    assert!(matches!(again, Err(ResetError::Refused)));
}

#[tokio::test]
async fn guesses_are_charged_to_the_budget_of_logins_and_compared_no_further() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let link = world.link(owner.user.id).await;
    let resets = &world.app.reset_passwords;
    let before = world.codes_compared();
    for _ in 0..5 {
        assert!(resets.prove(&link, &otp(&phone.wrong(&world)), &NOWHERE).await.is_err());
    }
    let right = resets.prove(&link, &otp(&phone.code(&world)), &NOWHERE).await;
    assert!(matches!(right, Err(ResetError::Refused)), "held");
    assert_eq!(world.codes_compared() - before, 5);
    assert!(
        is_refused(&world.prove(&owner, otp(&phone.code(&world))).await),
        "and so are logins"
    );
    world.clock.advance(Duration::from_mins(2));
    resets.prove(&link, &otp(&phone.code(&world)), &NOWHERE).await.unwrap();
}

#[tokio::test]
async fn a_link_ends_with_time_with_the_next_one_and_with_any_change_of_the_account() {
    let world = World::new().await;
    let Owner { user, key: secret } = world.register("alice").await;
    let users = &world.app.manage_users;
    let old = world.link(user.id).await;
    let replaced = world.link(user.id).await;
    assert_eq!(world.factors(&old).await, None);
    world.clock.advance(Duration::from_mins(15));
    assert_eq!(world.factors(&replaced).await, None, "too old");
    let disabled = world.link(user.id).await;
    users.disable(&Actor::Operator, user.id, &NOWHERE).await.unwrap();
    assert_eq!(world.factors(&disabled).await, None);
    let enabled = users.enable(&Actor::Operator, user.id, &NOWHERE).await.unwrap();
    assert_eq!(enabled.state, UserState::Active);
    assert_eq!(world.factors(&disabled).await, None, "what was void stays void");

    let link = world.link(user.id).await;
    let proved = world
        .app
        .reset_passwords
        .prove(&link, &key(&secret), &NOWHERE)
        .await
        .unwrap();
    world.clock.advance(Duration::from_mins(5));
    assert!(
        matches!(world.set(&proved).await, Err(ResetError::Invalid)),
        "too late after the proof"
    );
}

#[tokio::test]
async fn a_bad_password_does_not_use_the_link_up() {
    let world = World::with(Policies {
        first_factor: FirstFactor::Enrolment,
        ..policies()
    })
    .await;
    let owner = world.register("alice").await;
    let link = world.link(owner.user.id).await;
    assert_eq!(world.factors(&link).await, Some(vec![]), "there is nothing to prove");
    let bad = Password::new("alice").unwrap();
    let refused = world.app.reset_passwords.set(&link, bad, &NOWHERE).await;
    let faults = [PasswordFault::TooShort, PasswordFault::ContainsUsername];
    assert!(matches!(refused, Err(ResetError::Password(found)) if found == faults));
    world.set(&link).await.unwrap();
    assert!(matches!(world.set(&link).await, Err(ResetError::Invalid)));
}

#[tokio::test]
async fn a_second_factor_that_comes_after_the_link_is_asked_for() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let link = world.link(owner.user.id).await;
    assert_eq!(world.factors(&link).await, Some(vec![FactorType::SecretKey]));
    let (phone, _) = world.enrol(&owner).await;
    world.clock.advance(STEP);
    assert_eq!(world.factors(&link).await.unwrap()[0], FactorType::Totp);
    let resets = &world.app.reset_passwords;
    assert!(resets.prove(&link, &key(&owner.key), &NOWHERE).await.is_err());
    resets.prove(&link, &otp(&phone.code(&world)), &NOWHERE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_with_one_link_and_one_token_gets_one_new_password() {
    let world = Arc::new(World::new().await);
    let owner = world.register("alice").await;
    let link = Arc::new(world.link(owner.user.id).await);
    let tries = (0..8).map(|_| {
        let (world, link, secret) = (Arc::clone(&world), Arc::clone(&link), owner.key.clone());
        tokio::spawn(async move {
            world
                .app
                .reset_passwords
                .prove(&link, &key(&secret), &NOWHERE)
                .await
                .ok()
        })
    });
    let mut proved = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        proved.extend(one.await.unwrap());
    }
    assert_eq!(proved.len(), 1);
    let token = Arc::new(proved.remove(0));
    let tries = (0..8).map(|_| {
        let (world, token) = (Arc::clone(&world), Arc::clone(&token));
        tokio::spawn(async move { world.set(&token).await.is_ok() })
    });
    let mut set = 0;
    for one in tries.collect::<Vec<_>>() {
        set += usize::from(one.await.unwrap());
    }
    assert_eq!(set, 1);
}

#[tokio::test]
async fn administrators_make_links_for_others_only() {
    let world = World::new().await;
    let (admin, alice) = (world.admin("root").await, world.register("alice").await);
    let caller = world.caller(&admin).await;
    let actor = Actor::admin(&caller).unwrap();
    let resets = &world.app.reset_passwords;
    let own = resets.issue(&actor, admin.user.id, &NOWHERE).await;
    assert!(matches!(own, Err(AdminError::OwnAccount)));
    let nobody = resets.issue(&actor, UserId::from_random([9; 16]), &NOWHERE).await;
    assert!(matches!(nobody, Err(AdminError::NotFound)));
    assert!(resets.issue(&actor, alice.user.id, &NOWHERE).await.is_ok());
}
