//! Codes that are used twice.

use std::time::Duration;

use super::world::World;

/// Uses a code twice, with so much time between, and gives the status of `UserInfo` for the token of the first use.
async fn reuse_after(pause: Duration) -> u16 {
    let world = World::new().await;
    let (response, _) = world.authorize(&[]).await;
    let code = response.code();
    let granted = world.redeem(&code).await.expect_json(200);
    world.clock.advance(pause);
    let again = world.redeem(&code).await.expect_json(400);
    assert_eq!(again["error"], "invalid_grant", "{again}");
    let access = granted["access_token"].as_str().unwrap();
    world.service.get("/auth/userinfo").bearer(access).await.status
}

#[tokio::test]
async fn oidcc_codereuse() {
    assert_eq!(
        reuse_after(Duration::ZERO).await,
        401,
        "what the code gave must be revoked"
    );
}

#[tokio::test]
async fn oidcc_codereuse_30seconds() {
    assert_eq!(
        reuse_after(Duration::from_secs(30)).await,
        401,
        "what the code gave must be revoked"
    );
}
