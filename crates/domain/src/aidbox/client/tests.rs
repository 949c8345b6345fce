//! What documents of clients come to, and by which attributes they are refused.

use super::*;

const DEFAULTS: ClientDefaults = ClientDefaults {
    access_token_lifetime: Duration::from_mins(10),
    refresh_token_lifetime: Duration::from_hours(720),
    refresh_token_idle: Duration::from_hours(24),
    has_secret: false,
};

fn map(members: &[(&str, Node)]) -> Node {
    Node::Map(
        members
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
    )
}

fn list(texts: &[&str]) -> Node {
    Node::List(texts.iter().map(|text| Node::from(*text)).collect())
}

fn flow(name: &str, members: &[(&str, Node)]) -> (&'static str, Node) {
    ("auth", map(&[(name, map(members))]))
}

fn read(members: &[(&str, Node)]) -> ClientRead {
    ClientRead::of(&map(members), "mywebapp", &DEFAULTS)
}

fn places(members: &[(&str, Node)]) -> Vec<String> {
    let read = read(members);
    let own = read.faults.iter().cloned();
    let of_rules: Vec<_> = read.draft.faults().iter().map(|fault| read.translate(fault)).collect();
    own.chain(of_rules).map(|fault| fault.attribute).collect()
}

#[test]
fn the_example_is_a_client_with_a_secret_and_jwts() {
    let read = read(&[
        ("secret", Node::from("verysecret")),
        ("first_party", Node::Boolean(true)),
        ("grant_types", list(&["code"])),
        flow(
            "authorization_code",
            &[
                ("redirect_uri", Node::from("http://localhost:3001")),
                ("access_token_expiration", Node::Integer(360)),
                ("token_format", Node::from("jwt")),
                ("secret_required", Node::Boolean(true)),
                ("refresh_token", Node::Boolean(true)),
            ],
        ),
    ]);
    assert!(read.faults.is_empty() && read.idle.is_empty() && read.draft.faults().is_empty());
    let draft = &read.draft;
    assert_eq!(
        draft.grant_types,
        [GrantType::AuthorizationCode, GrantType::RefreshToken]
    );
    assert_eq!(draft.authentication, ClientAuthentication::Secret);
    assert_eq!((draft.pkce, draft.party), (Pkce::Optional, Party::First));
    assert_eq!(
        (draft.token_format, draft.access_token_lifetime.as_secs()),
        (TokenFormat::Jwt, 360)
    );
    assert_eq!(draft.redirect_uris, ["http://localhost:3001"]);
    assert_eq!(draft.scopes.to_string(), "account openid profile email");
    assert_eq!(draft.name, "mywebapp");
}

#[test]
fn what_is_absent_is_safe() {
    let read = read(&[("grant_types", list(&["refresh_token"]))]);
    let draft = read.draft;
    assert_eq!(draft.token_format, TokenFormat::Opaque);
    assert_eq!(draft.access_token_lifetime, DEFAULTS.access_token_lifetime);
    assert_eq!(draft.refresh_token_lifetime, DEFAULTS.refresh_token_lifetime);
    assert_eq!(
        (draft.authentication, draft.pkce),
        (ClientAuthentication::None, Pkce::Required)
    );
    assert_eq!(draft.scopes.to_string(), "openid profile email");
}

#[test]
fn how_a_client_proves_itself_follows_from_what_it_has() {
    let code = ("grant_types", list(&["code"]));
    let both = ("grant_types", list(&["code", "client_credentials"]));
    let uri = ("redirect_uri", Node::from("https://app.example/cb"));
    let secret = ("secret", Node::from("very secret"));
    let pkce = ("pkce", Node::Boolean(true));
    let required = ("secret_required", Node::Boolean(true));
    let assertions = ("client_assertion_types", list(&[JWT_BEARER]));
    let keys = ("jwks", map(&[]));
    let flow = |members: &[(&str, Node)]| flow("authorization_code", members);
    for (members, expected) in [
        (
            vec![code.clone(), flow(std::slice::from_ref(&uri))],
            ClientAuthentication::None,
        ),
        (
            vec![code.clone(), secret.clone(), flow(std::slice::from_ref(&uri))],
            ClientAuthentication::Secret,
        ),
        (
            vec![code.clone(), secret.clone(), flow(&[uri.clone(), pkce.clone()])],
            ClientAuthentication::None,
        ),
        (
            vec![
                code.clone(),
                secret.clone(),
                flow(&[uri.clone(), pkce.clone(), required]),
            ],
            ClientAuthentication::Secret,
        ),
        (
            vec![both, secret.clone(), flow(&[uri.clone(), pkce])],
            ClientAuthentication::Secret,
        ),
        (
            vec![code, keys, flow(&[uri, assertions])],
            ClientAuthentication::PrivateKeyJwt,
        ),
    ] {
        assert_eq!(read(&members).draft.authentication, expected);
    }
}

#[test]
fn flows_and_grants_that_are_not_offered_mean_nothing() {
    let members = [
        ("grant_types", list(&["code", "implicit", "basic"])),
        ("smart", map(&[])),
        flow("implicit", &[("redirect_uri", Node::from("x"))]),
    ];
    assert_eq!(
        read(&members).idle,
        ["smart", "grant_types[1]", "grant_types[2]", "auth.implicit"]
    );
}

#[test]
fn every_fault_names_its_attribute() {
    let code = ("grant_types", list(&["code"]));
    let uri = ("redirect_uri", Node::from("https://app.example/cb"));
    let with =
        |name: &'static str, value: Node| vec![code.clone(), flow("authorization_code", &[uri.clone(), (name, value)])];
    for (members, place) in [
        (vec![code.clone()], "auth.authorization_code.redirect_uri"),
        (
            vec![
                code.clone(),
                flow(
                    "authorization_code",
                    &[("redirect_uri", Node::from("http://a.example/"))],
                ),
            ],
            "auth.authorization_code.redirect_uri",
        ),
        (with("audience", list(&["#.*"])), "auth.authorization_code.audience[0]"),
        (
            with("audience", list(&["no address"])),
            "auth.authorization_code.audience[0]",
        ),
        (
            with("token_format", Node::from("paseto")),
            "auth.authorization_code.token_format",
        ),
        (
            with("access_token_expiration", Node::Integer(7 * 24 * 3_600)),
            "auth.authorization_code.access_token_expiration",
        ),
        (
            with("access_token_expiration", Node::from("360")),
            "auth.authorization_code.access_token_expiration",
        ),
        (with("secret_required", Node::Boolean(true)), "secret"),
        (
            with("client_assertion_types", list(&["saml"])),
            "auth.authorization_code.client_assertion_types[0]",
        ),
        (vec![("grant_types", list(&["magic"]))], "grant_types[0]"),
        (
            vec![("allowed_origins", list(&["https://a.example/x"]))],
            "allowed_origins[0]",
        ),
        (vec![("scope", list(&["a b"]))], "scope[0]"),
        (vec![("secret", Node::from("a".repeat(64).as_str()))], "secret"),
        (vec![("name", Node::from("\n"))], "name"),
    ] {
        assert_eq!(places(&members), [place]);
    }
}

#[test]
fn flows_that_say_different_things_are_refused() {
    let auth = map(&[
        (
            "client_credentials",
            map(&[("access_token_expiration", Node::Integer(60))]),
        ),
        ("password", map(&[("token_format", Node::from("jwt"))])),
    ]);
    let members = [
        ("grant_types", list(&["client_credentials", "password"])),
        ("secret", Node::from("very secret")),
        ("auth", auth),
    ];
    assert_eq!(
        places(&members),
        ["auth.password.access_token_expiration", "auth.password.token_format"]
    );
}
