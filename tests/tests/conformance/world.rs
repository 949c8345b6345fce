//! A provider, a person with a phone, a browser, and a relying party that checks everything it is told.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use serde_json::{Value, json};
use testkit::clock::ManualClock;
use tests::{Agent, Answer, Client, Landing, PASSWORD, Person, Phone, Service, Setup, token};

/// Where answers to the relying party go. Nobody listens there: the browser stops before it.
pub const CALLBACK: &str = "https://party.example/callback";
/// Where the browser may go after a logout.
pub const GOODBYE: &str = "https://party.example/goodbye";
/// The e-mail address of the person.
pub const EMAIL: &str = "alice@example.com";
/// The name of the person.
pub const NAME: &str = "Alice Example";

/// The pages that were passed on a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Name and password.
    Login,
    /// The second factor.
    Factor,
    /// Consent.
    Consent,
}

/// Everything at once.
pub struct World {
    pub service: Service,
    pub clock: Arc<ManualClock>,
    pub admin: String,
    pub person: Person,
    pub phone: Phone,
    pub agent: Agent,
    pub client: Client,
    /// What the provider says about itself.
    pub metadata: Value,
}

/// What a login gave the relying party, its ID token verified.
pub struct Granted {
    /// The whole token response.
    pub response: Value,
    /// The claims of the ID token.
    pub claims: Value,
}

impl Granted {
    pub fn access(&self) -> &str {
        self.response["access_token"].as_str().unwrap()
    }

    pub fn id_token(&self) -> &str {
        self.response["id_token"].as_str().unwrap()
    }

    pub fn refresh(&self) -> &str {
        self.response["refresh_token"].as_str().expect("a refresh token")
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(|setup| setup, &json!({})).await
    }

    /// With other settings, and changes to the registration of the client.
    pub async fn with(change: impl FnOnce(Setup) -> Setup, registration: &Value) -> Self {
        let clock = Arc::new(ManualClock::default());
        let service = Service::with(|setup| change(setup.clock(&clock))).await;
        let admin = service.admin_token().await;
        let person = person(&service).await;
        let phone = Phone::import(service.app(), &person, "Phone").await;
        let mut changes = json!({
            "pkce": "optional",
            "post_logout_redirect_uris": [GOODBYE],
        });
        let members = changes.as_object_mut().unwrap();
        members.extend(registration.as_object().unwrap().clone());
        let client = service.client(&admin, CALLBACK, &changes).await;
        let metadata = service.get("/.well-known/openid-configuration").await.expect_json(200);
        let agent = Agent::new(&service);
        Self {
            service,
            clock,
            admin,
            person,
            phone,
            agent,
            client,
            metadata,
        }
    }

    /// The address of an endpoint as the metadata gives it.
    #[track_caller]
    pub fn endpoint(&self, name: &str) -> String {
        self.metadata[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name}"))
            .to_owned()
    }

    /// An authorization request with these changes to the usual parameters; an empty value takes one away.
    pub fn request(&self, changes: &[(&str, &str)]) -> String {
        let mut url = Url::parse(&self.endpoint("authorization_endpoint")).unwrap();
        url.query_pairs_mut().extend_pairs(self.parameters(changes));
        url.into()
    }

    /// The parameters of [`World::request`].
    pub fn parameters(&self, changes: &[(&str, &str)]) -> Vec<(String, String)> {
        let usual = [
            ("response_type", "code"),
            ("client_id", self.client.id.as_str()),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("state", "of-this-request"),
            ("nonce", "of-this-login"),
        ];
        let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
        let kept = usual.iter().filter(|(name, _)| !is_changed(name));
        let all = kept.chain(changes.iter().filter(|(_, value)| !value.is_empty()));
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    /// The next code of the phone, which was not used yet.
    pub fn code(&self) -> String {
        self.clock.advance(Duration::from_secs(30));
        self.phone.code(self.service.now())
    }

    /// Goes to an address and through all pages as the person does; gives where that ended, and which pages there were.
    pub async fn walk(&self, address: &str) -> (Landing, Vec<Shown>) {
        let landing = self.agent.open(address).await;
        self.walk_on(landing).await
    }

    /// As [`World::walk`], from wherever the browser is.
    pub async fn walk_on(&self, mut landing: Landing) -> (Landing, Vec<Shown>) {
        let mut shown = Vec::new();
        while let Landing::Page(page) = &landing {
            let (kind, form) = if let Some(form) = page.form("username") {
                let form = form
                    .fill("username", &self.person.username)
                    .fill("password", &self.person.password);
                (Shown::Login, form)
            } else if let Some(form) = page.form("code") {
                (Shown::Factor, form.fill("code", &self.code()))
            } else if let Some(form) = page.form_with_button("decision") {
                (Shown::Consent, form.press("decision", "allow"))
            } else {
                break;
            };
            assert!(!shown.contains(&kind), "{kind:?} again: {:?}", page.answer);
            shown.push(kind);
            landing = self.agent.submit(page, &form).await;
        }
        (landing, shown)
    }

    /// Asks for a code with these changes to the usual parameters; gives the answer's parameters and the pages that were shown.
    pub async fn authorize(&self, changes: &[(&str, &str)]) -> (Response, Vec<Shown>) {
        let (landing, shown) = self.walk(&self.request(changes)).await;
        (Response::read(self, &landing.away()), shown)
    }

    /// A whole login with these changes to the usual parameters, its answers checked.
    pub async fn log_in(&self, changes: &[(&str, &str)]) -> Granted {
        self.log_in_seeing(changes).await.0
    }

    /// As [`World::log_in`], with the pages that were shown.
    pub async fn log_in_seeing(&self, changes: &[(&str, &str)]) -> (Granted, Vec<Shown>) {
        let (response, shown) = self.authorize(changes).await;
        let granted = self.redeem(&response.code()).await.expect_json(200);
        let nonce = self.parameters(changes).into_iter().find(|(name, _)| name == "nonce");
        let nonce = nonce.map(|(_, value)| value);
        (self.granted(granted, nonce.as_deref()).await, shown)
    }

    /// Redeems a code, with HTTP Basic.
    pub async fn redeem(&self, code: &str) -> Answer {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
        ])
        .await
    }

    /// A token request, with HTTP Basic.
    pub async fn token(&self, fields: &[(&str, &str)]) -> Answer {
        let (id, secret) = self.client.basic();
        let answer = self.service.post("/auth/token").basic(id, secret).form(fields).await;
        // RFC 6749 section 5.1.
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:?}");
        answer
    }

    /// Checks a token response as OpenID Connect Core section 3.1.3 wants it.
    pub async fn granted(&self, response: Value, nonce: Option<&str>) -> Granted {
        assert_eq!(response["token_type"], "Bearer", "{response}");
        assert!(
            response["expires_in"].as_u64().is_some_and(|life| life > 0),
            "{response}"
        );
        let id_token = response["id_token"]
            .as_str()
            .unwrap_or_else(|| panic!("no ID token in {response}"));
        let keys = self.service.jwks().await;
        let claims = token::verify(&keys, id_token, self.service.issuer(), &self.client.id).unwrap();
        let header = token::header(id_token);
        assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("JWT")));
        let now = self.service.now().seconds();
        let number = |name: &str| claims[name].as_i64().unwrap_or_else(|| panic!("no {name} in {claims}"));
        assert!(number("iat") <= now && now < number("exp"), "{claims} at {now}");
        assert!(number("auth_time") <= now, "{claims} at {now}");
        assert_eq!(claims["nonce"].as_str(), nonce, "{claims}");
        assert_eq!(claims["sub"], json!(self.person.id));
        Granted { response, claims }
    }

    /// What the provider tells about the person.
    pub async fn userinfo(&self, access: &str) -> Value {
        let told = self.service.get("/auth/userinfo").bearer(access).await.expect_json(200);
        assert_eq!(told["sub"], json!(self.person.id), "{told}");
        told
    }
}

/// An account with an e-mail address and a name.
async fn person(service: &Service) -> Person {
    let body = json!({"username": "alice", "password": PASSWORD, "email": EMAIL, "display_name": NAME});
    let made = service.post("/v1/users").json(&body).await.expect_json(201);
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    Person {
        id: text("id"),
        username: text("username"),
        password: PASSWORD.to_owned(),
        secret_key: text("secret_key"),
    }
}

/// An answer of the authorization endpoint.
#[derive(Debug)]
pub struct Response(Vec<(String, String)>);

impl Response {
    /// Reads it, and checks that it went to the relying party and says whose it is (RFC 9207) and what it answers.
    #[track_caller]
    pub fn read(world: &World, url: &Url) -> Self {
        assert!(url.as_str().starts_with(CALLBACK), "sent to {url}");
        let pairs = url.query_pairs().into_owned().collect();
        let response = Self(pairs);
        assert_eq!(response.get("iss"), Some(world.service.issuer()), "{response:?}");
        response
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(key, _)| key == name);
        let first = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} is there twice: {self:?}");
        first
    }

    /// The code; the state must be that of the request.
    #[track_caller]
    pub fn code(&self) -> String {
        assert_eq!(self.get("state"), Some("of-this-request"), "{self:?}");
        assert_eq!(self.get("error"), None, "{self:?}");
        self.get("code")
            .unwrap_or_else(|| panic!("no code in {self:?}"))
            .to_owned()
    }

    /// The error; the state must be that of the request, and there may be no code.
    #[track_caller]
    pub fn error(&self) -> &str {
        assert_eq!(self.get("state"), Some("of-this-request"), "{self:?}");
        assert_eq!(self.get("code"), None, "{self:?}");
        self.get("error").unwrap_or_else(|| panic!("no error in {self:?}"))
    }
}

/// Demands a page that says that something is wrong, and that nobody was sent anywhere.
#[track_caller]
pub fn expect_error_page(landing: Landing) {
    let page = landing.page();
    assert!((400..500).contains(&page.answer.status), "{:?}", page.answer);
    let kind = page.answer.header("content-type").unwrap();
    assert!(kind.starts_with("text/html"), "{kind}");
    assert!(page.form("username").is_none(), "a login page instead of an error");
}
