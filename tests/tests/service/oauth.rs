//! The authorization server over real HTTP, on both databases: what is good once, and what bounds guessing.

mod assertions;
mod guessing;
mod races;

use std::time::Duration;

use application::actor::Actor;
use application::clients::SecretChoice;
use application::ports::{Purpose, entropy};
use domain::authorization::{ClientRequest, CodeChallenge, CompletedLogin, RequestedClaims, StoredCode};
use domain::client::{ClientAuthentication, ClientId, ClientState, GrantType, Party, Pkce, TokenFormat};
use domain::client_rules::ClientDraft;
use domain::factor::{FactorType, Proved};
use domain::id::UserId;
use domain::scope::Scopes;
use domain::secret::AuthorizationCode;
use domain::session::Origin;
use domain::user::Epoch;
use tests::{Answer, Person, Service};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT: &str = "https://shop.example.com/callback";

/// A client that may do everything.
fn draft(authentication: ClientAuthentication) -> ClientDraft {
    ClientDraft {
        name: "The shop".into(),
        state: ClientState::Active,
        party: Party::First,
        authentication,
        jwks: None,
        grant_types: match authentication {
            ClientAuthentication::None => vec![
                GrantType::AuthorizationCode,
                GrantType::RefreshToken,
                GrantType::DeviceCode,
            ],
            ClientAuthentication::Secret | ClientAuthentication::PrivateKeyJwt => GrantType::ALL.to_vec(),
        },
        redirect_uris: vec![REDIRECT.into()],
        post_logout_redirect_uris: vec![],
        backchannel_logout_uri: None,
        scopes: Scopes::parse("openid account files").unwrap(),
        audiences: vec![],
        access_token_lifetime: Duration::from_mins(10),
        token_format: TokenFormat::Jwt,
        refresh_token_lifetime: Duration::from_hours(24),
        refresh_token_idle: Duration::from_hours(1),
        pkce: Pkce::Required,
        requires_pushed_requests: false,
        factors: None,
        cors_origins: vec![],
    }
}

/// Registers a client; returns its secret if one was made.
async fn register(service: &Service, id: &str, draft: ClientDraft, choice: SecretChoice) -> String {
    let id = ClientId::parse(id).unwrap();
    let manage = &service.app().oauth.manage_clients;
    let made = manage
        .create(&Actor::Operator, Some(id), draft, choice, &Origin::default())
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    made.secret.map(|secret| secret.expose().to_owned()).unwrap_or_default()
}

/// A completed login of somebody.
fn login_of(service: &Service, person: &Person) -> CompletedLogin {
    CompletedLogin {
        user: UserId::parse(&person.id).unwrap(),
        epoch: Epoch::FIRST,
        proved: Proved::new(vec![FactorType::Password, FactorType::SecretKey], service.now()),
        authenticator: None,
        parent: None,
    }
}

/// A code of a client for somebody, as the authorization endpoint stores it.
async fn code(service: &Service, client: &str, person: &Person) -> String {
    let core = &service.app().core;
    let code = AuthorizationCode::generate(&entropy::secret_bytes(core.ports.entropy.as_ref()));
    let digester = &core.ports.digester;
    let stored = StoredCode {
        digest: digester.digest(Purpose::AuthorizationCode, code.expose().as_bytes()),
        request: ClientRequest {
            client: ClientId::parse(client).unwrap(),
            scopes: Scopes::parse("openid account").unwrap(),
            audience: vec![],
            challenge: CodeChallenge::parse(CHALLENGE),
            nonce: None,
            claims: RequestedClaims::default(),
            max_age: None,
        },
        redirect_uri: Some(REDIRECT.to_owned()),
        login: login_of(service, person),
        expires_at: core.now().after(Duration::from_mins(5)),
    };
    let mut tx = core.ports.store.begin().await.unwrap();
    tx.oauth().codes().insert(&stored).await.unwrap();
    tx.commit().await.unwrap();
    code.expose().to_owned()
}

/// Demands that one call succeeded and every other was refused as this error; gives the one.
#[track_caller]
fn one_winner<'a>(answers: &'a [Answer], error: &str) -> &'a Answer {
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (400, Some(error)),
            "{answer:?}"
        );
    }
    let mut winners = answers.iter().filter(|answer| answer.status == 200);
    let winner = winners.next().unwrap();
    assert_eq!(winners.count(), 0, "more than one winner");
    winner
}
