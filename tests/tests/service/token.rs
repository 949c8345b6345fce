//! `POST /v1/token`: everything in one call.

use serde_json::{Value, json};
use tests::call::basic;
use tests::person::{foreign_secret_key, mistyped};
use tests::{PASSWORD, Service, Tokens, token};

#[tokio::test]
async fn everything_right_gives_tokens() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    let answer = service.token(&alice.credentials()).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("x-request-id").is_some());
    assert_eq!(answer.header("www-authenticate"), None);
    let body = answer.expect_json(200);
    let tokens = Tokens::read(&body);
    assert_eq!(
        body,
        json!({
            "access_token": tokens.access, "token_type": "Bearer", "expires_in": 600, "refresh_token": tokens.refresh,
            "scope": "account",
        })
    );
    assert!(tokens.refresh.starts_with("csr_"));
    assert_eq!(service.resource(&tokens.access).await, 200);
}

#[tokio::test]
async fn the_access_token_is_what_rfc_9068_says() {
    let (service, _clock) = Service::with_clock().await;
    let (alice, tokens) = service.logged_in("alice").await;
    let header = token::header(&tokens.access);
    assert_eq!(header, json!({"typ": "at+jwt", "alg": "ES256", "kid": header["kid"]}));
    let claims = token::claims(&tokens.access);
    assert_eq!(
        claims,
        json!({
            "iss": service.issuer(), "aud": service.issuer(), "sub": alice.id, "client_id": "countersign",
            "iat": 1_768_478_400, "nbf": 1_768_478_400, "exp": 1_768_479_000, "auth_time": 1_768_478_400,
            "jti": claims["jti"], "sid": claims["sid"], "scope": "account",
            "amr": ["pwd", "secret_key"], "acr": "urn:countersign:acr:pwd+key", "username": "alice", "epoch": 0,
        })
    );
    let jwks = service.jwks().await;
    let verified = token::verify(&jwks, &tokens.access, service.issuer(), service.issuer());
    assert_eq!(verified, Ok(claims));
}

#[tokio::test]
async fn no_two_tokens_share_an_identity() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    let (one, two) = (service.log_in(&alice).await, service.log_in(&alice).await);
    for claim in ["jti", "sid"] {
        assert_ne!(token::claims(&one.access)[claim], token::claims(&two.access)[claim]);
    }
    assert_ne!(one.refresh, two.refresh);
}

#[tokio::test]
async fn audience_client_and_lifetimes_are_those_of_the_settings() {
    let service = Service::with(|setup| {
        setup
            .set("http.public_url", "https://id.example.org")
            .set("tokens.audience", "https://api.example.org")
            .set("tokens.client_id", "shop")
            .set("tokens.access_token_lifetime", "90s")
    })
    .await;
    let (_, tokens) = service.logged_in("alice").await;
    let claims = token::claims(&tokens.access);
    assert_eq!(claims["iss"], "https://id.example.org");
    assert_eq!(claims["aud"], "https://api.example.org");
    assert_eq!(claims["client_id"], "shop");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 90);
    assert_eq!(service.resource(&tokens.access).await, 200);
}

#[tokio::test]
async fn the_password_may_come_by_http_basic_and_the_key_in_a_header() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    let (name, password, key) = (&alice.username, &alice.password, &alice.secret_key);
    // No body at all: what `curl -u` sends.
    let call = service
        .post("/v1/token")
        .basic(name, password)
        .header("x-secret-key", key);
    Tokens::read(&call.await.expect_json(200));
    let call = service
        .post("/v1/token")
        .basic(name, password)
        .json(&json!({"secret_key": key}));
    Tokens::read(&call.await.expect_json(200));
    let body = json!({"username": name, "password": password});
    let call = service.post("/v1/token").header("x-secret-key", key).json(&body);
    Tokens::read(&call.await.expect_json(200));
    let call = service
        .post("/v1/token")
        .basic(name, password)
        .header("x-secret-key", key)
        .json(&json!({}));
    Tokens::read(&call.await.expect_json(200));
    let call = service.post("/v1/token").basic(name, password);
    call.await.expect_problem(403, "mfa_required");
}

#[tokio::test]
async fn http_basic_takes_colons_and_other_characters_in_passwords() {
    let service = Service::sqlite().await;
    let password = "pa:ss:wörd 🗝";
    let body = json!({"username": "jörg", "password": password});
    let made = service.post("/v1/users").json(&body).await.expect_json(201);
    let key = made["secret_key"].as_str().unwrap();
    let call = service
        .post("/v1/token")
        .basic("jörg", password)
        .header("x-secret-key", key);
    call.await.expect_json(200);
}

#[tokio::test]
async fn a_thing_that_is_sent_twice_is_refused_even_if_both_are_the_same() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    let (name, password, key) = (&alice.username, &alice.password, &alice.secret_key);
    let cases = [
        service
            .post("/v1/token")
            .basic(name, password)
            .json(&json!({"username": name, "secret_key": key})),
        service
            .post("/v1/token")
            .basic(name, password)
            .json(&json!({"password": password, "secret_key": key})),
        service
            .post("/v1/token")
            .header("x-secret-key", key)
            .json(&alice.credentials()),
        service
            .post("/v1/token")
            .header("x-secret-key", key)
            .header("x-secret-key", key)
            .json(&alice.password_only()),
        service
            .post("/v1/token")
            .header("authorization", basic(name, password))
            .header("authorization", basic(name, password))
            .header("x-secret-key", key),
        service
            .post("/v1/token")
            .json(&alice.credentials_with(&json!({"auth_session": "cas_x"}))),
    ];
    for (place, case) in cases.into_iter().enumerate() {
        let answer = case.await;
        assert_eq!(
            (
                answer.status,
                answer.problem(400, "invalid_request")["code"].is_string()
            ),
            (400, true),
            "{place}"
        );
    }
    service.log_in(&alice).await;
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let service = Service::sqlite().await;
    for (body, pointers) in [
        (json!({"username": "alice"}), &["/password"][..]),
        (json!({"password": PASSWORD}), &["/username"][..]),
        (json!({}), &["/username", "/password"][..]),
    ] {
        service
            .token(&body)
            .await
            .expect_faults(400, "invalid_request", pointers);
    }
    service.post("/v1/token").await.problem(400, "invalid_request");
    let unknown = json!({"username": "alice", "password": PASSWORD, "pin": "123456"});
    service
        .token(&unknown)
        .await
        .expect_faults(400, "invalid_request", &["/pin"]);
}

#[tokio::test]
async fn malformed_basic_credentials_are_a_bad_request_and_no_guess() {
    let service = Service::sqlite().await;
    for value in ["Basic", "Basic ", "Basic !!!", "Basic YWxpY2U=", "Basic //79"] {
        let answer = service.post("/v1/token").header("authorization", value).await;
        assert_eq!(answer.status, 400, "{value}: {answer:?}");
        answer.problem(400, "invalid_request");
    }
}

#[tokio::test]
async fn a_mistyped_key_is_told_from_a_wrong_one_and_not_charged() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    let typo = mistyped(&alice.secret_key);
    let cut = &alice.secret_key[..42];
    let upper = alice.secret_key.to_uppercase();
    let padded = format!("{} ", alice.secret_key);
    for malformed in [typo.as_str(), cut, &upper, &padded, "", "csk_", "123456"]
        .into_iter()
        .cycle()
        .take(21)
    {
        let body = alice.credentials_with(&json!({"secret_key": malformed}));
        service.token(&body).await.expect_problem(400, "invalid_secret_key");
        // Even with a wrong password: nothing about the account is asked before the form is right.
        let body = alice.credentials_with(&json!({"secret_key": malformed, "password": "wrong password"}));
        service.token(&body).await.expect_problem(400, "invalid_secret_key");
    }
    let header = service
        .post("/v1/token")
        .header("x-secret-key", &typo)
        .json(&alice.password_only());
    header.await.expect_problem(400, "invalid_secret_key");
    service.log_in(&alice).await;
}

#[tokio::test]
async fn a_scope_can_be_asked_for_and_nobody_gets_more_than_the_role() {
    let service = Service::sqlite().await;
    let (root, alice) = (service.admin("root").await, service.register("alice").await);
    let scope = async |body: Value| service.token(&body).await.expect_json(200)["scope"].clone();
    assert_eq!(scope(root.credentials()).await, "account admin");
    assert_eq!(scope(root.credentials_with(&json!({"scope": "admin"}))).await, "admin");
    assert_eq!(
        scope(root.credentials_with(&json!({"scope": "account"}))).await,
        "account"
    );
    assert_eq!(
        scope(alice.credentials_with(&json!({"scope": "admin account"}))).await,
        "account"
    );
    let refused = alice.credentials_with(&json!({"scope": "admin"}));
    service.token(&refused).await.expect_problem(400, "invalid_scope");
    for unknown in ["root", "", "account,admin"] {
        let body = alice.credentials_with(&json!({"scope": unknown}));
        let answer = service.token(&body).await;
        assert_eq!(answer.status, 400, "{unknown:?}: {answer:?}");
    }
}

#[tokio::test]
async fn what_scopes_an_account_may_have_is_told_to_nobody_else() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    let wrong = alice.credentials_with(&json!({"scope": "admin", "secret_key": foreign_secret_key()}));
    service.token(&wrong).await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn too_many_logins_at_once_are_asked_to_come_again() {
    use crypto::password_hasher::{Parameters, PoolSettings};
    let one = std::num::NonZeroUsize::MIN;
    let hashing = PoolSettings {
        parameters: Parameters::RECOMMENDED,
        threads: Some(one),
        queue: one,
    };
    let service = Service::with(|setup| setup.hashing(hashing)).await;
    // Unknown names cost the same work, and each has a gate of its own.
    let logins = (0..16).map(|number| {
        let body = json!({"username": format!("nobody-{number}"), "password": PASSWORD});
        let call = service.post("/v1/token").json(&body);
        async { call.await }
    });
    let answers = futures_util::future::join_all(logins).await;
    let busy: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!busy.is_empty() && busy.len() < answers.len());
    for answer in busy {
        answer.problem(503, "busy");
        assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    }
    let alice = loop {
        let body = json!({"username": "alice", "password": PASSWORD});
        let answer = service.post("/v1/users").json(&body).await;
        if answer.status == 201 {
            break answer.json();
        }
    };
    assert_eq!(alice["username"], "alice");
}
