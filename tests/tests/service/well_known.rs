//! What the service says about itself to everybody: keys, health, the API document and its pages.

use serde_json::json;
use tests::Service;

#[tokio::test]
async fn the_keys_may_be_cached_as_long_as_the_settings_say() {
    let service = Service::with(|setup| setup.set("keys.jwks_max_age", "20m")).await;
    let answer = service.get("/.well-known/jwks.json").await.expect(200);
    assert_eq!(answer.header("cache-control"), Some("public, max-age=1200"));
    assert_eq!(answer.header("content-type"), Some("application/jwk-set+json"));
    let jwks = answer.json();
    assert_eq!(jwks.as_object().unwrap().len(), 1);
    let keys = jwks["keys"].as_array().unwrap();
    let of = |alg: &str| keys.iter().filter(|key| key["alg"] == alg).count();
    // For access tokens, and for ID tokens.
    assert_eq!((of("ES256"), of("RS256"), keys.len()), (2, 2, 4));
    for key in keys {
        let expected = match key["alg"].as_str() {
            Some("ES256") => json!({
                "kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256", "kid": key["kid"], "x": key["x"], "y": key["y"],
            }),
            _ => json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key["kid"], "n": key["n"], "e": "AQAB"}),
        };
        assert_eq!(*key, expected);
    }
}

#[tokio::test]
async fn the_keys_stay_the_same_over_a_restart() {
    let service = Service::sqlite().await;
    let before = service.jwks().await;
    let service = service.stop().await.start().await;
    assert_eq!(service.jwks().await, before);
}

#[tokio::test]
async fn health_is_told_to_everybody() {
    let service = Service::sqlite().await;
    let live = service.get("/livez").await;
    assert_eq!(live.header("cache-control"), Some("no-store"));
    assert_eq!(live.expect_json(200), json!({"status": "ok"}));
    let ready = service.get("/readyz").await.expect_json(200);
    assert_eq!(ready["status"], "ready");
    let checks = ready["checks"].as_array().unwrap();
    assert!(
        !checks.is_empty() && checks.iter().all(|check| check["passed"] == true),
        "{ready}"
    );
}

#[tokio::test]
async fn the_document_that_is_served_is_the_committed_one() {
    // It is the whole one where everything is switched on.
    let service = Service::with(|setup| {
        setup
            .set("compat.orion.enabled", "true")
            .set("compat.aidbox.enabled", "true")
    })
    .await;
    let answer = service.get("/openapi.json").await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/v1.json");
    assert_eq!(answer.text(), std::fs::read_to_string(committed).unwrap());
}

#[tokio::test]
async fn the_pages_need_nothing_from_elsewhere() {
    let service = Service::sqlite().await;
    let page = service.get("/docs").await.expect(200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let policy = page.header("content-security-policy").unwrap().to_owned();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("http"),
        "{policy}"
    );
    let html = page.text();
    let links = html
        .split(['"', '\''])
        .filter(|part| part.starts_with("http") || part.starts_with("//"));
    assert_eq!(links.collect::<Vec<_>>(), [""; 0]);
    for path in ["/docs/start.js", "/docs/swagger-ui.js", "/docs/swagger-ui.css"] {
        let file = service.get(path).await.expect(200);
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_of_security() {
    let service = Service::sqlite().await;
    for path in ["/livez", "/v1/resource", "/nowhere", "/docs", "/.well-known/jwks.json"] {
        let answer = service.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .unwrap()
                .contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(answer.header("x-request-id").is_some_and(|id| !id.is_empty()), "{path}");
        assert!(answer.header("cache-control").is_some(), "{path}");
        assert_eq!(
            (answer.header("server"), answer.header("x-powered-by")),
            (None, None),
            "{path}"
        );
        // Only a service that is reached by HTTPS may forbid browsers to come without.
        assert_eq!(answer.header("strict-transport-security"), None, "{path}");
    }
    let secure = Service::with(|setup| setup.set("http.public_url", "https://id.example.org")).await;
    let answer = secure.get("/livez").await;
    assert!(
        answer
            .header("strict-transport-security")
            .unwrap()
            .starts_with("max-age=31536000")
    );
}

#[tokio::test]
async fn metrics_have_a_listener_of_their_own() {
    let service = Service::with(|setup| {
        setup
            .set("metrics.enabled", "true")
            .set("metrics.listen", "127.0.0.1:0")
    })
    .await;
    service.logged_in("alice").await;
    service.get("/metrics").await.expect_problem(404, "not_found");
    let address = service.running.metrics_address.unwrap();
    let head = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let metrics = tests::raw::exchange(address, head.as_bytes()).await;
    assert_eq!(tests::raw::status(&metrics), Some(200));
    assert!(metrics.contains("countersign_build_info"), "{metrics}");
    assert!(
        metrics.contains(r#"route="/v1/token""#) || metrics.contains(r#""/v1/token""#),
        "{metrics}"
    );
    for secret in ["alice", "csk_", "csr_"] {
        assert!(!metrics.contains(secret), "{secret} in {metrics}");
    }
    let head = format!("GET /v1/resource HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    assert_eq!(
        tests::raw::status(&tests::raw::exchange(address, head.as_bytes()).await),
        Some(404)
    );
}
