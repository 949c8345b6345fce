//! Sample data of the authorization server. What belongs to a client belongs to number 1, unless something else is said.

use std::time::Duration;

use domain::aidbox::{AidboxResource, ResourceKind};
use domain::authorization::{ClientRequest, CodeChallenge, CompletedLogin, RequestedClaims, StoredCode};
use domain::browser::StoredBrowser;
use domain::client::{
    Client, ClientAuthentication, ClientId, ClientState, GrantType, Party, Pkce, StoredClientSecret, TokenFormat,
};
use domain::consent::Consent;
use domain::device::{DeviceState, StoredDevice};
use domain::factor::{FactorPolicy, FactorType, Proved};
use domain::id::{NoticeId, SessionId, UserId};
use domain::logout_notice::LogoutNotice;
use domain::opaque_token::StoredOpaqueToken;
use domain::password_reset::{ResetStage, StoredPasswordReset};
use domain::pushed_request::StoredPushedRequest;
use domain::redirect_uri::RedirectUri;
use domain::scope::{Scope, Scopes};
use domain::secret::Digest;
use domain::user::Epoch;

use super::{authenticator_id, digest, instant, random, session_id, token_id, user_id};

/// The identity of [`client`] number `number`; they sort by number.
///
/// # Panics
///
/// Never.
#[expect(clippy::expect_used, reason = "test support: the text is an identity")]
pub fn client_id(number: u32) -> ClientId {
    ClientId::parse(&format!("https://App-{number:04}.example/~c:1")).expect("an identity of a client")
}

/// The identity of [`logout_notice`] number `number`.
pub fn notice_id(number: u32) -> NoticeId {
    NoticeId::from_random(random(0x68, number))
}

/// The digest of the user code of [`device`] number `number`.
pub fn user_code(number: u32) -> Digest {
    digest(number + 0x0055_0000)
}

/// Scopes of which some are known here, and some to applications only.
pub fn scopes(own: &str) -> Scopes {
    let names = ["openid", "offline_access", own];
    names.into_iter().filter_map(Scope::from_name).collect()
}

/// An active client of somebody else with everything that a client can have.
pub fn client(number: u32) -> Client {
    let address = |path: &str| RedirectUri::stored(format!("https://app-{number}.example/{path}?a=%22&b=1"));
    Client {
        id: client_id(number),
        name: format!("Äpp №{number} \"𝔠\" <b>"),
        state: ClientState::Active,
        party: Party::Third,
        authentication: ClientAuthentication::Secret,
        secret: Some(StoredClientSecret::Generated(digest(number))),
        jwks: Some(format!("{{\"keys\":[{{\"kid\":\"{number}\\\\\"}}]}}")),
        grant_types: vec![GrantType::RefreshToken, GrantType::AuthorizationCode],
        redirect_uris: vec![address("b"), address("a")],
        post_logout_redirect_uris: vec![address("bye")],
        backchannel_logout_uri: Some(format!("https://app-{number}.example/out")),
        scopes: scopes("orders:read"),
        audiences: vec![
            format!("https://api-{number}.example"),
            "urn:example:\"second\" 𝔯".into(),
        ],
        access_token_lifetime: Duration::from_millis(61_003),
        token_format: TokenFormat::Opaque,
        refresh_token_lifetime: Duration::from_secs(7_201),
        refresh_token_idle: Duration::from_secs(3_607),
        pkce: Pkce::Optional,
        requires_pushed_requests: true,
        factors: Some(FactorPolicy::new(&[FactorType::Hotp, FactorType::RecoveryCode])),
        cors_origins: vec![format!("https://app-{number}.example:8443")],
        version: 7 + i64::from(number),
        created_at: instant(61 + i64::from(number)),
        updated_at: instant(161 + i64::from(number)),
    }
}

/// A public client with nothing that it can do without.
pub fn bare_client(number: u32) -> Client {
    Client {
        name: String::new(),
        state: ClientState::Disabled,
        party: Party::First,
        authentication: ClientAuthentication::None,
        secret: None,
        jwks: None,
        grant_types: Vec::new(),
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        backchannel_logout_uri: None,
        scopes: Scopes::default(),
        audiences: Vec::new(),
        token_format: TokenFormat::Jwt,
        pkce: Pkce::Required,
        requires_pushed_requests: false,
        factors: None,
        cors_origins: Vec::new(),
        ..client(number)
    }
}

/// What the client 1 asks for, with everything that can be asked for.
pub fn client_request() -> ClientRequest {
    ClientRequest {
        client: client_id(1),
        scopes: scopes("orders:write"),
        audience: vec!["https://api.example/b".into(), "https://api.example/a".into()],
        challenge: CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        nonce: Some("n-0S6_\"WzA2Mj\" \u{0} 𝔫".into()),
        claims: RequestedClaims {
            userinfo: vec!["email".into(), "name".into()],
            id_token: vec!["https://example.org/\"claim\"".into()],
        },
        max_age: Some(Duration::from_secs(301)),
    }
}

/// What the client 1 asks for at least.
pub fn bare_client_request() -> ClientRequest {
    ClientRequest {
        client: client_id(1),
        scopes: Scopes::default(),
        audience: Vec::new(),
        challenge: None,
        nonce: None,
        claims: RequestedClaims::default(),
        max_age: None,
    }
}

/// A complete login of `user` in a browser with the session `parent`, or in none.
pub fn completed_login(user: UserId, parent: Option<SessionId>) -> CompletedLogin {
    CompletedLogin {
        user,
        epoch: Epoch(5),
        proved: Proved::new(vec![FactorType::Password, FactorType::Hotp], instant(23)),
        authenticator: Some(authenticator_id(7)),
        parent,
    }
}

/// A consent of `user` to the client number `client`.
pub fn consent(user: UserId, client: u32) -> Consent {
    Consent {
        user,
        client: client_id(client),
        scopes: scopes("orders:read"),
        granted_at: instant(71 + i64::from(client)),
    }
}

/// A browser with a session.
pub fn browser(number: u32, session: SessionId) -> StoredBrowser {
    StoredBrowser {
        digest: digest(number),
        session,
    }
}

/// A code of the client 1 for a login of `user` that came from no browser's session, for two hours.
pub fn code(number: u32, user: UserId) -> StoredCode {
    StoredCode {
        digest: digest(number),
        request: client_request(),
        redirect_uri: Some(format!("https://app-1.example/b?n={number}")),
        login: completed_login(user, None),
        expires_at: instant(7_200),
    }
}

/// A request of the client 1 on a device that nobody has decided, for two hours.
pub fn device(number: u32) -> StoredDevice {
    StoredDevice {
        digest: digest(number),
        user_code: user_code(number),
        request: client_request(),
        state: DeviceState::Pending,
        interval: Duration::from_micros(5_000_007),
        polled_at: None,
        expires_at: instant(7_200),
    }
}

/// A request that the client 1 pushed, for two hours.
pub fn pushed_request(number: u32) -> StoredPushedRequest {
    StoredPushedRequest {
        digest: digest(number),
        client: client_id(1),
        parameters: format!("state=%22{number}%22&scope=openid+profile"),
        expires_at: instant(7_200),
    }
}

/// An opaque token of the client 1 for `session`, or for itself, for two hours.
pub fn opaque_token(number: u32, session: Option<SessionId>) -> StoredOpaqueToken {
    StoredOpaqueToken {
        digest: digest(number),
        token: token_id(number),
        session,
        client: client_id(1),
        scopes: scopes("orders:read"),
        audience: vec!["https://api.example/\"b\"".into(), "urn:example:a".into()],
        issued_at: instant(81),
        expires_at: instant(7_200),
    }
}

/// A notice that is due at the number of seconds that is its number, and was tried twice.
pub fn logout_notice(number: u32) -> LogoutNotice {
    LogoutNotice {
        id: notice_id(number),
        client: client_id(number),
        endpoint: format!("https://app-{number}.example/out?x=%20"),
        user: user_id(number),
        session: session_id(number),
        attempts: 2,
        due_at: instant(i64::from(number)),
    }
}

/// A reset of the password of `user`, of which there is the link so far, for two hours.
pub fn password_reset(number: u32, user: UserId) -> StoredPasswordReset {
    StoredPasswordReset {
        digest: digest(number),
        user,
        epoch: Epoch(6),
        stage: ResetStage::Link,
        expires_at: instant(7_200),
    }
}

/// A document that describes no account.
pub fn aidbox_resource(kind: ResourceKind, id: &str) -> AidboxResource {
    AidboxResource {
        kind,
        id: id.into(),
        account: None,
        document: "{\"a\": [1, \"\\u0000 𝔡\"], \"a b\": null }".into(),
        version: 3,
        created_at: instant(91),
        updated_at: instant(92),
    }
}
