//! What the tests send.

use std::time::Duration;

use application::ports::{Outbound, OutboundError, OutboundPost};
use delivery::{HttpOutbound, Options};

/// May go where the tests' servers are.
pub fn lenient() -> HttpOutbound {
    HttpOutbound::open(Options {
        allow_private_networks: true,
        allow_http: true,
        ca_file: None,
    })
    .unwrap()
}

/// A post that may take this long.
pub fn post_within(endpoint: &str, timeout: Duration) -> OutboundPost {
    OutboundPost {
        endpoint: endpoint.to_owned(),
        content_type: "application/json".to_owned(),
        headers: vec![("Authorization".to_owned(), "Basic cm9vdDpzZWNyZXQ=".to_owned())],
        body: br#"{"token":"123456"}"#.to_vec().into(),
        timeout,
    }
}

/// Sends one that may take long, and tells the status or what went wrong.
pub async fn deliver(outbound: &HttpOutbound, endpoint: &str) -> Result<u16, OutboundError> {
    let post = post_within(endpoint, Duration::from_secs(20));
    outbound.post(post).await.map(|answer| answer.status)
}
