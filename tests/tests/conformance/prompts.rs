//! Who has to log in again, and who must not.

use std::time::Duration;

use super::world::{Granted, Shown, World};

const LOGIN: [Shown; 2] = [Shown::Login, Shown::Factor];

#[track_caller]
fn auth_time(granted: &Granted) -> i64 {
    granted.claims["auth_time"].as_i64().unwrap()
}

/// Both ID tokens are about the same login.
#[track_caller]
fn assert_same_login(first: &Granted, second: &Granted) {
    assert_eq!(first.claims["sub"], second.claims["sub"]);
    assert_eq!(auth_time(first), auth_time(second));
}

#[tokio::test]
async fn oidcc_prompt_login() {
    let world = World::new().await;
    let first = world.log_in(&[]).await;
    world.clock.advance(Duration::from_secs(1));
    let (second, shown) = world.log_in_seeing(&[("prompt", "login")]).await;
    assert_eq!(shown, LOGIN, "consent was given");
    assert_eq!(first.claims["sub"], second.claims["sub"]);
    assert!(auth_time(&second) > auth_time(&first));
}

#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    let world = World::new().await;
    let (response, shown) = world.authorize(&[("prompt", "none")]).await;
    assert_eq!(response.error(), "login_required");
    assert_eq!(shown, []);
}

#[tokio::test]
async fn oidcc_prompt_none_logged_in() {
    let world = World::new().await;
    let first = world.log_in(&[]).await;
    world.clock.advance(Duration::from_secs(5));
    let (second, shown) = world.log_in_seeing(&[("prompt", "none")]).await;
    assert_eq!(shown, []);
    assert_same_login(&first, &second);
}

#[tokio::test]
async fn oidcc_max_age_1() {
    let world = World::new().await;
    let first = world.log_in(&[]).await;
    world.clock.advance(Duration::from_secs(2));
    let (second, shown) = world.log_in_seeing(&[("max_age", "1")]).await;
    assert_eq!(shown, LOGIN);
    assert_eq!(first.claims["sub"], second.claims["sub"]);
    assert!(auth_time(&second) > auth_time(&first));
}

#[tokio::test]
async fn oidcc_max_age_10000() {
    let world = World::new().await;
    let first = world.log_in(&[("max_age", "15000")]).await;
    world.clock.advance(Duration::from_secs(5));
    let (second, shown) = world.log_in_seeing(&[("max_age", "10000")]).await;
    assert_eq!(shown, []);
    assert_same_login(&first, &second);
}

#[tokio::test]
async fn oidcc_id_token_hint() {
    let world = World::new().await;
    let first = world.log_in(&[]).await;
    world.clock.advance(Duration::from_secs(5));
    let hint = [("prompt", "none"), ("id_token_hint", first.id_token())];
    let (second, shown) = world.log_in_seeing(&hint).await;
    assert_eq!(shown, []);
    assert_same_login(&first, &second);
}

/// Not a module: the hint of somebody else must not give a code for whoever is logged in.
#[tokio::test]
async fn the_hint_of_somebody_else_is_not_answered_for_whoever_is_logged_in() {
    let world = World::new().await;
    let first = world.log_in(&[]).await;
    let (header, rest) = first.id_token().split_once('.').unwrap();
    let forged = format!("{header}x.{rest}");
    let (response, _) = world.authorize(&[("prompt", "none"), ("id_token_hint", &forged)]).await;
    assert!(
        ["invalid_request", "login_required"].contains(&response.error()),
        "{response:?}"
    );
}
