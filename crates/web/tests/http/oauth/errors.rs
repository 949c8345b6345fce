//! Requests that cannot be understood, and how errors look.

use poem::http::Method;
use serde_json::json;

use super::{CHALLENGE, REDIRECT, Server, assert_error, text};
use crate::service::{Call, Service, options, policies, rate_limit};
use application::core::Registration;

#[tokio::test]
async fn parameters_come_once_and_unknown_and_empty_ones_mean_nothing() {
    let server = Server::new().await;
    let client = server.register(json!({ "grant_types": ["client_credentials"] })).await;
    let grant = ("grant_type", "client_credentials");
    let twice = server
        .token(&client, &[grant, ("scope", "files"), ("scope", "files")])
        .await;
    assert_error(&twice, 400, "invalid_request");
    assert!(twice.text.contains("scope must be sent once"), "{}", twice.text);
    assert_error(&server.token(&client, &[grant, grant]).await, 400, "invalid_request");
    let odd = server
        .token(&client, &[grant, ("scope", ""), ("frobnicate", "1")])
        .await;
    assert_eq!(odd.status, 200, "{}", odd.text);
}

#[tokio::test]
async fn the_same_parameters_are_taken_as_json() {
    let server = Server::new().await;
    let client = server.register(json!({ "grant_types": ["client_credentials"] })).await;
    let body = json!({
        "grant_type": "client_credentials", "client_id": client.id, "client_secret": client.secret, "scope": null,
    });
    assert_eq!(server.service.post("/auth/token", &body).await.status, 200);
    for bad in [
        r#"{"grant_type": 1}"#,
        "[]",
        "{",
        r#"{"grant_type": "a", "grant_type": "b"}"#,
    ] {
        assert_error(
            &server.service.call(Call::post("/auth/token", bad)).await,
            400,
            "invalid_request",
        );
    }
}

#[tokio::test]
async fn what_goes_wrong_before_an_endpoint_has_the_shape_of_oauth_too() {
    let server = Server::new().await;
    let plain = Call::new(Method::POST, "/auth/token")
        .header("content-type", "text/plain")
        .body(b"x");
    assert_error(&server.service.call(plain).await, 415, "invalid_request");
    assert_error(
        &server.service.call(Call::new(Method::GET, "/auth/token")).await,
        405,
        "invalid_request",
    );
    let large = "x".repeat(70_000);
    let large = server.form("/auth/token", &[("grant_type", &large)]).await;
    assert_error(&large, 413, "invalid_request");
    server.service.store.fail_all();
    let fields = [("grant_type", "client_credentials"), ("client_id", "x")];
    let down = server.form("/auth/token", &fields).await;
    assert_error(&down, 503, "temporarily_unavailable");
    assert_eq!(down.header("retry-after"), "1");
}

#[tokio::test]
async fn networks_are_limited_at_the_token_endpoint() {
    let mut options = options();
    options.rate_limit = Some(rate_limit(1, 1));
    let service = Service::start(Registration::Open, options).await;
    let call = || service.call(Call::form("/auth/token", &[("grant_type", "x")]));
    assert_error(&call().await, 400, "invalid_request");
    let limited = call().await;
    assert_error(&limited, 429, "temporarily_unavailable");
    assert!(!limited.header("retry-after").is_empty());
}

#[tokio::test]
async fn a_service_without_the_authorization_server_has_none_of_its_addresses() {
    let mut policies = policies(Registration::Open);
    policies.oauth.enabled = false;
    let service = Service::with(policies, options()).await;
    for path in ["/auth/token", "/.well-known/openid-configuration", "/v1/admin/clients"] {
        service
            .call(Call::new(Method::GET, path))
            .await
            .assert_problem(404, "not_found");
    }
    let document = service.call(Call::new(Method::GET, "/openapi.json")).await;
    assert!(
        !document.text.contains("/auth/") && !document.text.contains("OAuth"),
        "nor is it in the document"
    );
}

#[tokio::test]
async fn a_pushed_request_is_judged_and_stands_for_itself() {
    let server = Server::new().await;
    let client = server.register(json!({})).await;
    let good = [
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let answer = server.form("/auth/par", &client.with(&good)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert!(text(&answer.json(), "request_uri").starts_with("urn:ietf:params:oauth:request_uri:"));
    assert_eq!(answer.json()["expires_in"], 90);
    let bad = |place: usize, field: (&'static str, &'static str)| {
        let mut fields = good.to_vec();
        fields[place] = field;
        let (server, client) = (&server, &client);
        async move { server.form("/auth/par", &client.with(&fields)).await }
    };
    assert_error(
        &bad(0, ("response_type", "token")).await,
        400,
        "unsupported_response_type",
    );
    assert_error(
        &bad(1, ("redirect_uri", "https://evil.example/")).await,
        400,
        "invalid_request",
    );
    assert_error(
        &bad(3, ("request_uri", "urn:x")).await,
        400,
        "request_uri_not_supported",
    );
    assert_error(&bad(3, ("state", "x")).await, 400, "invalid_request");
    assert_error(
        &bad(4, ("code_challenge_method", "plain")).await,
        400,
        "invalid_request",
    );
    assert_error(&server.form("/auth/par", &good).await, 400, "invalid_request");
}
