//! Resources: accounts, clients and settings as documents.

use application::core::UnknownAttributes;
use application::ports::Store as _;
use domain::aidbox::ResourceKind;
use domain::user::Role;
use poem::http::Method;
use serde_json::json;

use super::{AUTH_CONFIG, CLIENT, Profile, SECRET, USER};
use crate::service::{Call, PASSWORD, Service};

#[tokio::test]
async fn the_documents_of_the_products_own_page_are_taken_as_they_stand() {
    let profile = Profile::with_documents().await;
    let config = profile.get("/AuthConfig/myconfig").await.json();
    assert_eq!(config["twoFactor"]["issuerName"], "my-app");
    assert_eq!(config["twoFactor"]["validPastTokensCount"], 3);
    assert_eq!(
        config["twoFactor"]["webhook"],
        json!({ "endpoint": "https://my-app.com", "timeout": 500 })
    );
    assert_eq!(
        (&config["id"], &config["resourceType"]),
        (&json!("myconfig"), &json!("AuthConfig"))
    );
    assert_eq!(config["meta"]["versionId"], "1");
    let client = profile.get("/Client/mywebapp").await.json();
    assert_eq!(client["auth"]["authorization_code"]["access_token_expiration"], 360);
    assert_eq!(client["grant_types"], json!(["code"]));
    assert!(client.get("secret").is_none());
    let user = profile.get("/User/my-user").await.json();
    assert_eq!(user["userName"], "my-user");
    assert_eq!(user["twoFactor"], json!({ "enabled": false }));
    assert!(user.get("password").is_none());
    // The same again takes its place and changes nothing, also in the other notation.
    for (path, document) in [
        ("/Client/mywebapp", CLIENT),
        ("/User/my-user", USER),
        ("/AuthConfig/myconfig", AUTH_CONFIG),
    ] {
        let again = profile.put_yaml(path, document).await;
        assert_eq!(
            (again.status.as_u16(), again.header("content-type")),
            (200, "text/yaml"),
            "{}",
            again.text
        );
        assert!(again.text.contains("versionId: \"2\""), "{}", again.text);
    }
    let answer = profile
        .put("/User/my-user", &json!({ "id": "my-user", "password": "password" }))
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, "application/json")
    );
}

#[tokio::test]
async fn a_client_of_a_document_is_registered_as_it_says() {
    let profile = Profile::with_documents().await;
    let client = profile.get("/v1/admin/clients/mywebapp").await.json();
    assert_eq!(client["redirect_uris"], json!(["http://localhost:3001"]));
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", "mywebapp"),
        ("refresh_token", "csr_x"),
        ("client_secret", "verysecret"),
    ];
    let answer = profile.service.call(Call::form("/auth/token", &fields)).await;
    assert_eq!(
        answer.json()["error"],
        "invalid_grant",
        "the secret is right: {}",
        answer.text
    );
    let wrong = fields.map(|(name, value)| (name, if name == "client_secret" { "other" } else { value }));
    let answer = profile.service.call(Call::form("/auth/token", &wrong)).await;
    assert_eq!(answer.json()["error"], "invalid_client");
    // Without a secret in the document the client keeps the one that it has; another takes its place.
    let document = CLIENT.replace("secret: verysecret\n", "");
    assert_eq!(profile.put_yaml("/Client/mywebapp", &document).await.status, 200);
    let answer = profile.service.call(Call::form("/auth/token", &fields)).await;
    assert_eq!(answer.json()["error"], "invalid_grant");
    let document = CLIENT.replace("verysecret", "another secret");
    assert_eq!(profile.put_yaml("/Client/mywebapp", &document).await.status, 200);
    let answer = profile.service.call(Call::form("/auth/token", &fields)).await;
    assert_eq!(answer.json()["error"], "invalid_client");
    assert_eq!(profile.delete("/Client/mywebapp").await.status, 204);
    profile
        .get("/v1/admin/clients/mywebapp")
        .await
        .assert_problem(404, "not_found");
    profile.get("/Client/mywebapp").await.assert_problem(404, "not_found");
}

#[tokio::test]
async fn secrets_are_in_no_answer_and_in_no_document() {
    let profile = Profile::new().await;
    let secrets = [
        "correct-horse-battery-9",
        SECRET,
        "client-secret-of-a-document",
        "Basic cm9vdDpzZWNyZXQ=",
    ];
    let [password, seed, client_secret, header] = secrets;
    let webhook =
        json!({ "endpoint": "https://hook.example", "headers": { "Authorization": header, "X-Tenant": "one" } });
    let documents = [
        ("/AuthConfig/a", json!({ "twoFactor": { "webhook": webhook } })),
        (
            "/Client/c",
            json!({ "secret": client_secret, "grant_types": ["client_credentials"] }),
        ),
        (
            "/User/u",
            json!({ "password": password, "email": "u@example.com", "twoFactor": { "enabled": true, "secretKey": seed, "transport": "sms" } }),
        ),
    ];
    let mut texts = String::new();
    for (path, document) in &documents {
        let put = profile.put(path, document).await;
        assert_eq!(put.status, 201, "{}", put.text);
        texts += &put.text;
        texts += &profile.get(path).await.text;
        texts += &profile.get(path.rsplit_once('/').unwrap().0).await.text;
    }
    let mut tx = profile.service.store.read().await.unwrap();
    for kind in ResourceKind::ALL {
        for stored in tx.aidbox_resources().list(kind, None, 10).await.unwrap() {
            texts += &stored.document;
        }
    }
    drop(tx);
    for event in profile.get("/v1/admin/events?limit=200").await.json()["events"]
        .as_array()
        .unwrap()
    {
        texts += &event.to_string();
    }
    for secret in secrets {
        assert!(!texts.contains(secret), "{secret}");
    }
    let shown = profile.get("/AuthConfig/a").await.json();
    assert_eq!(
        shown["twoFactor"]["webhook"]["headers"],
        json!({ "Authorization": null, "X-Tenant": null })
    );
    let user = profile.get("/User/u").await.json();
    assert_eq!(user["twoFactor"], json!({ "transport": "sms", "enabled": true }));
    // What is shown can be written back: a header that is null keeps its value, until it is left out.
    assert_eq!(profile.put("/AuthConfig/a", &shown).await.status, 200);
    assert_eq!(profile.put("/User/u", &user).await.status, 200);
    let config = profile.service.app.aidbox.configs.in_effect().await.unwrap().unwrap();
    let headers = config.webhook.unwrap().headers.to_pairs();
    assert!(
        headers.contains(&("Authorization".to_owned(), header.to_owned())),
        "{headers:?}"
    );
    let mut unknown = shown;
    unknown["twoFactor"]["webhook"]["headers"]["X-New"] = json!(null);
    let answer = profile.put("/AuthConfig/a", &unknown).await;
    assert_eq!(answer.pointers(), ["/twoFactor/webhook/headers/X-New"]);
}

#[tokio::test]
async fn what_is_wrong_is_said_by_attribute() {
    let profile = Profile::new().await;
    let answer = profile
        .put_yaml(
            "/Client/c",
            &CLIENT.replace("http://localhost:3001", "http://app.example"),
        )
        .await;
    answer.assert_problem(400, "invalid_request");
    let error = &answer.json()["errors"][0];
    assert_eq!(error["pointer"], "/auth/authorization_code/redirect_uri");
    assert!(
        error["detail"]
            .as_str()
            .unwrap()
            .starts_with("auth.authorization_code.redirect_uri must begin with https")
    );
    let answer = profile
        .put_yaml("/AuthConfig/a", "twoFactor:\n  validPastTokensCount: 11\n")
        .await;
    assert_eq!(answer.pointers(), ["/twoFactor/validPastTokensCount"]);
    let answer = profile.put_yaml("/AuthConfig/a", "a: &x 1\n").await;
    answer.assert_problem(400, "invalid_request");
    let answer = profile
        .put("/User/u", &json!({ "id": "other", "resourceType": "Client" }))
        .await;
    assert_eq!(answer.pointers(), ["/id"]);
    let answer = profile.put("/User/not%20an%20id", &json!({})).await;
    assert_eq!(answer.pointers(), ["/id"]);
    let call = Call::new(Method::PUT, "/User/u")
        .header("content-type", "text/plain")
        .body(b"{}");
    let answer = profile.service.call(call.bearer(&profile.admin)).await;
    answer.assert_problem(415, "unsupported_media_type");
    let twice = Call::new(Method::PUT, "/User/u").json(r#"{"email": "a@b.example", "email": "c@d.example"}"#);
    let answer = profile.service.call(twice.bearer(&profile.admin)).await;
    assert_eq!(answer.pointers(), ["/email"]);
}

#[tokio::test]
async fn attributes_without_a_meaning_are_kept_or_refused() {
    let document = json!({ "password": PASSWORD, "roles": [{ "value": "nurse" }], "data": { "ward": 3 } });
    let profile = Profile::new().await;
    assert_eq!(profile.put("/User/u", &document).await.status, 201);
    let user = profile.get("/User/u").await.json();
    assert_eq!((&user["roles"], &user["data"]), (&document["roles"], &document["data"]));
    let strict = Profile::of(Service::aidbox_with(UnknownAttributes::Refuse).await).await;
    let answer = strict.put("/User/u", &document).await;
    assert_eq!(answer.pointers(), ["/data", "/roles"]);
    let implicit = json!({ "grant_types": ["implicit"] });
    assert_eq!(strict.put("/Client/c", &implicit).await.pointers(), ["/grant_types/0"]);
}

#[tokio::test]
async fn resources_are_for_administrators() {
    let profile = Profile::with_documents().await;
    let user = profile.service.token("alice", Role::User).await;
    for path in ["/User/my-user", "/Client/mywebapp", "/AuthConfig/myconfig"] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let call = || Call::new(method.clone(), path).json("{}");
            profile.service.call(call()).await.assert_problem(401, "token_required");
            let answer = profile.service.call(call().bearer(&user)).await;
            answer.assert_problem(403, "insufficient_scope");
        }
    }
    let off = Service::open().await;
    let admin = off.token("root", Role::Admin).await;
    off.get("/User/my-user", &admin).await.assert_problem(404, "not_found");
}

#[tokio::test]
async fn a_user_is_an_account() {
    let profile = Profile::with_documents().await;
    let id = {
        let users = profile.get("/v1/admin/users?search=my-user").await.json();
        users["users"][0]["id"].as_str().unwrap().to_owned()
    };
    let account = profile.get(&format!("/v1/admin/users/{id}")).await.json();
    assert_eq!(
        (&account["username"], &account["state"]),
        (&json!("my-user"), &json!("active"))
    );
    // A document by its account's own identity is the same account, not a second one.
    profile
        .get(&format!("/User/{id}"))
        .await
        .assert_problem(404, "not_found");
    let answer = profile.put("/User/another", &json!({ "userName": "my-user" })).await;
    answer.assert_problem(409, "username_taken");
    let answer = profile.put("/User/my-user", &json!({ "userName": "renamed" })).await;
    assert_eq!(answer.pointers(), ["/userName"]);
    // An account that nobody described can be read, and described.
    profile.service.account("bob", Role::User).await;
    let users = profile.get("/User?_count=200").await.json();
    let entries = users["entry"].as_array().unwrap();
    let names: Vec<_> = entries
        .iter()
        .map(|entry| entry["resource"]["userName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["bob", "my-user", "root"]);
    let bob = entries[0]["resource"]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        profile
            .put(
                &format!("/User/{bob}"),
                &json!({ "userName": "bob", "email": "bob@example.com" })
            )
            .await
            .status,
        201
    );
    assert_eq!(
        profile.get(&format!("/User/{bob}")).await.json()["email"],
        "bob@example.com"
    );
    let page = profile.get("/User?_count=1&_after=bob").await.json();
    assert_eq!(page["entry"][0]["resource"]["id"], "my-user");
    // Disabled and deleted as it says.
    assert_eq!(
        profile.put("/User/my-user", &json!({ "inactive": true })).await.status,
        200
    );
    assert_eq!(
        profile.get(&format!("/v1/admin/users/{id}")).await.json()["state"],
        "disabled"
    );
    assert_eq!(profile.get("/User/my-user").await.json()["inactive"], true);
    assert_eq!(profile.delete("/User/my-user").await.status, 204);
    profile
        .get(&format!("/v1/admin/users/{id}"))
        .await
        .assert_problem(404, "not_found");
    profile.get("/User/my-user").await.assert_problem(404, "not_found");
}

#[tokio::test]
async fn a_weak_password_is_taken_once_and_not_chosen_anew() {
    let profile = Profile::with_documents().await;
    let weak = json!({ "password": "password1" });
    let answer = profile.put("/User/my-user", &weak).await;
    assert_eq!(answer.pointers(), ["/password"], "{}", answer.text);
    let good = json!({ "password": "a much better one than that" });
    assert_eq!(profile.put("/User/my-user", &good).await.status, 200);
    let events = profile.get("/v1/admin/events?limit=200").await.text;
    assert!(events.contains("\"weak\""), "it is on record: {events}");
    // Without a password nobody logs in, whatever is sent.
    assert_eq!(profile.put("/User/later", &json!({})).await.status, 201);
    for password in ["", "later", "password"] {
        let body = json!({ "username": "later", "password": password });
        let answer = profile.service.post("/v1/token", &body).await;
        assert!([400, 401].contains(&answer.status.as_u16()), "{}", answer.text);
    }
}

#[tokio::test]
async fn an_authenticator_comes_with_its_secret_and_goes_when_it_is_switched_off() {
    let profile = Profile::new().await;
    let on = json!({ "password": PASSWORD, "twoFactor": { "enabled": true, "secretKey": SECRET } });
    assert_eq!(profile.put("/User/u", &on).await.status, 201);
    let login = |otp: String| json!({ "username": "u", "password": PASSWORD, "otp": otp });
    let answer = profile.service.post("/v1/token", &login(profile.code(SECRET, 0))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    // The same again keeps it, and the sessions.
    assert_eq!(profile.put("/User/u", &on).await.status, 200);
    assert_eq!(profile.service.get("/v1/me", &token).await.status, 200);
    let other = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";
    let moved = json!({ "twoFactor": { "enabled": true, "secretKey": other } });
    assert_eq!(profile.put("/User/u", &moved).await.status, 200);
    assert_eq!(
        profile.service.get("/v1/me", &token).await.status,
        401,
        "it was proved by the old one"
    );
    profile.service.clock.advance(std::time::Duration::from_secs(30));
    let answer = profile.service.post("/v1/token", &login(profile.code(other, 0))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    // What a document leaves out stays; what it switches off goes.
    assert_eq!(profile.put("/User/u", &json!({})).await.status, 200);
    assert_eq!(profile.get("/User/u").await.json()["twoFactor"]["enabled"], true);
    let off = json!({ "twoFactor": { "enabled": false, "secretKey": other } });
    assert_eq!(profile.put("/User/u", &off).await.status, 200);
    assert_eq!(profile.get("/User/u").await.json()["twoFactor"]["enabled"], false);
    let answer = profile
        .put("/User/u", &json!({ "twoFactor": { "enabled": true } }))
        .await;
    assert_eq!(answer.pointers(), ["/twoFactor/enabled"]);
    // Nobody does this to his own account without a fresh proof.
    let users = profile.get("/User?_count=200").await.json();
    let entries = users["entry"].as_array().unwrap();
    let root = entries
        .iter()
        .find(|entry| entry["resource"]["userName"] == "root")
        .unwrap();
    let own = root["resource"]["id"].as_str().unwrap();
    let answer = profile
        .put(
            &format!("/User/{own}"),
            &json!({ "userName": "root", "twoFactor": { "enabled": true, "secretKey": SECRET } }),
        )
        .await;
    answer.assert_problem(409, "own_account");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let profile = Profile::new().await;
    let users = profile.get("/User").await.json();
    let root = users["entry"][0]["resource"]["id"].as_str().unwrap();
    let answer = profile
        .put(
            &format!("/User/{root}"),
            &json!({ "userName": "root", "inactive": true }),
        )
        .await;
    answer.assert_problem(409, "last_admin");
    profile
        .delete(&format!("/User/{root}"))
        .await
        .assert_problem(409, "last_admin");
}

#[tokio::test]
async fn a_session_ends_by_its_token() {
    let profile = Profile::with_documents().await;
    let token = profile.service.token("alice", Role::User).await;
    let end = |token: &str| Call::new(Method::DELETE, "/Session").bearer(token);
    assert_eq!(profile.service.call(end(&token)).await.status, 204);
    profile
        .service
        .get("/v1/me", &token)
        .await
        .assert_problem(401, "invalid_token");
    profile
        .service
        .call(end(&token))
        .await
        .assert_problem(401, "invalid_token");
    // A client's own token has no session, and is worth nothing afterwards either.
    let client = json!({ "secret": "a client's secret", "grant_types": ["client_credentials"] });
    assert_eq!(profile.put("/Client/machine", &client).await.status, 201);
    let body =
        json!({ "grant_type": "client_credentials", "client_id": "machine", "client_secret": "a client's secret" });
    let answer = profile.service.post("/auth/token", &body).await;
    let token = answer.json()["access_token"].as_str().unwrap_or_default().to_owned();
    assert!(
        token.starts_with("cso_"),
        "opaque, because the document does not say jwt: {}",
        answer.text
    );
    assert_eq!(profile.service.call(end(&token)).await.status, 204);
    profile
        .service
        .call(end(&token))
        .await
        .assert_problem(401, "invalid_token");
}

#[tokio::test]
async fn nobody_changes_the_own_password_without_the_present_one_by_a_document() {
    let profile = Profile::new().await;
    let me = profile.get("/v1/me").await.json();
    let id = me["id"].as_str().unwrap_or_else(|| panic!("{me}")).to_owned();
    // The right one is no different: to say so would be a guess that nobody counts.
    for password in ["an entirely other phrase", PASSWORD] {
        let document = json!({ "userName": "root", "password": password });
        let answer = profile.put(&format!("/User/{id}"), &document).await;
        answer.assert_problem(409, "own_account");
    }
    assert_eq!(profile.get("/v1/me").await.status, 200);
}
