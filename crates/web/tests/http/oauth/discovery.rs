//! What the server says of itself, and whose scripts may call it.

use std::time::Duration;

use poem::http::Method;
use serde_json::{Value, json};

use super::Server;
use crate::service::Call;

async fn described(server: &Server, path: &str) -> Value {
    let answer = server.service.call(Call::new(Method::GET, path)).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "public, max-age=3600");
    answer.json()
}

#[tokio::test]
async fn the_description_is_that_of_the_service() {
    let server = Server::new().await;
    let openid = described(&server, "/.well-known/openid-configuration").await;
    assert_eq!(
        openid,
        described(&server, "/.well-known/oauth-authorization-server").await
    );
    assert_eq!(openid["issuer"], "http://localhost:8080");
    assert_eq!(openid["response_types_supported"], json!(["code"]));
    assert_eq!(openid["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(openid["id_token_signing_alg_values_supported"], json!(["RS256"]));
    let grants = openid["grant_types_supported"].as_array().unwrap();
    assert!(grants.contains(&json!("authorization_code")) && !grants.contains(&json!("implicit")));
    assert_eq!(openid["acr_values_supported"][0], "urn:countersign:acr:pwd+otp");
    assert_eq!(openid["acr_values_supported"].as_array().unwrap().len(), 3);
    for (name, value) in [
        ("request_parameter_supported", false),
        ("request_uri_parameter_supported", false),
        ("authorization_response_iss_parameter_supported", true),
        ("backchannel_logout_session_supported", true),
    ] {
        assert_eq!(openid[name], value, "{name}");
    }
    let jwks = server
        .service
        .call(Call::new(Method::GET, "/.well-known/jwks.json"))
        .await
        .json();
    let keys = jwks["keys"].as_array().unwrap();
    assert!(
        keys.iter().any(|key| key["alg"] == "RS256"),
        "ID tokens can be verified"
    );
}

#[tokio::test]
async fn scripts_of_a_client_may_call_endpoints_and_nothing_else() {
    let server = Server::new().await;
    let origin = "https://spa.example.com";
    let allowed = |path: &'static str, method: Method| {
        let call = Call::new(Method::OPTIONS, path)
            .header("origin", origin)
            .header("access-control-request-method", method.as_str());
        let service = &server.service;
        async move {
            let answer = service.call(call).await;
            let is_described = !answer.header("access-control-allow-methods").is_empty();
            assert_eq!(
                is_described,
                answer.header("access-control-allow-origin") == origin,
                "{path}"
            );
            is_described
        }
    };
    assert!(!allowed("/auth/token", Method::POST).await);
    server.register(json!({ "cors_origins": [origin] })).await;
    server.service.clock.advance(Duration::from_secs(11));
    for (path, method) in [
        ("/auth/token", Method::POST),
        ("/auth/userinfo", Method::GET),
        ("/auth/revoke", Method::POST),
        ("/auth/device_authorization", Method::POST),
        ("/.well-known/openid-configuration", Method::GET),
        ("/.well-known/jwks.json", Method::GET),
    ] {
        assert!(allowed(path, method).await, "{path}");
    }
    assert!(!allowed("/v1/me", Method::GET).await);
    assert!(!allowed("/v1/admin/clients", Method::POST).await);
    let call = Call::form("/auth/token", &[("grant_type", "x")]).header("origin", "https://evil.example.com");
    let answer = server.service.call(call).await;
    assert_eq!(
        (answer.header("access-control-allow-origin"), answer.header("vary")),
        ("", "Origin")
    );
}
