//! The profile in which the service speaks as the Orion user service does, at that service's own addresses: its clients come
//! here unchanged. It is one more adapter over the use cases that everything else goes through, so it opens no way around
//! them. Where that service is weak this one answers in its shapes and does not do the same; `docs/orion.md` lists every
//! difference.
//!
//! Two generations of that service are spoken: its version 0.0.3 below `/api/users`, and 0.0.6 below `/users`.

mod absent;
mod account;
mod administration;
mod answer;
mod bearer;
mod body;
mod first;
mod form;
mod login;
mod profile;
mod qr_code;
mod refusal;
mod sign_in;
mod update;

use poem_openapi::OpenApi;

/// What the addresses of the profile begin with.
const BASES: [&str; 2] = ["/users/", "/api/users/"];

/// The chapter of the profile in the API document.
pub(crate) const CHAPTER: &str = "Orion";

/// Whether an address is one of the profile.
pub(crate) fn owns(pattern: &str) -> bool {
    BASES.iter().any(|base| pattern.starts_with(base))
}

/// Every operation of the profile.
pub(crate) fn operations() -> impl OpenApi {
    (
        first::FirstApi,
        sign_in::SignInApi,
        account::AccountApi,
        profile::ProfileApi,
        administration::AdministrationApi,
        absent::AbsentApi,
    )
}
