//! What one allowed applications.

use application::ports::Store;
use domain::client::ClientId;
use domain::consent::Consent;
use domain::scope::Scopes;
use poem::http::Method;
use serde_json::json;

use super::{Server, text};
use crate::service::{Call, PASSWORD};

#[tokio::test]
async fn one_sees_and_withdraws_what_one_allowed() {
    let server = Server::new().await;
    let client = server.register(json!({ "client_id": "shop" })).await;
    let tokens = server.tokens(&client, "account openid").await;
    let mut tx = server.service.store.begin().await.unwrap();
    let consent = Consent {
        user: server.login_of("alice").await.user,
        client: ClientId::parse("shop").unwrap(),
        scopes: Scopes::parse("openid account").unwrap(),
        granted_at: server.service.app.core.now(),
    };
    tx.oauth().consents().put(&consent).await.unwrap();
    tx.commit().await.unwrap();
    let body = json!({ "username": "alice", "password": PASSWORD, "secret_key": server.key });
    let own = text(&server.service.post("/v1/token", &body).await.json(), "access_token");
    let listed = server.service.get("/v1/me/consents", &own).await.json();
    assert_eq!(listed["consents"][0]["client_name"], "The shop");
    assert_eq!(listed["consents"][0]["scope"], "account openid");
    let delete = |token: &str| Call::new(Method::DELETE, "/v1/me/consents/shop").bearer(token);
    server
        .service
        .call(delete(&server.admin))
        .await
        .assert_problem(404, "not_found");
    assert_eq!(server.service.call(delete(&own)).await.status, 204);
    let access = text(&tokens, "access_token");
    server
        .service
        .get("/v1/me", &access)
        .await
        .assert_problem(401, "invalid_token");
    assert_eq!(
        server.service.get("/v1/me/consents", &own).await.json(),
        json!({ "consents": [] })
    );
    server.service.call(delete(&own)).await.assert_problem(404, "not_found");
}
