//! `Client`: a client application. A client has one lifetime, one form and one audience of tokens here, where Aidbox has one
//! for each flow: what the flows that it may use say must be the same.

use std::time::Duration;

use super::node::Node;
use super::reading::{AttributeFault, Part, Reading};
use crate::client::{CLIENT_NAME_MAX, ClientAuthentication, ClientState, GrantType, Party, Pkce, TokenFormat};
use crate::client_rules::{CLIENT_SESSION_MAX, ClientDraft, ClientFault};
use crate::scope::{Scope, Scopes};
use crate::secret::Password;

/// The attributes of a flow that act.
const FLOW: [&str; 9] = [
    "access_token_expiration",
    "token_format",
    "audience",
    "refresh_token",
    "refresh_token_expiration",
    "redirect_uri",
    "secret_required",
    "pkce",
    "client_assertion_types",
];
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The members of keys that are not public (RFC 7518 section 6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
const EXPIRATION: (i64, i64) = (1, 10 * 365 * 24 * 3_600);

/// The flows that have settings, and the grants that they are.
const FLOWS: [(&str, GrantType); 4] = [
    ("authorization_code", GrantType::AuthorizationCode),
    ("client_credentials", GrantType::ClientCredentials),
    ("password", GrantType::Password),
    ("token_exchange", GrantType::TokenExchange),
];

/// What a client gets where the document is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientDefaults {
    /// How long an access token lives; in Aidbox for ever.
    pub access_token_lifetime: Duration,
    /// How long a session lives; in Aidbox for ever.
    pub refresh_token_lifetime: Duration,
    /// How long a refresh token that is not used lives.
    pub refresh_token_idle: Duration,
    /// Whether a client of that identity is there that has a secret, which it keeps if none is sent.
    pub has_secret: bool,
}

/// A document that was read.
pub struct ClientRead {
    /// What the client is to be, without its keys.
    pub draft: ClientDraft,
    /// Its public keys.
    pub keys: Option<Node>,
    /// Its secret, if one was sent.
    pub secret: Option<Password>,
    /// What is wrong with the document.
    pub faults: Vec<AttributeFault>,
    /// Attributes that mean nothing here.
    pub idle: Vec<String>,
    /// The flow that settings are taken from, if there is one.
    flow: Option<&'static str>,
}

#[derive(Default, Clone)]
struct Flow {
    access_token: Option<Duration>,
    format: Option<TokenFormat>,
    audience: Vec<String>,
    refresh_token: Option<bool>,
    refresh_token_expiration: Option<Duration>,
    redirect_uri: Option<String>,
    secret_required: Option<bool>,
    pkce: Option<bool>,
    takes_assertions: bool,
}

impl ClientRead {
    /// Reads the document of the client `id`.
    pub fn of(document: &Node, id: &str, defaults: &ClientDefaults) -> Self {
        let mut reading = Reading::default();
        let names = [
            "id",
            "resourceType",
            "meta",
            "secret",
            "first_party",
            "active",
            "name",
            "grant_types",
            "auth",
            "allowed_origins",
            "scope",
            "jwks",
        ];
        let all = reading.document(document, &names);
        let mut grants = grants(&mut reading, &all);
        let auth = reading.part(&all, "auth", &FLOWS.map(|(name, _)| name));
        let mut used: Vec<(&'static str, Flow)> = Vec::new();
        for (name, grant) in FLOWS {
            let part = reading.part(&auth, name, &FLOW);
            let flow = flow(&mut reading, &part);
            if grants.contains(&grant) {
                used.push((name, flow));
            } else if part.is_there() {
                reading.idle.push(part.path().to_owned());
            }
        }
        agree(&mut reading, &used);
        if used.iter().any(|(_, flow)| flow.refresh_token == Some(true)) && !grants.contains(&GrantType::RefreshToken) {
            grants.push(GrantType::RefreshToken);
        }
        let flow = used.first().map(|(name, _)| *name);
        let first = used.first().map(|(_, flow)| flow.clone()).unwrap_or_default();
        let code = used.iter().find(|(name, _)| *name == "authorization_code");
        let code = code.map(|(_, flow)| flow.clone()).unwrap_or_default();
        let is_first = reading.boolean(&all, "first_party") == Some(true);
        let is_active = reading.boolean(&all, "active") != Some(false);
        let secret = secret(&mut reading, &all);
        let keys = keys(&mut reading, &all);
        let proof = Proof {
            has_secret: secret.is_some() || defaults.has_secret,
            flows: &used,
            grants: &grants,
        };
        let authentication = proof.judge(&mut reading);
        let idle = first.refresh_token_expiration.unwrap_or(defaults.refresh_token_idle);
        let draft = ClientDraft {
            name: name(&mut reading, &all)
                .unwrap_or(id)
                .chars()
                .take(CLIENT_NAME_MAX)
                .collect(),
            state: if is_active {
                ClientState::Active
            } else {
                ClientState::Disabled
            },
            party: if is_first { Party::First } else { Party::Third },
            authentication,
            jwks: None,
            redirect_uris: code.redirect_uri.into_iter().collect(),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            scopes: scopes(&mut reading, &all, is_first),
            audiences: first.audience,
            access_token_lifetime: first.access_token.unwrap_or(defaults.access_token_lifetime),
            // As there: a client whose document does not ask for JWTs gets opaque tokens.
            token_format: first.format.unwrap_or(TokenFormat::Opaque),
            refresh_token_lifetime: defaults.refresh_token_lifetime.max(idle),
            refresh_token_idle: idle,
            pkce: if authentication == ClientAuthentication::None || code.pkce == Some(true) {
                Pkce::Required
            } else {
                Pkce::Optional
            },
            requires_pushed_requests: false,
            factors: None,
            cors_origins: reading
                .texts(&all, "allowed_origins")
                .into_iter()
                .map(|(_, origin)| origin.trim_end_matches('/').to_owned())
                .collect(),
            grant_types: grants,
        };
        Self {
            draft,
            keys,
            secret,
            faults: reading.faults,
            idle: reading.idle,
            flow,
        }
    }

    /// What the rules of clients find wrong, by the attributes of the document.
    pub fn translate(&self, fault: &ClientFault) -> AttributeFault {
        let (field, place) = match fault.field.split_once('/') {
            Some((field, place)) => (field, format!("[{place}]")),
            None => (fault.field.as_str(), String::new()),
        };
        let flow = self.flow.unwrap_or("authorization_code");
        let attribute = match field {
            "redirect_uris" => "auth.authorization_code.redirect_uri".to_owned(),
            "audiences" => format!("auth.{flow}.audience{place}"),
            "access_token_lifetime" => format!("auth.{flow}.access_token_expiration"),
            "refresh_token_lifetime" | "refresh_token_idle" => format!("auth.{flow}.refresh_token_expiration"),
            "pkce" => "auth.authorization_code.pkce".to_owned(),
            "cors_origins" => format!("allowed_origins{place}"),
            "scopes" => format!("scope{place}"),
            other => format!("{other}{place}"),
        };
        AttributeFault::new(attribute, fault.detail.clone())
    }
}

fn grants(reading: &mut Reading, all: &Part<'_>) -> Vec<GrantType> {
    let mut grants = Vec::new();
    for (attribute, name) in reading.texts(all, "grant_types") {
        let grant = match name {
            "code" => Some(GrantType::AuthorizationCode),
            // A token in a fragment (RFC 9700 section 2.1.2 forbids it), and the secret with every call: neither is offered.
            "implicit" | "basic" => {
                reading.idle.push(attribute);
                continue;
            }
            name => GrantType::from_name(name),
        };
        match grant {
            Some(grant) if grants.contains(&grant) => {}
            Some(grant) => grants.push(grant),
            None => reading.fault(
                attribute,
                "must be code, authorization_code, client_credentials, password, refresh_token, \
                 urn:ietf:params:oauth:grant-type:token-exchange or urn:ietf:params:oauth:grant-type:device_code",
            ),
        }
    }
    grants
}

fn flow(reading: &mut Reading, part: &Part<'_>) -> Flow {
    let format = reading.text(part, "token_format").and_then(|format| {
        if format == "jwt" {
            return Some(TokenFormat::Jwt);
        }
        reading.fault(
            part.name_of("token_format"),
            "must be jwt; without it tokens are opaque",
        );
        None
    });
    let mut audience = Vec::new();
    for (attribute, text) in reading.texts(part, "audience") {
        if text.starts_with('#') {
            reading.fault(attribute, "must not be a pattern: name each audience");
        } else {
            audience.push(text.to_owned());
        }
    }
    let mut takes_assertions = false;
    for (attribute, kind) in reading.texts(part, "client_assertion_types") {
        if kind == JWT_BEARER {
            takes_assertions = true;
        } else {
            reading.fault(attribute, format!("must be {JWT_BEARER}"));
        }
    }
    Flow {
        access_token: reading.seconds(part, "access_token_expiration", EXPIRATION),
        format,
        audience,
        refresh_token: reading.boolean(part, "refresh_token"),
        refresh_token_expiration: reading
            .seconds(part, "refresh_token_expiration", EXPIRATION)
            .map(|asked| asked.min(CLIENT_SESSION_MAX)),
        redirect_uri: reading.text(part, "redirect_uri").map(str::to_owned),
        secret_required: reading.boolean(part, "secret_required"),
        pkce: reading.boolean(part, "pkce"),
        takes_assertions,
    }
}

/// What the flows say must be the same, because a client has one of each here.
fn agree(reading: &mut Reading, used: &[(&'static str, Flow)]) {
    let Some(((first, one), others)) = used.split_first() else {
        return;
    };
    for (name, other) in others {
        for (attribute, same) in [
            ("access_token_expiration", one.access_token == other.access_token),
            ("token_format", one.format == other.format),
            ("audience", one.audience == other.audience),
            (
                "refresh_token_expiration",
                one.refresh_token_expiration == other.refresh_token_expiration,
            ),
        ] {
            if !same {
                let detail = format!("must be the same as auth.{first}.{attribute}: a client has one here");
                reading.fault(format!("auth.{name}.{attribute}"), detail);
            }
        }
    }
}

/// What decides how a client proves which one it is.
struct Proof<'a> {
    has_secret: bool,
    flows: &'a [(&'static str, Flow)],
    grants: &'a [GrantType],
}

impl Proof<'_> {
    fn judge(&self, reading: &mut Reading) -> ClientAuthentication {
        if self.flows.iter().any(|(_, flow)| flow.takes_assertions) {
            return ClientAuthentication::PrivateKeyJwt;
        }
        let requires = self.flows.iter().find(|(_, flow)| flow.secret_required == Some(true));
        if !self.has_secret {
            if let Some((name, _)) = requires {
                reading.fault(
                    "secret",
                    format!("is needed, because auth.{name}.secret_required is true"),
                );
            }
            return ClientAuthentication::None;
        }
        // Whoever keeps its secret to itself sends it; an application in a browser proves its code with a key instead.
        let acts_alone = [GrantType::ClientCredentials, GrantType::TokenExchange]
            .iter()
            .any(|grant| self.grants.contains(grant));
        let uses_pkce = self.flows.iter().any(|(_, flow)| flow.pkce == Some(true));
        if requires.is_none() && uses_pkce && !acts_alone {
            ClientAuthentication::None
        } else {
            ClientAuthentication::Secret
        }
    }
}

/// Public keys. Private ones are no business of the service, and would be kept in the document whether or not they act.
fn keys(reading: &mut Reading, all: &Part<'_>) -> Option<Node> {
    let keys = Reading::node(all, "jwks")?;
    let each = match keys {
        Node::List(keys) => keys.as_slice(),
        one => std::slice::from_ref(one),
    };
    let in_set = each
        .iter()
        .filter_map(|key| key.get("keys"))
        .flat_map(|keys| match keys {
            Node::List(keys) => keys.as_slice(),
            one => std::slice::from_ref(one),
        });
    let is_private = |key: &Node| PRIVATE.iter().any(|name| key.get(name).is_some());
    if each.iter().chain(in_set).any(is_private) {
        reading.fault("jwks", "must hold public keys only");
        return None;
    }
    Some(keys.clone())
}

fn secret(reading: &mut Reading, all: &Part<'_>) -> Option<Password> {
    let text = reading.text(all, "secret")?;
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        reading.fault(
            "secret",
            "must be the secret itself: this is the form of a hash, which nobody can log in with",
        );
        return None;
    }
    let secret = Password::new(text).filter(|_| !text.is_empty());
    if secret.is_none() {
        reading.fault("secret", "must have 1 to 256 characters");
    }
    secret
}

fn name<'a>(reading: &mut Reading, all: &Part<'a>) -> Option<&'a str> {
    let name = reading.text(all, "name")?;
    let is_name =
        !name.trim().is_empty() && name.chars().count() <= CLIENT_NAME_MAX && !name.chars().any(char::is_control);
    if !is_name {
        reading.fault(
            "name",
            "must have 1 to 128 characters, none of them a control character",
        );
    }
    is_name.then_some(name)
}

/// Without scopes of its own, a client may ask who logged in; one of the operator's may also look after the account.
fn scopes(reading: &mut Reading, all: &Part<'_>, is_first: bool) -> Scopes {
    let mut scopes = Vec::new();
    for (attribute, name) in reading.texts(all, "scope") {
        match Scope::from_name(name) {
            Some(scope) => scopes.push(scope),
            None => reading.fault(
                attribute,
                "must have 1 to 64 printable ASCII characters without spaces and quotes",
            ),
        }
    }
    if !scopes.is_empty() {
        return scopes.into_iter().collect();
    }
    let own = is_first.then_some(Scope::Account);
    [Scope::OpenId, Scope::Profile, Scope::Email]
        .into_iter()
        .chain(own)
        .collect()
}

#[cfg(test)]
mod tests;
