//! The three ways to ask who it was.

use super::world::World;

#[tokio::test]
async fn oidcc_userinfo_get() {
    let world = World::new().await;
    let granted = world.log_in(&[]).await;
    let told = world
        .service
        .get("/auth/userinfo")
        .bearer(granted.access())
        .await
        .expect_json(200);
    assert_eq!(told["sub"], granted.claims["sub"]);
}

#[tokio::test]
async fn oidcc_userinfo_post_header() {
    let world = World::new().await;
    let granted = world.log_in(&[]).await;
    let told = world
        .service
        .post("/auth/userinfo")
        .bearer(granted.access())
        .await
        .expect_json(200);
    assert_eq!(told["sub"], granted.claims["sub"]);
}

#[tokio::test]
async fn oidcc_userinfo_post_body() {
    let world = World::new().await;
    let granted = world.log_in(&[]).await;
    let fields = [("access_token", granted.access())];
    let told = world
        .service
        .post("/auth/userinfo")
        .form(&fields)
        .await
        .expect_json(200);
    assert_eq!(told["sub"], granted.claims["sub"]);
}
