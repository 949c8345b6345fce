//! The operations: each reads its request, calls one use case, and writes the answer.

pub(crate) mod admin_clients;
pub(crate) mod admin_events;
pub(crate) mod admin_factors;
pub(crate) mod admin_keys;
pub(crate) mod admin_users;
pub(crate) mod authenticator;
pub(crate) mod authenticators;
pub(crate) mod consents;
pub(crate) mod enrolment;
pub(crate) mod factors;
pub(crate) mod keys;
pub(crate) mod me;
pub(crate) mod my_events;
pub(crate) mod recovery_codes;
pub(crate) mod resource;
pub(crate) mod service;
pub(crate) mod sessions;
pub(crate) mod token;
pub(crate) mod users;

use poem_openapi::{OpenApi, Tags};

use crate::{aidbox, oauth, orion};

/// The chapters of the document.
#[derive(Tags)]
pub(crate) enum Chapter {
    /// First: make an account and keep its secret key.
    Register,
    /// Second: prove both factors, get a token. Then press *Authorize* at the top and paste the `access_token`.
    Token,
    /// Third: call something that only a proven caller may call.
    Resource,
    /// Fourth: have an app or a hardware token make one-time codes, which prove more than a secret key. Enrol it with a token below
    /// `/v1/me/authenticators`, or below `/v1/enrolment` within a login that asks for it.
    Authenticators,
    /// Look after your own account. Needs the scope `account`.
    Account,
    /// Look after all accounts, the signing keys and the audit log. Needs the scope `admin`.
    Administration,
    /// What the service says about itself. Nobody needs to log in for this.
    Service,
    /// The authorization server for client applications: OAuth 2.0 and OpenID Connect. Only where `oauth.enabled` is set; its pages
    /// for people, `/auth/authorize` and the rest, are not in this document. Errors are those of RFC 6749.
    OAuth,
    /// The Orion user service, as its clients know it: version 0.0.3 below `/api/users`, 0.0.6 below `/users`. Only where
    /// `compat.orion` is enabled; elsewhere these addresses do not exist.
    Orion,
    /// Aidbox, as its clients know it: accounts, clients and settings of logging in as resources, and second factors. Only where
    /// `compat.aidbox` is enabled; elsewhere these addresses do not exist.
    Aidbox,
}

/// Every operation of the service itself.
pub(crate) fn operations() -> impl OpenApi {
    (
        users::UsersApi,
        token::TokenApi,
        token::step_up::StepUpApi,
        resource::ResourceApi,
        (
            enrolment::EnrolmentApi,
            authenticators::AuthenticatorsApi,
            recovery_codes::RecoveryCodesApi,
        ),
        me::MeApi,
        sessions::SessionsApi,
        my_events::MyEventsApi,
        consents::ConsentsApi,
        (
            admin_users::AdminUsersApi,
            admin_factors::AdminFactorsApi,
            admin_clients::AdminClientsApi,
        ),
        admin_keys::AdminKeysApi,
        admin_events::AdminEventsApi,
        keys::KeysApi,
        service::ServiceApi,
    )
}

/// Those, and the ones of every profile.
pub(crate) fn all_operations() -> impl OpenApi {
    (
        operations(),
        oauth::operations(),
        orion::operations(),
        aidbox::operations(),
    )
}
