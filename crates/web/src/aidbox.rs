//! The profile in which the service speaks as Aidbox does about accounts, clients and logins: its resources, as JSON or YAML, and
//! its operations on second factors. One more adapter over the use cases that everything else goes through; `docs/aidbox.md`
//! lists every difference.

mod answer;
mod mapping;
mod notation;
mod resources;
mod session;
mod two_factor;
mod yaml;

use poem_openapi::OpenApi;

/// The chapter of the profile in the API document.
pub(crate) const CHAPTER: &str = "Aidbox";

/// What addresses of resources begin with.
const RESOURCES: [&str; 3] = ["/AuthConfig", "/Client", "/User"];

/// Whether an address is one of the profile.
pub(crate) fn owns(pattern: &str) -> bool {
    let is_resource = |base: &str| {
        let rest = pattern.strip_prefix(base);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    RESOURCES.into_iter().any(is_resource) || takes_codes(pattern) || pattern == "/Session"
}

/// Whether an address is one to which codes are sent, or that sends some.
pub(crate) fn takes_codes(pattern: &str) -> bool {
    pattern.starts_with("/app/auth/two-factor/")
}

/// Every operation of the profile.
pub(crate) fn operations() -> impl OpenApi {
    (resources::ResourcesApi, two_factor::TwoFactorApi, session::SessionApi)
}
