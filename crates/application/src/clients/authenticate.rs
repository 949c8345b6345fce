//! Finding out which client is calling (RFC 6749 section 2.3, RFC 7523 section 2.2): by exactly one method, the one that it is
//! registered with. Whatever is wrong is answered in one way.

use std::ops::Deref;
use std::sync::Arc;

use domain::client::{Client, ClientAuthentication, ClientId};
use domain::session::Origin;
use zeroize::Zeroizing;

use super::{assertion, secret};

use crate::core::Core;
use crate::ports::{HasherBusy, StoreError};
use crate::sign_in::Gate;

/// The `client_assertion_type` of assertions that are JWTs (RFC 7523 section 2.2).
pub const JWT_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client that proved which one it is, or a public one, which need not. Only [`AuthenticateClient::execute`] makes one.
#[derive(Clone)]
pub struct AuthenticatedClient(Arc<Client>);

impl AuthenticatedClient {
    /// The client, to be kept.
    pub fn client(&self) -> &Arc<Client> {
        &self.0
    }
}

impl Deref for AuthenticatedClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

/// What a request says of its client, each part as it was sent.
#[derive(Default)]
pub struct PresentedClient {
    /// Identity and secret in `Authorization: Basic`, decoded (RFC 6749 section 2.3.1).
    pub basic: Option<(String, Zeroizing<String>)>,
    /// `client_id` in the body.
    pub client_id: Option<String>,
    /// `client_secret` in the body.
    pub client_secret: Option<Zeroizing<String>>,
    /// `client_assertion_type`.
    pub assertion_type: Option<String>,
    /// `client_assertion`.
    pub assertion: Option<String>,
}

/// Why a request is of no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientRefusal {
    /// More than one method was used, or a part of one is missing.
    #[error("{0}")]
    Malformed(&'static str),
    /// The client is unknown, disabled, or did not prove which one it is; nobody is told which.
    #[error("the client was not authenticated")]
    Refused,
    /// Too many secrets are waiting to be compared.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The one method of a request.
enum Method {
    Public(String),
    Secret(String, Zeroizing<String>),
    Assertion(String, Option<String>),
}

/// Finds out which client is calling.
pub struct AuthenticateClient {
    core: Arc<Core>,
    gate: Gate,
}

impl AuthenticateClient {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let gate = Gate::new(core.policies.lockout.free_attempts);
        Self { core, gate }
    }

    /// Decides which client a request is of. `network` is where it comes from, see [`crate::sign_in::LoginTerms::network`].
    pub async fn execute(
        &self,
        presented: PresentedClient,
        origin: &Origin,
        network: &str,
    ) -> Result<AuthenticatedClient, ClientRefusal> {
        let method = method_of(presented)?;
        let client = match method {
            Method::Public(id) => self
                .find(&id)
                .await?
                .filter(|client| client.authentication == ClientAuthentication::None),
            Method::Secret(id, sent) => {
                let client = self
                    .find(&id)
                    .await?
                    .filter(|client| client.authentication == ClientAuthentication::Secret);
                secret::check(
                    &self.core,
                    &self.gate,
                    &id,
                    client,
                    sent,
                    secret::Call { origin, network },
                )
                .await?
            }
            Method::Assertion(text, named) => {
                let id = assertion::client_of(&self.core, &text).filter(|id| {
                    // RFC 7521 section 4.2: a client_id beside it must name the same client.
                    named.as_ref().is_none_or(|named| named == id.as_str())
                });
                let client = match id {
                    Some(id) => self.find(id.as_str()).await?,
                    None => None,
                };
                match client.filter(|client| client.authentication == ClientAuthentication::PrivateKeyJwt) {
                    Some(client) => assertion::check(&self.core, client, &text).await?,
                    None => None,
                }
            }
        };
        let client = client.ok_or(ClientRefusal::Refused)?;
        Ok(AuthenticatedClient(Arc::new(client)))
    }

    async fn find(&self, id: &str) -> Result<Option<Client>, StoreError> {
        let Ok(id) = ClientId::parse(id) else { return Ok(None) };
        let mut tx = self.core.ports.store.read().await?;
        let client = tx.oauth().clients().find(&id).await?;
        Ok(client.filter(Client::is_active))
    }
}

fn method_of(presented: PresentedClient) -> Result<Method, ClientRefusal> {
    let PresentedClient {
        basic,
        client_id,
        client_secret,
        assertion_type,
        assertion,
    } = presented;
    match (basic, client_secret, assertion_type, assertion) {
        (Some((id, secret)), None, None, None) => match client_id {
            // RFC 6749 section 2.3: one method, so the body can only repeat the name.
            Some(named) if named != id => Err(ClientRefusal::Malformed(
                "client_id must be the one in the Authorization header",
            )),
            // Some libraries send a public client's name this way, with nothing for a secret.
            _ if secret.is_empty() => Ok(Method::Public(id)),
            _ => Ok(Method::Secret(id, secret)),
        },
        (None, Some(secret), None, None) => client_id
            .map(|id| Method::Secret(id, secret))
            .ok_or(ClientRefusal::Malformed("client_id is missing")),
        (None, None, Some(kind), Some(assertion)) if kind == JWT_ASSERTION => {
            Ok(Method::Assertion(assertion, client_id))
        }
        (None, None, Some(_), Some(_)) => Err(ClientRefusal::Malformed("client_assertion_type is not known here")),
        (None, None, None, None) => client_id
            .map(Method::Public)
            .ok_or(ClientRefusal::Malformed("client_id is missing")),
        (None, None, Some(_), None) | (None, None, None, Some(_)) => Err(ClientRefusal::Malformed(
            "client_assertion and client_assertion_type must be sent together",
        )),
        _ => Err(ClientRefusal::Malformed(
            "the client must use one method of authentication only",
        )),
    }
}
