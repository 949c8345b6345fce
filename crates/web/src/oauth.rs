//! The authorization server as programs see it (RFC 6749 and its kin): forms in, JSON out, errors in the shape of OAuth.

mod answer;
mod challenge;
mod client;
mod device;
mod discovery;
mod introspect;
mod mapping;
mod parameters;
mod password;
mod push;
mod refusal;
mod revoke;
mod token;
mod userinfo;

use poem_openapi::OpenApi;

pub(crate) use self::refusal::reshape;

/// The chapter in the API document.
pub(crate) const CHAPTER: &str = "OAuth";

/// The addresses whose errors are in the shape of OAuth.
const ENDPOINTS: [&str; 7] = [
    "/auth/challenge",
    "/auth/device_authorization",
    "/auth/introspect",
    "/auth/par",
    "/auth/revoke",
    "/auth/token",
    "/auth/userinfo",
];

/// The addresses at which the server describes itself.
const DISCOVERY: [&str; 2] = [
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
];

/// Whether an address is one of the authorization server's endpoints for programs.
pub(crate) fn is_endpoint(pattern: &str) -> bool {
    ENDPOINTS.contains(&pattern)
}

/// Whether an address belongs to the authorization server, and exists only where that is switched on.
pub(crate) fn owns(pattern: &str) -> bool {
    pattern.starts_with("/auth/")
        || DISCOVERY.contains(&pattern)
        || pattern.starts_with("/v1/admin/clients")
        || pattern.starts_with("/v1/me/consents")
}

/// Whether scripts of the web origins of clients may call an address. They may not call pages, which act for whoever is logged
/// in (RFC 9700 section 2.6).
pub(crate) fn admits_scripts_of_clients(pattern: &str) -> bool {
    is_endpoint(pattern) || DISCOVERY.contains(&pattern) || pattern == "/.well-known/jwks.json"
}

/// Every operation of the authorization server.
pub(crate) fn operations() -> impl OpenApi {
    (
        token::TokenEndpoint,
        introspect::IntrospectionEndpoint,
        revoke::RevocationEndpoint,
        userinfo::UserInfoEndpoint,
        push::PushEndpoint,
        device::DeviceEndpoint,
        challenge::ChallengeEndpoint,
        discovery::DiscoveryApi,
    )
}
