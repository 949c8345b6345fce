//! An authorization request that was found good.

use std::sync::Arc;
use std::time::Duration;

use domain::authorization::ClientRequest;
use domain::client::Client;
use domain::id::UserId;
use domain::secret::Digest;

use super::answer::ReturnTo;
use super::fault::{Fault, Invalid};
use super::prompt::Prompt;

/// What a client asks for.
#[derive(Clone)]
pub struct Request {
    /// The client.
    pub client: Arc<Client>,
    /// Where its answer goes.
    pub to: ReturnTo,
    /// What it wants, as it is remembered in the code.
    pub asked: ClientRequest,
    /// The `redirect_uri` that was sent, which the token request must repeat.
    pub sent_redirect_uri: Option<String>,
    /// Which pages it wants shown.
    pub prompt: Prompt,
    /// How long ago somebody may have logged in.
    pub max_age: Option<Duration>,
    /// Values of `acr` that would be welcome.
    pub welcome_acr: Vec<String>,
    /// Values of `acr` one of which must be reached; empty for none in particular.
    pub essential_acr: Vec<String>,
    /// Who must be logged in.
    pub subject: Option<UserId>,
    /// What to write into the field for the name.
    pub login_hint: Option<String>,
    /// Which languages the person reads.
    pub ui_locales: Option<String>,
    /// The pushed request that it is, to be spent with the code.
    pub(super) pushed: Option<Digest>,
    /// An ID token as a hint who is meant, not yet looked at.
    pub(super) hint: Option<String>,
}

impl Request {
    /// The answer that there is no code, and why.
    pub fn refused(&self, fault: Fault) -> Invalid {
        Invalid::Answer(self.to.fault(fault))
    }
}
