//! Proving a second factor again within the session of a browser.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a surprise is a failed test")]

mod world;

use std::sync::Arc;
use std::time::Duration;

use application::browser::{BrowserSession, BrowserStepUpError};
use application::sign_in::{LoginOutcome, LoginTerms};
use application::tokens::TokenForm;
use domain::factor::FactorType;
use domain::secret::BrowserHandle;
use world::phone::{NOWHERE, key, otp, recovery};
use world::{Owner, PASSWORD, World, terms};

impl World {
    /// A browser that is logged in with the secret key, or nobody's.
    async fn browser(&self, owner: &Owner) -> (BrowserHandle, BrowserSession) {
        let terms = LoginTerms {
            form: TokenForm::Browser,
            ..terms("192.0.2.1")
        };
        let name = owner.user.username.as_str();
        let outcome = self.login_with(name, PASSWORD, Some(&owner.key), terms).await.unwrap();
        let LoginOutcome::Browser(login) = outcome else {
            panic!("not a browser's session");
        };
        let session = self.app.browsers.session(&login.handle).await.unwrap().unwrap();
        (login.handle, session)
    }

    async fn is_there(&self, handle: &BrowserHandle) -> bool {
        self.app.browsers.session(handle).await.unwrap().is_some()
    }
}

#[tokio::test]
async fn the_session_goes_on_under_a_new_handle_and_the_old_one_is_void() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let (old, browser) = world.browser(&owner).await;
    let browsers = &world.app.browsers;
    let before = browsers.fresh_proof(&browser).await.unwrap();
    assert!(!before.is_there, "a key changes nothing beside an authenticator");
    assert_eq!(before.factors, [FactorType::Totp, FactorType::RecoveryCode]);
    let second = otp(&phone.code(&world));
    let (new, stepped) = browsers.step_up(&browser, &second, &NOWHERE).await.unwrap();
    assert!(browsers.fresh_proof(&stepped).await.unwrap().is_there);
    assert_eq!(stepped.session().id, browser.session().id);
    assert_eq!((world.is_there(&old).await, world.is_there(&new).await), (false, true));
    let found = browsers.session(&new).await.unwrap().unwrap();
    assert_eq!(found.session().proved, stepped.session().proved);
    world.clock.advance(Duration::from_mins(6));
    assert!(!browsers.fresh_proof(&found).await.unwrap().is_there, "it grows old");
}

#[tokio::test]
async fn without_an_authenticator_the_key_is_enough_while_it_is_fresh() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let (_, browser) = world.browser(&owner).await;
    let browsers = &world.app.browsers;
    assert!(browsers.fresh_proof(&browser).await.unwrap().is_there);
    world.clock.advance(Duration::from_mins(6));
    let proof = browsers.fresh_proof(&browser).await.unwrap();
    assert_eq!((proof.is_there, proof.factors), (false, vec![FactorType::SecretKey]));
    let (_, browser) = browsers.step_up(&browser, &key(&owner.key), &NOWHERE).await.unwrap();
    assert!(browsers.fresh_proof(&browser).await.unwrap().is_there);
}

#[tokio::test]
async fn too_many_wrong_codes_end_the_session_and_nothing_else() {
    let world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    let (handle, browser) = world.browser(&owner).await;
    let (elsewhere, _) = world.browser(&owner).await;
    let step_up = async |second| {
        let outcome = world.app.browsers.step_up(&browser, &second, &NOWHERE).await;
        matches!(outcome, Err(BrowserStepUpError::Refused))
    };
    for _ in 0..5 {
        assert!(step_up(otp(&phone.wrong(&world))).await);
        assert!(world.is_there(&handle).await);
    }
    assert!(step_up(recovery(&codes[0])).await, "held, though right");
    assert_eq!(
        (world.is_there(&handle).await, world.is_there(&elsewhere).await),
        (false, true)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_steps_one_browser_up() {
    let world = Arc::new(World::new().await);
    let (owner, phone, _) = world.enrolled("alice").await;
    let code = phone.code(&world);
    let mut tries = Vec::new();
    for _ in 0..4 {
        let (world, code) = (Arc::clone(&world), code.clone());
        let (_, browser) = world.browser(&owner).await;
        tries.push(tokio::spawn(async move {
            world
                .app
                .browsers
                .step_up(&browser, &otp(&code), &NOWHERE)
                .await
                .is_ok()
        }));
    }
    let mut through = 0;
    for one in tries {
        through += usize::from(one.await.unwrap());
    }
    assert_eq!(through, 1);
}

#[tokio::test]
async fn all_authenticators_go_and_the_session_that_proved_one_of_them_stays() {
    let world = World::new().await;
    let (owner, phone, codes) = world.enrolled("alice").await;
    let (_, browser) = world.browser(&owner).await;
    let browsers = &world.app.browsers;
    let caller = browsers.caller(&browser);
    let manage = &world.app.authenticators;
    assert!(
        manage.remove_all(&caller, &NOWHERE).await.is_err(),
        "it takes a fresh code"
    );
    let (handle, browser) = browsers
        .step_up(&browser, &otp(&phone.code(&world)), &NOWHERE)
        .await
        .unwrap();
    let caller = browsers.caller(&browser);
    manage.remove_all(&caller, &NOWHERE).await.unwrap();
    assert!(world.is_there(&handle).await);
    let view = world.app.queries.me(&caller).await.unwrap().unwrap();
    assert_eq!(
        (view.authenticators.len(), view.recovery_codes),
        (0, 0),
        "{}",
        codes.len()
    );
    world.tokens(&owner).await;
}

#[tokio::test]
async fn other_sessions_end_and_this_one_goes_on() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    let (mine, browser) = world.browser(&owner).await;
    let (other, _) = world.browser(&owner).await;
    let tokens = world.tokens(&owner).await;
    let caller = world.app.browsers.caller(&browser);
    world.app.end_sessions.others(&caller, &NOWHERE).await.unwrap();
    assert_eq!(
        (world.is_there(&mine).await, world.is_there(&other).await),
        (true, false)
    );
    assert!(world.believes(&tokens.access_token).await.is_err());
}
