//! Authorization requests: what must happen before there is a code, and what the code stands on.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a surprise is a failed test")]

mod world;

use std::time::Duration;

use application::App;
use application::authorize::{
    Agreement, Arrival, AuthorizationError, Decision, Invalid, IssueCodeError, LoginFor, LoginReason, PageFault,
    Request, Standing,
};
use application::browser::BrowserSession;
use application::ports::{ClientInsertion, Store as _};
use application::sign_in::{BrowserLogin, LoginOutcome, LoginTerms};
use application::tokens::TokenForm;
use domain::client::{Client, ClientAuthentication, ClientId, ClientState, GrantType, Party, Pkce, TokenFormat};
use domain::factor::{FactorPolicy, FactorType};
use domain::pushed_request::{REQUEST_URI_PREFIX, StoredPushedRequest};
use domain::redirect_uri::RedirectUri;
use domain::scope::Scopes;
use domain::secret::{RequestHandle, SECRET_BYTES};
use domain::session::Origin;
use testkit::clock::START;
use world::{Owner, PASSWORD, World, password_login, terms};
use zeroize::Zeroizing;

const CALLBACK: &str = "https://app.example/cb";
const QUERY: &str = "response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=openid&state=x\
    &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

fn client(id: &str, party: Party) -> Client {
    Client {
        id: ClientId::parse(id).unwrap(),
        name: id.to_owned(),
        state: ClientState::Active,
        party,
        authentication: ClientAuthentication::None,
        secret: None,
        jwks: None,
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        redirect_uris: vec![RedirectUri::register(CALLBACK).unwrap()],
        post_logout_redirect_uris: Vec::new(),
        backchannel_logout_uri: None,
        scopes: Scopes::parse("openid profile offline_access admin").unwrap(),
        audiences: Vec::new(),
        access_token_lifetime: Duration::from_mins(10),
        token_format: TokenFormat::Jwt,
        refresh_token_lifetime: Duration::from_hours(24),
        refresh_token_idle: Duration::from_hours(1),
        pkce: Pkce::Required,
        requires_pushed_requests: false,
        factors: None,
        cors_origins: Vec::new(),
        version: 1,
        created_at: START,
        updated_at: START,
    }
}

/// A world with a client of each kind, and somebody who is logged in in a browser.
struct Scene {
    world: World,
    owner: Owner,
    login: BrowserLogin,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        for client in [
            client("own", Party::First),
            client("shop", Party::Third),
            Client {
                factors: Some(FactorPolicy::new(&[FactorType::Totp])),
                ..client("bank", Party::First)
            },
        ] {
            let mut tx = world.store.begin().await.unwrap();
            assert_eq!(
                tx.oauth().clients().insert(&client).await.unwrap(),
                ClientInsertion::Done
            );
            tx.commit().await.unwrap();
        }
        let owner = world.register("alice").await;
        let login = browser_login(&world, &owner).await;
        Self { world, owner, login }
    }

    fn app(&self) -> &App {
        &self.world.app
    }

    async fn browser(&self) -> Option<BrowserSession> {
        self.app().browsers.session(&self.login.handle).await.unwrap()
    }

    async fn request(&self, client: &str, more: &str) -> Request {
        let query = format!("client_id={client}&{QUERY}{more}");
        match self.app().authorize.read(&query, Arrival::First).await.unwrap() {
            Ok(request) => request,
            Err(invalid) => panic!("{invalid:?}"),
        }
    }

    async fn decide(&self, client: &str, more: &str, login: Option<LoginFor>) -> Decision {
        let request = self.request(client, more).await;
        let browser = self.browser().await.unwrap();
        let standing = login.map(|login| Standing {
            session: browser.session(),
            user: browser.user(),
            login,
        });
        self.app().authorize.decide(&request, standing.as_ref()).await.unwrap()
    }

    async fn issue(&self, request: &Request, browser: &BrowserSession, agreement: Agreement) -> Option<String> {
        let origin = Origin::default();
        let issued = self
            .app()
            .authorize
            .issue(request, browser, LoginFor::Anything, agreement, &origin)
            .await;
        match issued {
            Ok(answer) => {
                let code = answer.parameters.iter().find(|(name, _)| *name == "code");
                Some(code.map(|(_, value)| value.clone()).unwrap())
            }
            Err(IssueCodeError::Changed) => None,
            Err(IssueCodeError::Store(error)) => panic!("{error}"),
        }
    }

    /// A pushed request of this client; gives the query that refers to it.
    async fn push(&self, client: &str, number: u8) -> String {
        let handle = RequestHandle::generate(&Zeroizing::new([number; SECRET_BYTES]));
        let digest = self
            .app()
            .core
            .ports
            .digester
            .digest(application::ports::Purpose::PushedRequest, handle.expose().as_bytes());
        let stored = StoredPushedRequest {
            digest,
            client: ClientId::parse(client).unwrap(),
            parameters: format!("client_id={client}&{QUERY}"),
            expires_at: self.app().core.now().after(Duration::from_secs(90)),
        };
        let mut tx = self.world.store.begin().await.unwrap();
        tx.oauth().pushed_requests().insert(&stored).await.unwrap();
        tx.commit().await.unwrap();
        format!("client_id={client}&request_uri={REQUEST_URI_PREFIX}{}", handle.expose())
    }
}

async fn browser_login(world: &World, owner: &Owner) -> BrowserLogin {
    let terms = LoginTerms {
        form: TokenForm::Browser,
        ..terms("192.0.2.1")
    };
    let login = password_login(owner.user.username.as_str(), PASSWORD, Some(&owner.key), terms);
    match world.app.sign_in.with_password(login).await.unwrap() {
        LoginOutcome::Browser(login) => *login,
        _ => panic!("a login of a browser gives a browser's session"),
    }
}

const ANYTHING: Option<LoginFor> = Some(LoginFor::Anything);
const THIS: Option<LoginFor> = Some(LoginFor::This);

fn refused(decision: &Decision) -> Option<AuthorizationError> {
    match decision {
        Decision::Refused(fault) => Some(fault.error),
        Decision::Login(_) | Decision::Consent(_) | Decision::Ready(_) => None,
    }
}

#[tokio::test]
async fn who_logs_in_when() {
    let scene = Scene::new().await;
    scene.world.clock.advance(Duration::from_secs(50));
    for (client, more, login, expected) in [
        ("own", "", None, Some(LoginReason::NotLoggedIn)),
        ("own", "", ANYTHING, None),
        ("own", "&prompt=login", ANYTHING, Some(LoginReason::Again)),
        ("own", "&prompt=login", THIS, None),
        ("own", "&prompt=select_account", ANYTHING, Some(LoginReason::Again)),
        ("own", "&max_age=49", ANYTHING, Some(LoginReason::Again)),
        ("own", "&max_age=50", ANYTHING, None),
        ("own", "&max_age=0", ANYTHING, Some(LoginReason::Again)),
        ("own", "&max_age=0", THIS, None),
        ("own", "&max_age=99999999999999999999999", ANYTHING, None),
        (
            "own",
            "&acr_values=urn%3Acountersign%3Aacr%3Apwd%2Botp",
            ANYTHING,
            Some(LoginReason::BetterFactor),
        ),
        ("own", "&acr_values=urn%3Acountersign%3Aacr%3Apwd%2Botp", THIS, None),
        ("own", "&acr_values=urn%3Acountersign%3Aacr%3Apwd%2Bkey", ANYTHING, None),
        ("own", "&acr_values=urn%3Aunknown", ANYTHING, None),
        ("bank", "", ANYTHING, Some(LoginReason::BetterFactor)),
    ] {
        let decision = scene.decide(client, more, login).await;
        let reason = match &decision {
            Decision::Login(reason) => Some(*reason),
            Decision::Ready(_) => None,
            Decision::Consent(_) | Decision::Refused(_) => panic!("{client} {more}: {decision:?}"),
        };
        assert_eq!(reason, expected, "{client} {more} {login:?}");
    }
}

#[tokio::test]
async fn nobody_is_sent_round_in_a_circle_and_no_page_is_shown_that_was_not_wanted() {
    let scene = Scene::new().await;
    for (client, more, login, expected) in [
        ("bank", "", THIS, AuthorizationError::UnmetAuthenticationRequirements),
        ("own", "&prompt=none", None, AuthorizationError::LoginRequired),
        ("bank", "&prompt=none", ANYTHING, AuthorizationError::LoginRequired),
        (
            "own",
            "&prompt=none&max_age=0",
            ANYTHING,
            AuthorizationError::LoginRequired,
        ),
        ("shop", "&prompt=none", ANYTHING, AuthorizationError::ConsentRequired),
    ] {
        let decision = scene.decide(client, more, login).await;
        assert_eq!(refused(&decision), Some(expected), "{client} {more} {login:?}");
    }
    // A login for this request is one for ten minutes.
    scene.world.clock.advance(Duration::from_secs(601));
    let decision = scene.decide("own", "&prompt=login", THIS).await;
    assert_eq!(decision, Decision::Login(LoginReason::Again));
}

#[tokio::test]
async fn an_account_gets_no_scope_above_its_role_whatever_the_client_may_have() {
    let scene = Scene::new().await;
    let both = scene.decide("own", "", ANYTHING).await;
    assert_eq!(both, Decision::Ready(Scopes::parse("openid").unwrap()));
    let query = format!("client_id=own&{}", QUERY.replace("scope=openid", "scope=admin"));
    let request = scene.app().authorize.read(&query, Arrival::First).await.unwrap();
    let request = request.unwrap_or_else(|invalid| panic!("{invalid:?}"));
    let browser = scene.browser().await.unwrap();
    let standing = Standing {
        session: browser.session(),
        user: browser.user(),
        login: LoginFor::Anything,
    };
    let decision = scene.app().authorize.decide(&request, Some(&standing)).await.unwrap();
    assert_eq!(refused(&decision), Some(AuthorizationError::InvalidScope));
}

#[tokio::test]
async fn there_is_no_code_without_the_consent_that_it_needs() {
    let scene = Scene::new().await;
    let browser = scene.browser().await.unwrap();
    let request = scene.request("shop", "").await;
    assert!(scene.issue(&request, &browser, Agreement::Remembered).await.is_none());
    assert!(scene.issue(&request, &browser, Agreement::GivenNow).await.is_some());
    assert!(scene.issue(&request, &browser, Agreement::Remembered).await.is_some());
    let mut tx = scene.world.store.begin().await.unwrap();
    let withdrawn = tx
        .oauth()
        .consents()
        .delete(browser.user().id, &request.client.id)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(withdrawn);
    assert!(scene.issue(&request, &browser, Agreement::Remembered).await.is_none());
}

#[tokio::test]
async fn consent_does_not_stand_for_a_login() {
    let scene = Scene::new().await;
    let browser = scene.browser().await.unwrap();
    for (client, more) in [
        ("bank", ""),
        ("shop", "&prompt=login"),
        ("shop", "&max_age=0"),
        ("bank", "&prompt=none"),
    ] {
        let request = scene.request(client, more).await;
        assert!(
            scene.issue(&request, &browser, Agreement::GivenNow).await.is_none(),
            "{client} {more}"
        );
    }
}

#[tokio::test]
async fn what_changed_since_the_page_was_shown_counts() {
    let scene = Scene::new().await;
    let browser = scene.browser().await.unwrap();
    let request = scene.request("own", "").await;
    assert!(scene.issue(&request, &browser, Agreement::Remembered).await.is_some());

    let mut changed = Client::clone(&request.client);
    (changed.version, changed.name) = (2, "Another".to_owned());
    let mut tx = scene.world.store.begin().await.unwrap();
    assert!(tx.oauth().clients().update(&changed, 1).await.unwrap());
    tx.commit().await.unwrap();
    assert!(
        scene.issue(&request, &browser, Agreement::Remembered).await.is_none(),
        "the client was changed"
    );

    let request = scene.request("own", "").await;
    scene
        .app()
        .browsers
        .log_out(&browser, &Origin::default())
        .await
        .unwrap();
    assert!(
        scene.issue(&request, &browser, Agreement::Remembered).await.is_none(),
        "the browser was logged out"
    );
    assert!(scene.browser().await.is_none());

    let login = browser_login(&scene.world, &scene.owner).await;
    let browser = scene.app().browsers.session(&login.handle).await.unwrap().unwrap();
    let mut tx = scene.world.store.begin().await.unwrap();
    tx.users().advance_epoch(scene.owner.user.id).await.unwrap();
    tx.commit().await.unwrap();
    assert!(
        scene.issue(&request, &browser, Agreement::Remembered).await.is_none(),
        "the account was changed"
    );
    assert!(scene.app().browsers.session(&login.handle).await.unwrap().is_none());
}

#[tokio::test]
async fn a_pushed_request_gives_one_code_to_its_client_in_its_time() {
    let scene = Scene::new().await;
    let browser = scene.browser().await.unwrap();
    let authorize = &scene.app().authorize;
    let query = scene.push("own", 1).await;
    let Ok(request) = authorize.read(&query, Arrival::First).await.unwrap() else {
        panic!("it is good");
    };
    assert!(scene.issue(&request, &browser, Agreement::Remembered).await.is_some());
    assert!(
        scene.issue(&request, &browser, Agreement::Remembered).await.is_none(),
        "it was spent"
    );
    let is_gone = |outcome: Result<Request, Invalid>| matches!(outcome, Err(Invalid::Page(PageFault::Request(_))));
    assert!(is_gone(authorize.read(&query, Arrival::UnderWay).await.unwrap()));

    let query = scene.push("own", 2).await;
    let stolen = query.replace("client_id=own", "client_id=shop");
    assert!(is_gone(authorize.read(&stolen, Arrival::First).await.unwrap()));
    scene.world.clock.advance(Duration::from_secs(91));
    assert!(
        is_gone(authorize.read(&query, Arrival::First).await.unwrap()),
        "it came too late"
    );
    // Whoever was shown a page in time may take longer than a client.
    assert!(authorize.read(&query, Arrival::UnderWay).await.unwrap().is_ok());
    scene.world.clock.advance(Duration::from_mins(15));
    assert!(is_gone(authorize.read(&query, Arrival::UnderWay).await.unwrap()));
}

#[tokio::test]
async fn a_login_of_one_factor_opens_no_browser() {
    let scene = Scene::new().await;
    let owner = scene.world.register("bob").await;
    let terms = LoginTerms {
        form: TokenForm::Browser,
        ..terms("192.0.2.1")
    };
    let login = password_login(owner.user.username.as_str(), PASSWORD, None, terms.clone());
    assert!(matches!(
        scene.app().sign_in.with_password(login).await,
        Ok(LoginOutcome::SecondFactorNeeded { .. })
    ));
    let wrong = scene.world.wrong_key();
    let login = password_login(owner.user.username.as_str(), PASSWORD, Some(&wrong), terms);
    assert!(scene.app().sign_in.with_password(login).await.is_err());
    let mut tx = scene.world.store.read().await.unwrap();
    assert!(
        tx.sessions()
            .live_of(owner.user.id, scene.app().core.now())
            .await
            .unwrap()
            .is_empty()
    );
}
