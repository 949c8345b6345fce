//! The Aidbox profile: its resources are ways to write and read accounts and clients of ours, and its settings change how logins
//! look and which codes they accept. Nothing here decides whether a login is good.

pub mod auth_config;
pub mod json;
pub mod resources;
pub mod send_code;
pub mod two_factor;

mod clients;
mod configs;
mod second_factor;
mod users;

use std::sync::Arc;

pub use self::auth_config::{AuthConfigInEffect, AuthConfigs};
pub use self::resources::{ManageResources, ResourceError, ShownResource, Written};
pub use self::send_code::{CodeReason, CodeSender, CodeSending};
pub use self::two_factor::{TwoFactor, TwoFactorConfirmError, TwoFactorRequest, TwoFactorRequestError};
use crate::core::Core;
use crate::revocation_feed::RevocationFeed;

/// The use cases of the profile.
pub struct Aidbox {
    /// Writes, reads and deletes resources.
    pub resources: ManageResources,
    /// The settings of logging in that apply.
    pub configs: AuthConfigs,
    /// Sends one-time codes.
    pub codes: CodeSender,
    /// Enrols an authenticator in two calls.
    pub two_factor: TwoFactor,
}

impl Aidbox {
    pub(crate) fn new(core: &Arc<Core>, feed: &Arc<RevocationFeed>) -> Self {
        Self {
            resources: ManageResources::new(Arc::clone(core), Arc::clone(feed)),
            configs: AuthConfigs::new(Arc::clone(core)),
            codes: CodeSender::new(Arc::clone(core)),
            two_factor: TwoFactor::new(Arc::clone(core), Arc::clone(feed)),
        }
    }
}
