//! Registering clients, and how they prove which one they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use poem::http::Method;
use serde_json::json;

use super::{Server, assert_error, text};
use crate::service::Call;

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

#[tokio::test]
async fn a_client_is_registered_read_changed_and_deleted() {
    let server = Server::new().await;
    let shop = server.register(json!({ "client_id": "shop" })).await;
    assert!(shop.secret.starts_with("ccs_"));
    let path = "/v1/admin/clients/shop";
    let read = server.admin(Method::GET, path, None).await;
    assert_eq!(read.json()["version"], 1);
    assert!(!read.text.contains("ccs_"), "a secret is shown once");
    let taken = server.try_register(json!({ "client_id": "shop" })).await;
    taken.assert_problem(409, "client_id_taken");
    let change =
        json!({ "client_name": "New", "scope": "files", "redirect_uris": [] , "grant_types": ["client_credentials"] });
    let changed = server.admin(Method::PATCH, path, Some(change)).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(
        (changed.json()["version"].clone(), changed.json()["scope"].clone()),
        (json!(2), json!("files"))
    );
    assert_eq!(
        changed.json().get("client_secret"),
        None,
        "it keeps the one that it has"
    );
    let stale = Call::new(Method::PATCH, path)
        .bearer(&server.admin)
        .header("if-match", "\"1\"");
    let stale = server.service.call(stale.json(r#"{"client_name": "X"}"#)).await;
    stale.assert_problem(412, "version_conflict");
    let fresh = Call::new(Method::PATCH, path)
        .bearer(&server.admin)
        .header("if-match", "\"2\"");
    let fresh = server.service.call(fresh.json(r#"{"client_name": "X"}"#)).await;
    assert_eq!(fresh.status, 200, "{}", fresh.text);
    assert_eq!(server.admin(Method::DELETE, path, None).await.status, 204);
    server
        .admin(Method::GET, path, None)
        .await
        .assert_problem(404, "not_found");
    server
        .admin(Method::DELETE, path, None)
        .await
        .assert_problem(404, "not_found");
}

#[tokio::test]
async fn clients_are_listed_page_by_page() {
    let server = Server::new().await;
    for id in ["b", "a", "c"] {
        server.register(json!({ "client_id": id })).await;
    }
    let first = server
        .admin(Method::GET, "/v1/admin/clients?limit=2", None)
        .await
        .json();
    let ids = |page: &serde_json::Value| -> Vec<String> {
        page["clients"]
            .as_array()
            .unwrap()
            .iter()
            .map(|client| text(client, "client_id"))
            .collect()
    };
    assert_eq!(ids(&first), ["a", "b"]);
    let next = format!("/v1/admin/clients?cursor={}", text(&first, "next_cursor"));
    let second = server.admin(Method::GET, &next, None).await.json();
    assert_eq!((ids(&second), second.get("next_cursor")), (vec!["c".to_owned()], None));
}

#[tokio::test]
async fn a_registration_that_is_not_sound_is_told_everything_at_once() {
    let server = Server::new().await;
    let answer = server
        .try_register(json!({
            "client_name": "",
            "authentication": "none",
            "pkce": "optional",
            "grant_types": ["authorization_code", "client_credentials"],
            "redirect_uris": ["https://a.example/cb", "http://evil.example/cb"],
            "access_token_lifetime": 90_000,
            "cors_origins": ["https://a.example/"],
        }))
        .await;
    answer.assert_problem(400, "invalid_request");
    assert_eq!(
        answer.pointers(),
        [
            "/access_token_lifetime",
            "/client_name",
            "/cors_origins/0",
            "/grant_types",
            "/pkce",
            "/redirect_uris/1"
        ]
    );
    let private = json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] });
    let answer = server
        .try_register(json!({ "authentication": "private_key_jwt", "jwks": private }))
        .await;
    answer.assert_problem(400, "invalid_request");
    assert_eq!(answer.pointers(), ["/jwks"]);
    let answer = server
        .try_register(json!({ "client_id": "00000000-0000-4000-8000-000000000000" }))
        .await;
    assert_eq!(answer.pointers(), ["/client_id"]);
}

#[tokio::test]
async fn a_client_proves_itself_by_header_or_body_and_not_by_both() {
    let server = Server::new().await;
    let client = server
        .register(json!({ "client_id": "a:b", "grant_types": ["client_credentials"] }))
        .await;
    let fields = [("grant_type", "client_credentials")];
    assert_eq!(server.token(&client, &fields).await.status, 200);
    let header = basic("a%3Ab", &client.secret);
    let call = Call::form("/auth/token", &fields).header("authorization", &header);
    assert_eq!(server.service.call(call).await.status, 200);
    let both = Call::form("/auth/token", &client.with(&fields)).header("authorization", &header);
    assert_error(&server.service.call(both).await, 400, "invalid_request");
    let two_names = Call::form(
        "/auth/token",
        &[("grant_type", "client_credentials"), ("client_id", "other")],
    );
    let two_names = two_names.header("authorization", &header);
    assert_error(&server.service.call(two_names).await, 400, "invalid_request");
    assert_error(&server.form("/auth/token", &fields).await, 400, "invalid_request");
}

#[tokio::test]
async fn whatever_is_wrong_with_a_client_is_answered_in_one_way() {
    let server = Server::new().await;
    let good = server
        .register(json!({ "client_id": "good", "grant_types": ["client_credentials"] }))
        .await;
    let disabled = server
        .register(json!({ "client_id": "disabled", "grant_types": ["client_credentials"] }))
        .await;
    let change = json!({ "state": "disabled" });
    server
        .admin(Method::PATCH, "/v1/admin/clients/disabled", Some(change))
        .await;
    server
        .register(json!({ "client_id": "public", "authentication": "none" }))
        .await;
    let mut bodies = Vec::new();
    for (id, secret) in [
        ("good", disabled.secret.as_str()),
        ("good", "guess"),
        ("good", ""),
        ("disabled", &disabled.secret),
        ("nobody", &good.secret),
        ("nobody", "guess"),
        ("public", &good.secret),
        ("no such id", "guess"),
    ] {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret),
        ];
        let answer = server.form("/auth/token", &fields).await;
        assert_error(&answer, 401, "invalid_client");
        assert_eq!(answer.header("www-authenticate"), "", "{id}");
        bodies.push(answer.text);
        let call =
            Call::form("/auth/token", &fields[..1]).header("authorization", &basic(&id.replace(' ', "+"), secret));
        let answer = server.service.call(call).await;
        assert_error(&answer, 401, "invalid_client");
        assert!(answer.header("www-authenticate").starts_with("Basic "), "{id}");
        bodies.push(answer.text);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

#[tokio::test]
async fn a_rotated_secret_is_worth_nothing() {
    let server = Server::new().await;
    let client = server.register(json!({ "grant_types": ["client_credentials"] })).await;
    let path = format!("/v1/admin/clients/{}/secret/rotate", client.id);
    let rotated = server.admin(Method::POST, &path, None).await;
    let fields = [("grant_type", "client_credentials")];
    assert_error(&server.token(&client, &fields).await, 401, "invalid_client");
    let client = super::Registered {
        secret: text(&rotated.json(), "client_secret"),
        ..client
    };
    assert_eq!(server.token(&client, &fields).await.status, 200);
    let public = server.register(json!({ "authentication": "none" })).await;
    let path = format!("/v1/admin/clients/{}/secret/rotate", public.id);
    server
        .admin(Method::POST, &path, None)
        .await
        .assert_problem(409, "no_client_secret");
}

#[tokio::test]
async fn what_a_deleted_or_disabled_client_was_issued_is_void() {
    let server = Server::new().await;
    for id in ["deleted", "disabled"] {
        let client = server.register(json!({ "client_id": id })).await;
        let tokens = server.tokens(&client, "openid account").await;
        let access = text(&tokens, "access_token");
        assert_eq!(server.service.get("/v1/me", &access).await.status, 200);
        let path = format!("/v1/admin/clients/{id}");
        match id {
            "deleted" => server.admin(Method::DELETE, &path, None).await,
            _ => {
                server
                    .admin(Method::PATCH, &path, Some(json!({ "state": "disabled" })))
                    .await
            }
        };
        server
            .service
            .get("/v1/me", &access)
            .await
            .assert_problem(401, "invalid_token");
    }
}
