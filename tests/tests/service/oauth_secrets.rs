//! Where the secrets of clients, browsers and documents must not be: in the database, in what it writes beside it, and in the log,
//! however much is logged.

use std::path::Path;

use aho_corasick::AhoCorasick;
use reqwest::Url;
use serde_json::{Value, json};
use tests::program::{Caller, Serving, succeed};
use tests::{Agent, Phone};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const CALLBACK: &str = "https://app.example/cb";
const PASSWORD: &str = "a password for this search alone";
const NEW_PASSWORD: &str = "another password for this search";
const CLIENT_SECRET: &str = "the chosen secret of a client";
const HEADER: &str = "Bearer the-credentials-of-the-webhook";
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const OTHER_SECRET: &str = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const RESET: &str = "__Host-countersign-reset";

/// What must be found nowhere, by what it is.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn add(&mut self, what: &'static str, secret: &str) {
        assert!(secret.len() >= 8, "{what} is no secret: {secret}");
        self.0.push((what, secret.to_owned()));
    }

    fn expect_none_in(&self, place: &str, hay: &[u8]) {
        let automaton = AhoCorasick::new(self.0.iter().map(|(_, secret)| secret)).unwrap();
        if let Some(found) = automaton.find(hay) {
            let (what, secret) = &self.0[found.pattern().as_usize()];
            panic!("{what} is in {place}: {secret}");
        }
    }
}

/// A receiver of codes: its address, and the bodies that it gets.
async fn receiver() -> (String, mpsc::UnboundedReceiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/hook", listener.local_addr().unwrap());
    let (bodies, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (mut seen, mut buffer) = (Vec::new(), [0; 4_096]);
            while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                seen.extend_from_slice(&buffer[..count]);
                let text = String::from_utf8_lossy(&seen).into_owned();
                let body = text.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
                if let Ok(body) = serde_json::from_str(body) {
                    let _ = bodies.send(body);
                    break;
                }
            }
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
                .await;
        }
    });
    (endpoint, received)
}

fn phone(secret: &str) -> Phone {
    Phone::scan(&format!("otpauth://totp/x:y?secret={secret}&issuer=x"))
}

fn wall_clock() -> domain::time::Timestamp {
    application::ports::Clock::now(&crypto::clock::SystemClock)
}

fn text(value: &Value, name: &str) -> String {
    let text = value[name].as_str();
    text.unwrap_or_else(|| panic!("no {name} in {value}")).to_owned()
}

async fn put(caller: &Caller, admin: &str, path: &str, document: &Value) {
    let call = caller.call("PUT", path).json(document).bearer(admin);
    call.await.expect(201);
}

async fn documents(caller: &Caller, admin: &str, endpoint: &str) {
    let webhook = json!({ "endpoint": endpoint, "headers": { "Authorization": HEADER } });
    put(
        caller,
        admin,
        "/AuthConfig/a",
        &json!({ "twoFactor": { "webhook": webhook } }),
    )
    .await;
    for (path, secret) in [("/User/searched", SECRET), ("/User/other", OTHER_SECRET)] {
        let second = json!({ "enabled": true, "secretKey": secret, "transport": "sms" });
        put(
            caller,
            admin,
            path,
            &json!({ "password": PASSWORD, "twoFactor": second }),
        )
        .await;
    }
    let flow = json!({ "redirect_uri": CALLBACK, "secret_required": true, "refresh_token": true });
    let client = json!({ "secret": CLIENT_SECRET, "first_party": true, "grant_types": ["code"],
        "auth": { "authorization_code": flow } });
    put(caller, admin, "/Client/described", &client).await;
}

/// An authorization request of a client.
fn request(client: &str) -> String {
    let mut url = Url::parse("http://x.example/").unwrap();
    url.query_pairs_mut().extend_pairs([
        ("client_id", client),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "the-state"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    format!("/auth/authorize?{}", url.query().unwrap())
}

fn code_of(url: &Url) -> String {
    let found = url.query_pairs().find(|(name, _)| name == "code");
    found.unwrap_or_else(|| panic!("no code in {url}")).1.into_owned()
}

/// Logs in with the code that is sent, and has codes and tokens issued.
async fn browse(caller: &Caller, codes: &mut mpsc::UnboundedReceiver<Value>, secrets: &mut Secrets) {
    let agent = Agent::at(caller.base());
    let page = agent.open(&request("described")).await.page();
    let form = page.form("password").unwrap_or_else(|| panic!("{page:?}"));
    let form = form.fill("username", "searched").fill("password", PASSWORD);
    let page = agent.submit(&page, &form).await.page();
    let sent = codes.recv().await.unwrap();
    let token = text(&sent, "token");
    secrets.add("the code that was sent", &format!("\"token\":\"{token}\""));
    for cookie in agent.cookies() {
        secrets.add("a cookie before the login", &cookie);
    }
    let form = page.form("code").unwrap_or_else(|| panic!("{page:?}"));
    let url = agent.submit(&page, &form.fill("code", &token)).await.away();
    for cookie in agent.cookies() {
        secrets.add("a cookie after the login", &cookie);
    }
    secrets.add("a code that is redeemed", &code_of(&url));
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code_of(&url)),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", "described"),
        ("client_secret", CLIENT_SECRET),
    ];
    let tokens = caller.call("POST", "/auth/token").form(&fields).await.expect_json(200);
    for name in ["access_token", "refresh_token", "id_token"] {
        secrets.add(name, &text(&tokens, name));
    }
    let url = agent.open(&request("described")).await.away();
    secrets.add("a code that is not redeemed", &code_of(&url));
}

/// Links for new passwords: one whose factor is proved, one that is used, and one that nobody uses.
async fn lose_passwords(caller: &Caller, admin: &str, secrets: &mut Secrets) {
    let users = caller
        .call("GET", "/v1/admin/users")
        .bearer(admin)
        .await
        .expect_json(200);
    let id = |name: &str| {
        let mut users = users["users"].as_array().unwrap().iter();
        text(users.find(|user| user["username"] == name).unwrap(), "id")
    };
    for name in ["searched", "other"] {
        let path = format!("/v1/admin/users/{}/password-reset", id(name));
        let made = caller.call("POST", &path).bearer(admin).await.expect_json(201);
        let url = Url::parse(&text(&made, "url")).unwrap();
        let token = url.query().unwrap().strip_prefix("token=").unwrap();
        secrets.add("the token of a link", token);
        if name == "searched" {
            continue;
        }
        let agent = Agent::at(caller.base());
        let page = agent.open(&format!("{}?token={token}", url.path())).await.page();
        let form = page.form("code").unwrap_or_else(|| panic!("{page:?}"));
        let code = phone(OTHER_SECRET).code(wall_clock());
        let page = agent.submit(&page, &form.fill("code", &code)).await.page();
        secrets.add("a reset whose factor is proved", &agent.cookie(RESET).unwrap());
        let form = page.form("new_password").unwrap_or_else(|| panic!("{page:?}"));
        let form = form
            .fill("new_password", NEW_PASSWORD)
            .fill("repeat_password", NEW_PASSWORD);
        agent.submit(&page, &form).await.page();
    }
}

/// What clients are given without a person.
async fn serve_clients(caller: &Caller, admin: &str, secrets: &mut Secrets) {
    let registration = json!({
        "client_name": "Generated", "authentication": "client_secret", "redirect_uris": [CALLBACK],
        "token_format": "opaque",
        "grant_types": ["authorization_code", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"],
    });
    let call = caller
        .call("POST", "/v1/admin/clients")
        .json(&registration)
        .bearer(admin);
    let made = call.await.expect_json(201);
    let (id, secret) = (text(&made, "client_id"), text(&made, "client_secret"));
    secrets.add("a generated secret of a client", &secret);
    let call = |path: &str| caller.call("POST", path).basic(&id, &secret);
    let fields = [("grant_type", "client_credentials")];
    let granted = call("/auth/token").form(&fields).await.expect_json(200);
    secrets.add("an access token of a client", &text(&granted, "access_token"));
    let begun = call("/auth/device_authorization")
        .form(&[("scope", "openid")])
        .await
        .expect_json(200);
    secrets.add("a device code", &text(&begun, "device_code"));
    let typed = text(&begun, "user_code");
    secrets.add("a code for a person to type", &typed.replace('-', ""));
    secrets.add("a code for a person to type, as it is shown", &typed);
    let fields = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let pushed = call("/auth/par").form(&fields).await.expect_json(201);
    let uri = text(&pushed, "request_uri");
    secrets.add("the reference of a pushed request", uri.rsplit_once(':').unwrap().1);
}

/// Searches every file; gives how many say the name of an account, which is no secret.
fn search(folder: &Path, secrets: &Secrets) -> usize {
    let name = AhoCorasick::new(["searched"]).unwrap();
    let mut named = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            named += search(&path, secrets);
        } else if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            secrets.expect_none_in(&path.display().to_string(), &bytes);
            named += usize::from(name.is_match(&bytes));
        }
    }
    named
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_of_a_client_a_browser_or_a_document_is_on_disk_or_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    succeed(&["migrate", "--data", data], &[]).await;
    let add = [
        "user",
        "add",
        "root",
        "--admin",
        "--generate-password",
        "--json",
        "--data",
        data,
    ];
    let root: Value = serde_json::from_str(&succeed(&add, &[]).await).unwrap();
    let environment = [
        ("COUNTERSIGN__LOG__LEVEL", "trace"),
        ("COUNTERSIGN__COMPAT__AIDBOX__ENABLED", "true"),
        ("COUNTERSIGN__DELIVERY__ALLOW_HTTP", "true"),
        ("COUNTERSIGN__DELIVERY__ALLOW_PRIVATE_NETWORKS", "true"),
    ];
    let serving = Serving::start(folder.path(), &environment).await;
    let caller = serving.caller().clone();
    let login = json!({ "username": "root", "password": root["password"], "secret_key": root["secret_key"] });
    let granted = caller.call("POST", "/v1/token").json(&login).await.expect_json(200);
    let admin = text(&granted, "access_token");

    let mut secrets = Secrets::default();
    for (what, secret) in [
        ("a password", PASSWORD),
        ("a new password", NEW_PASSWORD),
        ("the chosen secret of a client", CLIENT_SECRET),
        ("a header of the webhook", HEADER),
        ("the secret of an authenticator", SECRET),
        ("the secret of another authenticator", OTHER_SECRET),
        ("the verifier of a code", VERIFIER),
        ("the token of an administrator", admin.as_str()),
    ] {
        secrets.add(what, secret);
    }
    let (endpoint, mut codes) = receiver().await;
    documents(&caller, &admin, &endpoint).await;
    browse(&caller, &mut codes, &mut secrets).await;
    serve_clients(&caller, &admin, &mut secrets).await;
    lose_passwords(&caller, &admin, &mut secrets).await;
    // Killed, so that what was written last is still in the write-ahead log.
    let log = serving.kill().await;

    assert!(search(folder.path(), &secrets) > 0, "the search finds nothing at all");
    assert!(log.contains("/auth/reset-password"), "the log says nothing at all");
    secrets.expect_none_in("the log", log.as_bytes());
}
