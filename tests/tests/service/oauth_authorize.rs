//! `/auth/authorize` and what belongs to it, through the whole service: from a browser to the tokens, and to the end of the session.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::{EndpointExt as _, Server};
use serde_json::json;
use tests::wait::eventually;
use tests::{Agent, Client, Person, Service, token};

const CALLBACK: &str = "https://app.example/cb";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const PATIENCE: Duration = Duration::from_secs(20);

fn parameters(client: &Client) -> Vec<(&'static str, String)> {
    vec![
        ("client_id", client.id.clone()),
        ("response_type", "code".to_owned()),
        ("redirect_uri", CALLBACK.to_owned()),
        ("scope", "openid profile".to_owned()),
        ("state", "the-state".to_owned()),
        ("nonce", "the-nonce".to_owned()),
        ("code_challenge", CHALLENGE.to_owned()),
        ("code_challenge_method", "S256".to_owned()),
    ]
}

fn address(path: &str, parameters: &[(&'static str, String)]) -> String {
    let mut url = reqwest::Url::parse("http://x.example/").unwrap();
    url.query_pairs_mut().extend_pairs(parameters);
    format!("{path}?{}", url.query().unwrap())
}

/// Goes there, logs in, allows what is asked, and gives the parameters of the answer to the client.
async fn obtain(agent: &Agent, there: &str, person: &Person) -> Vec<(String, String)> {
    let page = agent.open(there).await.page();
    let login = page.form("password").unwrap_or_else(|| panic!("{:?}", page.answer));
    let filled = login
        .fill("username", &person.username)
        .fill("password", &person.password);
    let page = agent.submit(&page, &filled).await.page();
    let factor = page.form("code").unwrap().fill("code", &person.secret_key);
    let page = agent.submit(&page, &factor).await.page();
    let consent = page
        .form_with_button("decision")
        .unwrap_or_else(|| panic!("{:?}", page.answer));
    let url = agent.submit(&page, &consent.press("decision", "allow")).await.away();
    assert!(url.as_str().starts_with(CALLBACK), "{url}");
    url.query_pairs()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

fn value<'a>(answer: &'a [(String, String)], name: &str) -> &'a str {
    let found = answer.iter().find(|(known, _)| known == name);
    found.map_or("", |(_, value)| value)
}

async fn redeem(service: &Service, client: &Client, code: &str) -> tests::Answer {
    let (id, secret) = client.basic();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    service.post("/auth/token").basic(id, secret).form(&fields).await
}

#[tokio::test]
async fn a_browser_s_login_becomes_tokens_that_say_what_was_proved() {
    let service = Service::sqlite().await;
    let client = service.client(&service.admin_token().await, CALLBACK, &json!({})).await;
    let alice = service.register("alice").await;
    let agent = Agent::new(&service);
    let answer = obtain(&agent, &address("/auth/authorize", &parameters(&client)), &alice).await;
    assert_eq!(
        (value(&answer, "state"), value(&answer, "iss")),
        ("the-state", service.issuer())
    );
    let tokens = redeem(&service, &client, value(&answer, "code")).await.expect_json(200);
    let id_token = tokens["id_token"].as_str().unwrap();
    let claims = token::claims(id_token);
    assert_eq!(claims["sub"], alice.id);
    assert_eq!(claims["aud"], client.id);
    assert_eq!(claims["nonce"], "the-nonce");
    assert_eq!(claims["amr"], json!(["pwd", "secret_key"]));
    assert_eq!(claims["acr"], "urn:countersign:acr:pwd+key");
    // The code is good once, and what came of it ends when it comes again (RFC 6749 section 4.1.2).
    let again = redeem(&service, &client, value(&answer, "code")).await;
    assert_eq!((again.status, &again.json()["error"]), (400, &json!("invalid_grant")));
    let userinfo = service
        .get("/auth/userinfo")
        .bearer(tokens["access_token"].as_str().unwrap());
    assert_eq!(userinfo.await.status, 401);
    // The browser is still logged in, and has allowed it before.
    let url = agent
        .open(&address("/auth/authorize", &parameters(&client)))
        .await
        .away();
    assert!(url.query().unwrap().starts_with("code=cac_"), "{url}");
}

#[tokio::test]
async fn a_pushed_request_is_good_once_and_for_its_client_alone() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    let client = service
        .client(
            &admin,
            CALLBACK,
            &json!({"require_pushed_authorization_requests": true}),
        )
        .await;
    let other = service.client(&admin, CALLBACK, &json!({})).await;
    let alice = service.register("alice").await;
    let pushed = async || -> String {
        let (id, secret) = client.basic();
        let all = parameters(&client);
        let fields: Vec<(&str, &str)> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let made = service
            .post("/auth/par")
            .basic(id, secret)
            .form(&fields)
            .await
            .expect_json(201);
        made["request_uri"].as_str().unwrap().to_owned()
    };
    let request_uri = pushed().await;
    let asking = |id: &str, request_uri: &str| {
        address(
            "/auth/authorize",
            &[("client_id", id.to_owned()), ("request_uri", request_uri.to_owned())],
        )
    };
    let agent = Agent::new(&service);
    let refused = agent.open(&asking(&other.id, &request_uri)).await.page();
    assert_eq!(refused.answer.status, 400);
    let made_up = format!("{}1", request_uri.strip_suffix(|_: char| true).unwrap());
    assert_eq!(
        agent.open(&asking(&client.id, &made_up)).await.page().answer.status,
        400
    );
    // What stands beside the reference does not count.
    let there = format!(
        "{}&redirect_uri=https%3A%2F%2Fevil.example&state=other",
        asking(&client.id, &request_uri)
    );
    let answer = obtain(&agent, &there, &alice).await;
    assert_eq!(value(&answer, "state"), "the-state");
    redeem(&service, &client, value(&answer, "code")).await.expect(200);
    assert_eq!(agent.open(&there).await.page().answer.status, 400, "it was used");
    let url = agent.open(&asking(&client.id, &pushed().await)).await.away();
    assert!(url.query().unwrap().starts_with("code=cac_"), "{url}");
}

/// A client's address for notices of logouts, and what was sent there. The first notice is answered with a failure.
async fn receiver() -> (String, Arc<Mutex<Vec<String>>>) {
    let received = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&received);
    let endpoint = poem::endpoint::make(move |request: poem::Request| {
        let seen = Arc::clone(&seen);
        async move {
            let body = request.into_body().into_string().await.unwrap();
            let mut seen = seen.lock().unwrap();
            seen.push(body);
            let status = if seen.len() == 1 { 503 } else { 200 };
            poem::Response::builder()
                .status(poem::http::StatusCode::from_u16(status).unwrap())
                .finish()
        }
    });
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
    let address = *acceptor.local_addr()[0].as_socket_addr().unwrap();
    tokio::spawn(Server::new_with_acceptor(acceptor).run(endpoint.map_to_response()));
    (format!("http://{address}/backchannel"), received)
}

#[tokio::test]
async fn a_logout_reaches_the_client_by_a_signed_token_at_its_own_address() {
    let service = Service::with(|setup| {
        setup
            .set("delivery.allow_http", "true")
            .set("delivery.allow_private_networks", "true")
    })
    .await;
    let (endpoint, received) = receiver().await;
    let admin = service.admin_token().await;
    let client = service
        .client(&admin, CALLBACK, &json!({"backchannel_logout_uri": endpoint}))
        .await;
    let alice = service.register("alice").await;
    let agent = Agent::new(&service);
    let answer = obtain(&agent, &address("/auth/authorize", &parameters(&client)), &alice).await;
    let tokens = redeem(&service, &client, value(&answer, "code")).await.expect_json(200);
    let refresh_token = tokens["refresh_token"].as_str().unwrap_or_default().to_owned();
    let id_token = tokens["id_token"].as_str().unwrap().to_owned();
    let there = address("/auth/logout", &[("id_token_hint", id_token.clone())]);
    let question = agent.open(&there).await.page();
    let form = question.form_with_button("decision").unwrap();
    let page = agent.submit(&question, &form.press("decision", "logout")).await.page();
    assert!(
        page.address.path() == "/auth/logged-out" && page.answer.status == 200,
        "{:?}",
        page.answer
    );
    // A first failure is tried again after 5 seconds.
    eventually("the client is told twice", PATIENCE, async || {
        received.lock().unwrap().len() >= 2
    })
    .await;
    let body = received.lock().unwrap()[1].clone();
    let logout_token = body.strip_prefix("logout_token=").unwrap();
    let jwks = service.jwks().await;
    let claims = token::verify(&jwks, logout_token, service.issuer(), &client.id).unwrap();
    assert_eq!(claims["sid"], token::claims(&id_token)["sid"]);
    let header = token::header(logout_token);
    assert_eq!(
        (&header["typ"], &header["alg"]),
        (&json!("logout+jwt"), &json!("RS256"))
    );
    // Nothing of the session is left.
    let (id, secret) = client.basic();
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
    ];
    let refused = service.post("/auth/token").basic(id, secret).form(&fields).await;
    assert_eq!(refused.status, 400);
    let page = agent
        .open(&address("/auth/authorize", &parameters(&client)))
        .await
        .page();
    assert!(page.form("password").is_some(), "logged out: {:?}", page.answer);
}
