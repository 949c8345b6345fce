//! Refreshing, tokens of clients for themselves, introspection, revocation and userinfo.

use poem::http::Method;
use serde_json::{Value, json};

use super::{Server, assert_error, claims, text};
use crate::service::Call;

fn refresh(token: &str) -> [(&str, &str); 2] {
    [("grant_type", "refresh_token"), ("refresh_token", token)]
}

#[tokio::test]
async fn a_refresh_token_rotates_and_its_reuse_ends_the_family() {
    let server = Server::new().await;
    let client = server.register(json!({})).await;
    let other = server.register(json!({})).await;
    let first = text(&server.tokens(&client, "openid account").await, "refresh_token");
    assert_error(&server.token(&other, &refresh(&first)).await, 400, "invalid_grant");
    let second = server.token(&client, &refresh(&first)).await;
    assert_eq!(second.status, 200, "{}", second.text);
    let second = second.json();
    assert!(second["id_token"].is_string());
    assert_error(&server.token(&client, &refresh(&first)).await, 400, "invalid_grant");
    let latest = text(&second, "refresh_token");
    assert_error(&server.token(&client, &refresh(&latest)).await, 400, "invalid_grant");
    let me = server.service.get("/v1/me", &text(&second, "access_token")).await;
    me.assert_problem(401, "invalid_token");
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_and_never_for_more() {
    let server = Server::new().await;
    let client = server.register(json!({})).await;
    let first = text(&server.tokens(&client, "openid account").await, "refresh_token");
    let mut fields = refresh(&first).to_vec();
    fields.push(("scope", "account files"));
    let narrowed = server.token(&client, &fields).await.json();
    assert_eq!(narrowed["scope"], "account");
    let next = text(&narrowed, "refresh_token");
    let mut fields = refresh(&next).to_vec();
    fields.push(("scope", "files"));
    assert_error(&server.token(&client, &fields).await, 400, "invalid_scope");
    assert_eq!(
        server.token(&client, &refresh(&next)).await.json()["scope"],
        "account openid"
    );
}

#[tokio::test]
async fn a_client_without_a_grant_may_not_use_it() {
    let server = Server::new().await;
    let client = server.register(json!({ "grant_types": [] })).await;
    for (grant, name, value) in [
        ("authorization_code", "code", "x"),
        ("refresh_token", "refresh_token", "x"),
        ("client_credentials", "scope", "files"),
        ("urn:ietf:params:oauth:grant-type:device_code", "device_code", "x"),
        ("password", "username", "alice"),
        ("http://auth0.com/oauth/grant-type/mfa-otp", "otp", "123456"),
    ] {
        let answer = server.token(&client, &[("grant_type", grant), (name, value)]).await;
        assert_error(&answer, 400, "unauthorized_client");
    }
    assert_error(
        &server.token(&client, &[("grant_type", "implicit")]).await,
        400,
        "unsupported_grant_type",
    );
    assert_error(&server.token(&client, &[]).await, 400, "invalid_request");
}

#[tokio::test]
async fn a_token_of_a_client_for_itself_speaks_for_nobody() {
    let server = Server::new().await;
    for format in ["jwt", "opaque"] {
        let client = server
            .register(json!({ "grant_types": ["client_credentials"], "token_format": format }))
            .await;
        let answer = server.token(&client, &[("grant_type", "client_credentials")]).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let tokens = answer.json();
        // Neither what looks after accounts nor what tells of people.
        assert_eq!(tokens["scope"], "files");
        assert_eq!((tokens.get("refresh_token"), tokens.get("id_token")), (None, None));
        let access = text(&tokens, "access_token");
        for path in ["/v1/me", "/v1/resource", "/v1/admin/users"] {
            server
                .service
                .get(path, &access)
                .await
                .assert_problem(401, "invalid_token");
        }
        let said = server.introspect(&client, &access).await;
        assert_eq!((&said["active"], &said["sub"]), (&json!(true), &json!(client.id)));
        assert_eq!((said.get("acr"), said.get("username")), (None, None));
        let userinfo = server.service.get("/auth/userinfo", &access).await;
        assert_error(&userinfo, 403, "insufficient_scope");
        let asks = [("grant_type", "client_credentials"), ("scope", "account")];
        assert_error(&server.token(&client, &asks).await, 400, "invalid_scope");
    }
}

#[tokio::test]
async fn an_opaque_token_is_as_good_as_a_signed_one_and_ends_with_its_session() {
    let server = Server::new().await;
    let client = server.register(json!({ "token_format": "opaque" })).await;
    let tokens = server.tokens(&client, "openid account").await;
    let access = text(&tokens, "access_token");
    assert!(access.starts_with("cso_"));
    assert_eq!(server.service.get("/v1/me", &access).await.status, 200);
    assert_eq!(server.introspect(&client, &access).await["username"], "alice");
    let fields = client.with(&[("token", &access)]);
    assert_eq!(server.form("/auth/revoke", &fields).await.status, 200);
    server
        .service
        .get("/v1/me", &access)
        .await
        .assert_problem(401, "invalid_token");
    assert_eq!(server.introspect(&client, &access).await, json!({ "active": false }));
    // The session goes on.
    let refreshed = server
        .token(&client, &refresh(&text(&tokens, "refresh_token")))
        .await
        .json();
    let (access, next) = (text(&refreshed, "access_token"), text(&refreshed, "refresh_token"));
    assert_eq!(
        server
            .form("/auth/revoke", &client.with(&[("token", &next)]))
            .await
            .status,
        200
    );
    server
        .service
        .get("/v1/me", &access)
        .await
        .assert_problem(401, "invalid_token");
}

#[tokio::test]
async fn introspection_tells_clients_that_prove_themselves_what_a_token_says() {
    let server = Server::new().await;
    let client = server.register(json!({ "client_id": "shop" })).await;
    let public = server.register(json!({ "authentication": "none" })).await;
    let access = text(&server.tokens(&client, "openid account").await, "access_token");
    let said = server.introspect(&client, &access).await;
    let token = claims(&access);
    assert_eq!((&said["active"], &said["token_type"]), (&json!(true), &json!("Bearer")));
    for name in [
        "iss",
        "sub",
        "client_id",
        "scope",
        "jti",
        "sid",
        "acr",
        "amr",
        "auth_time",
        "iat",
        "nbf",
        "exp",
        "username",
    ] {
        assert_eq!(said[name], token[name], "{name}");
    }
    assert_eq!(said["aud"], json!([token["aud"]]));
    let refused = server
        .form("/auth/introspect", &public.with(&[("token", &access)]))
        .await;
    assert_error(&refused, 401, "invalid_client");
    assert_error(
        &server.form("/auth/introspect", &[("token", &access)]).await,
        400,
        "invalid_request",
    );
    for nothing in ["rubbish", "eyJhbGciOiJub25lIn0.e30."] {
        assert_eq!(server.introspect(&client, nothing).await, json!({ "active": false }));
    }
}

#[tokio::test]
async fn a_client_revokes_its_own_tokens_only() {
    let server = Server::new().await;
    let client = server.register(json!({})).await;
    let other = server.register(json!({})).await;
    let tokens = server.tokens(&client, "openid account").await;
    let (access, refresh_token) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    for token in [access.as_str(), &refresh_token, "unknown"] {
        assert_eq!(
            server
                .form("/auth/revoke", &other.with(&[("token", token)]))
                .await
                .status,
            200
        );
    }
    assert_eq!(server.service.get("/v1/me", &access).await.status, 200);
    assert_eq!(
        server
            .form("/auth/revoke", &client.with(&[("token", &access)]))
            .await
            .status,
        200
    );
    server
        .service
        .get("/v1/me", &access)
        .await
        .assert_problem(401, "invalid_token");
    assert_eq!(server.token(&client, &refresh(&refresh_token)).await.status, 200);
}

#[tokio::test]
async fn userinfo_answers_by_scope_and_takes_the_token_in_one_place() {
    let server = Server::new().await;
    let client = server.register(json!({})).await;
    let access = text(&server.tokens(&client, "openid").await, "access_token");
    let info: Value = server.service.get("/auth/userinfo", &access).await.json();
    assert_eq!(info.as_object().unwrap().len(), 1, "{info}");
    let in_body = server.form("/auth/userinfo", &[("access_token", &access)]).await;
    assert_eq!((in_body.status.as_u16(), in_body.json()), (200, info.clone()));
    let twice = Call::form("/auth/userinfo", &[("access_token", &access)]).bearer(&access);
    assert_error(&server.service.call(twice).await, 400, "invalid_request");
    let by_header = server
        .service
        .call(Call::new(Method::POST, "/auth/userinfo").bearer(&access))
        .await;
    assert_eq!(by_header.json(), info);
    let none = server.service.call(Call::new(Method::GET, "/auth/userinfo")).await;
    assert_eq!(
        (none.status.as_u16(), none.header("www-authenticate")),
        (401, r#"Bearer realm="countersign""#)
    );
    let bad = server.service.get("/auth/userinfo", "rubbish").await;
    assert_error(&bad, 401, "invalid_token");
    assert!(bad.header("www-authenticate").contains(r#"error="invalid_token""#));
    let without = text(&server.tokens(&client, "account").await, "access_token");
    let refused = server.service.get("/auth/userinfo", &without).await;
    assert_error(&refused, 403, "insufficient_scope");
    assert!(refused.header("www-authenticate").contains(r#"scope="openid""#));
}
