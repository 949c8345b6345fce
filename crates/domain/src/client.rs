//! Client applications (RFC 6749 section 2): what one may ask for, and how it proves which one it is.

use std::time::Duration;

use crate::factor::{FactorPolicy, Proved};
use crate::redirect_uri::RedirectUri;
use crate::scope::{Scope, Scopes};
use crate::secret::{Digest, PasswordHash};
use crate::time::Timestamp;

pub use crate::client_id::{CLIENT_ID_MAX, ClientId, InvalidClientId};

/// The longest name of a client that is shown to people, in characters.
pub const CLIENT_NAME_MAX: usize = 128;
/// The longest life of an access token that a client may be given.
pub const CLIENT_TOKEN_MAX: Duration = crate::claims::ACCESS_TOKEN_MAX;

/// A way to get tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GrantType {
    /// A code from the authorization endpoint (RFC 6749 section 4.1).
    AuthorizationCode,
    /// Refresh tokens (RFC 6749 section 6).
    RefreshToken,
    /// The client for itself (RFC 6749 section 4.4).
    ClientCredentials,
    /// A device without a browser (RFC 8628).
    DeviceCode,
    /// A token for a token (RFC 8693).
    TokenExchange,
    /// Name, password and second factor in the token request, for migration only (RFC 9700 section 2.4 advises against it).
    Password,
}

impl GrantType {
    /// Every grant type.
    pub const ALL: [Self; 6] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::DeviceCode,
        Self::TokenExchange,
        Self::Password,
    ];

    /// The value of `grant_type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::Password => "password",
        }
    }

    /// The grant type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.name() == name)
    }
}

/// The form of a client's access tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenFormat {
    /// A JWT (RFC 9068).
    Jwt,
    /// A reference, which only introspection can read (RFC 7662).
    Opaque,
}

impl TokenFormat {
    /// The name in requests, answers and the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::Opaque => "opaque",
        }
    }

    /// The format of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Jwt, Self::Opaque]
            .into_iter()
            .find(|format| format.name() == name)
    }
}

/// How a client proves which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientAuthentication {
    /// It does not: a public client (RFC 6749 section 2.1), which must use PKCE.
    None,
    /// By a secret, as HTTP Basic or in the body (RFC 6749 section 2.3.1).
    Secret,
    /// By an assertion signed with one of its keys (RFC 7523 section 2.2).
    PrivateKeyJwt,
}

impl ClientAuthentication {
    /// The name in requests, answers and the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Secret => "client_secret",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    /// The one of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::None, Self::Secret, Self::PrivateKeyJwt]
            .into_iter()
            .find(|authentication| authentication.name() == name)
    }
}

/// A client's secret as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum StoredClientSecret {
    /// Made here, with so much entropy that a keyed digest is enough.
    Generated(Digest),
    /// Brought from elsewhere, and perhaps guessable: hashed like a password.
    Chosen(PasswordHash),
}

/// Whether a code must be bound to a proof key (RFC 7636).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pkce {
    /// Always. The only choice for a public client.
    Required,
    /// If the client sends a challenge.
    Optional,
}

impl Pkce {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
        }
    }
}

/// Whether a client may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientState {
    /// It may.
    Active,
    /// It may not; nothing of it is refreshed either.
    Disabled,
}

impl ClientState {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// Whose application it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// The operator's own: nobody is asked for consent.
    First,
    /// Somebody else's.
    Third,
}

impl Party {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Third => "third",
        }
    }
}

/// A client application.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    /// Its identity.
    pub id: ClientId,
    /// What people are shown.
    pub name: String,
    /// Whether it may be used.
    pub state: ClientState,
    /// Whose it is.
    pub party: Party,
    /// How it proves which one it is.
    pub authentication: ClientAuthentication,
    /// The secret, for [`ClientAuthentication::Secret`].
    pub secret: Option<StoredClientSecret>,
    /// Its public keys as a JWK Set (RFC 7517 section 5) in JSON, for [`ClientAuthentication::PrivateKeyJwt`].
    pub jwks: Option<String>,
    /// What it may ask for tokens with.
    pub grant_types: Vec<GrantType>,
    /// Where answers of the authorization endpoint may go, compared as in [`RedirectUri::admits`].
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a browser may go after a logout.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where logout tokens are sent (OpenID Connect Back-Channel Logout section 2.2).
    pub backchannel_logout_uri: Option<String>,
    /// The scopes it may ask for.
    pub scopes: Scopes,
    /// The resources its tokens may be for (RFC 8707). The first is the default; without any, this service itself.
    pub audiences: Vec<String>,
    /// How long an access token lives.
    pub access_token_lifetime: Duration,
    /// The form of access tokens.
    pub token_format: TokenFormat,
    /// How long a session of this client lives, however much it is refreshed.
    pub refresh_token_lifetime: Duration,
    /// How long a refresh token that is not used lives.
    pub refresh_token_idle: Duration,
    /// Whether codes must be bound to a proof key.
    pub pkce: Pkce,
    /// Whether authorization requests must be pushed (RFC 9126 section 6).
    pub requires_pushed_requests: bool,
    /// Which second factors a login for it may use, besides what the account's own policy demands; `None` for all.
    pub factors: Option<FactorPolicy>,
    /// The web origins whose scripts may call the token endpoint for it.
    pub cors_origins: Vec<String>,
    /// Counts changes, for conditional updates.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Client {
    /// Whether it may be used.
    pub fn is_active(&self) -> bool {
        self.state == ClientState::Active
    }

    /// Whether it may ask for tokens in this way.
    pub fn may(&self, grant: GrantType) -> bool {
        self.is_active() && self.grant_types.contains(&grant)
    }

    /// Whether what was proved is enough for it, besides what the account's own policy demands.
    pub fn admits(&self, proved: &Proved) -> bool {
        self.factors.as_ref().is_none_or(|factors| factors.admits(proved))
    }

    /// The scopes of a request that names none: all that it may have, but for those that must be asked for by name.
    pub fn default_scopes(&self) -> Scopes {
        self.scopes.without(&Scope::OpenId).without(&Scope::OfflineAccess)
    }

    /// Whether it cannot keep a secret (RFC 6749 section 2.1).
    pub fn is_public(&self) -> bool {
        self.authentication == ClientAuthentication::None
    }
}
