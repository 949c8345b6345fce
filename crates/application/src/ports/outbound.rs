//! What leaves the house by HTTP: webhooks and notices to clients.

use std::time::Duration;

use async_trait::async_trait;
use zeroize::Zeroizing;

/// A request to an address that an administrator or a client named. It may hold credentials and codes, hence no `Debug`.
pub struct OutboundPost {
    /// The URL, as it was configured.
    pub endpoint: String,
    /// The media type of `body`.
    pub content_type: String,
    /// Further headers, names and values. Those that would change the framing of the request MUST be refused; see
    /// `domain::webhook::WebhookHeaders`, which refuses them where they are configured.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Zeroizing<Vec<u8>>,
    /// How long all of it may take: resolving the name, connecting, TLS, sending, and the whole answer.
    pub timeout: Duration,
}

/// The receiver took it: a status of 200 to 299. What else it answered is thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboundAnswer {
    /// The status.
    pub status: u16,
}

/// Why nothing was delivered, or nobody knows whether it was. No variant repeats the endpoint or a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// Nothing was sent: the service must not call this address. Trying again is of no use.
    #[error("the service does not call this address: {0}")]
    Refused(OutboundRefusal),
    /// It took too long.
    #[error("no answer came in time")]
    Timeout,
    /// The name has no address, nobody listens there, the certificate is not believed, or the connection broke.
    #[error("the connection failed")]
    Connection,
    /// Another status than 200 to 299. A redirect is one of these: it is not followed.
    #[error("the receiver answered with status {0}")]
    Status(u16),
    /// The answer was larger than any that is waited for.
    #[error("the answer is too large")]
    TooLarge,
}

/// Why an address is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutboundRefusal {
    /// It is not a URL.
    #[error("it is not a URL with a host")]
    NotUrl,
    /// Its scheme is not `https`, nor `http` where that is allowed.
    #[error("its scheme is not allowed")]
    Scheme,
    /// It holds a user or a password.
    #[error("it has a user or a password")]
    UserInfo,
    /// It is, or its name leads to, this machine, a private network, or no single machine at all.
    #[error("it is not on the public internet")]
    Address,
    /// A header has no right form, or would change the framing of the request.
    #[error("a header cannot be sent")]
    Header,
}

/// The only way by which the service calls others.
///
/// An adapter MUST refuse addresses that are not public unless its configuration allows them, MUST connect to no other address
/// than those it checked, MUST NOT follow a redirect, and MUST end at the timeout whatever the receiver does.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Outbound: Send + Sync {
    /// Sends `post` once.
    async fn post(&self, post: OutboundPost) -> Result<OutboundAnswer, OutboundError>;
}
