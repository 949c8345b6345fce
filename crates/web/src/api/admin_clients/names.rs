//! The words for what a client application may be.

use domain::client::{ClientAuthentication, ClientState, GrantType, Party, Pkce, TokenFormat};
use domain::factor::FactorType;
use poem_openapi::Enum;

macro_rules! names {
    ($(
        $(#[$doc:meta])*
        $name:ident for $inner:ident as $shown:literal {
            $($(#[$case_doc:meta])* $text:literal $case:ident = $value:path,)+
        }
    )+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
        #[oai(rename = $shown)]
        pub(crate) enum $name {
            $($(#[$case_doc])* #[oai(rename = $text)] $case,)+
        }

        impl From<$name> for $inner {
            fn from(name: $name) -> Self {
                match name { $($name::$case => $value,)+ }
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                match value { $($value => Self::$case,)+ }
            }
        }
    )+};
}

names! {
    /// How a client application proves which one it is.
    AuthenticationName for ClientAuthentication as "ClientAuthentication" {
        /// It does not: a public client.
        "none" None = ClientAuthentication::None,
        /// By a secret.
        "client_secret" ClientSecret = ClientAuthentication::Secret,
        /// By assertions that it signs (RFC 7523).
        "private_key_jwt" PrivateKeyJwt = ClientAuthentication::PrivateKeyJwt,
    }
    /// Whether a client application may be used.
    ClientStateName for ClientState as "ClientState" {
        /// It may.
        "active" Active = ClientState::Active,
        /// It may not.
        "disabled" Disabled = ClientState::Disabled,
    }
    /// Whose application it is.
    PartyName for Party as "ClientParty" {
        /// The operator's own.
        "first" First = Party::First,
        /// Somebody else's.
        "third" Third = Party::Third,
    }
    /// A way to get tokens.
    GrantName for GrantType as "GrantType" {
        /// A code from the authorization endpoint.
        "authorization_code" AuthorizationCode = GrantType::AuthorizationCode,
        /// Refresh tokens.
        "refresh_token" RefreshToken = GrantType::RefreshToken,
        /// The client for itself.
        "client_credentials" ClientCredentials = GrantType::ClientCredentials,
        /// A device without a browser.
        "urn:ietf:params:oauth:grant-type:device_code" DeviceCode = GrantType::DeviceCode,
        /// A token for a token.
        "urn:ietf:params:oauth:grant-type:token-exchange" TokenExchange = GrantType::TokenExchange,
        /// Name, password and second factor in the token request.
        "password" Password = GrantType::Password,
    }
    /// The form of access tokens.
    TokenFormatName for TokenFormat as "TokenFormat" {
        /// JWTs (RFC 9068).
        "jwt" Jwt = TokenFormat::Jwt,
        /// References, for introspection.
        "opaque" Opaque = TokenFormat::Opaque,
    }
    /// Whether codes must be bound to a proof key (RFC 7636).
    PkceName for Pkce as "Pkce" {
        /// Always.
        "required" Required = Pkce::Required,
        /// If the client sends a challenge.
        "optional" Optional = Pkce::Optional,
    }
}

/// A second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "SecondFactorType", rename_all = "snake_case")]
pub(crate) enum SecondFactorName {
    /// A code that moves with time.
    Totp,
    /// A code that moves with a counter.
    Hotp,
    /// The secret key.
    SecretKey,
    /// A recovery code.
    RecoveryCode,
}

impl SecondFactorName {
    /// The name of a factor; none for what is no second factor.
    pub const fn of(factor: FactorType) -> Option<Self> {
        match factor {
            FactorType::Password => None,
            FactorType::Totp => Some(Self::Totp),
            FactorType::Hotp => Some(Self::Hotp),
            FactorType::SecretKey => Some(Self::SecretKey),
            FactorType::RecoveryCode => Some(Self::RecoveryCode),
        }
    }
}

impl From<SecondFactorName> for FactorType {
    fn from(name: SecondFactorName) -> Self {
        match name {
            SecondFactorName::Totp => Self::Totp,
            SecondFactorName::Hotp => Self::Hotp,
            SecondFactorName::SecretKey => Self::SecretKey,
            SecondFactorName::RecoveryCode => Self::RecoveryCode,
        }
    }
}
