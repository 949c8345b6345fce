//! Comparing the assertion of a client (RFC 7523): signed with one of its keys, for this service, and each once.

use domain::client::{Client, ClientId};
use domain::client_assertion::AssertionExpectation;
use domain::id::TokenId;

use super::authenticate::ClientRefusal;
use crate::core::Core;
use crate::ports::Consumption;

/// The addresses at which a client may authenticate, each of which its assertions may be for, besides the issuer (RFC 9126
/// section 2).
const ENDPOINTS: [&str; 6] = [
    "/auth/token",
    "/auth/par",
    "/auth/introspect",
    "/auth/revoke",
    "/auth/device_authorization",
    "/auth/challenge",
];

/// The client that an assertion claims to be of. Nothing of it is believed yet.
pub(super) fn client_of(core: &Core, assertion: &str) -> Option<ClientId> {
    core.ports.client_keys.client_of(assertion).ok()
}

/// The client, if the assertion is its own, good now, and new.
pub(super) async fn check(core: &Core, client: Client, assertion: &str) -> Result<Option<Client>, ClientRefusal> {
    let keys = client.jwks.as_deref().map(|jwks| core.ports.client_keys.read(jwks));
    let Some(Ok(keys)) = keys else { return Ok(None) };
    let Ok(claims) = keys.verify(assertion) else {
        return Ok(None);
    };
    let expectation = &core.policies.expectation;
    let issuer = &expectation.issuer;
    let endpoints = ENDPOINTS.iter().map(|path| format!("{issuer}{path}"));
    let expected = AssertionExpectation {
        audiences: endpoints.chain([issuer.clone()]).collect(),
        leeway: expectation.leeway,
    };
    let Ok(until) = expected.admit(&claims, &client.id, core.now()) else {
        return Ok(None);
    };
    let mut tx = core.ports.store.begin().await?;
    let first = tx
        .spent_tokens()
        .spend(identity(core, &client.id, &claims.id), until)
        .await?;
    tx.commit().await?;
    match first {
        Consumption::First => Ok(Some(client)),
        Consumption::Spent => Ok(None),
    }
}

/// What an assertion is remembered by: its `jti` means something for its client only.
fn identity(core: &Core, client: &ClientId, jti: &str) -> TokenId {
    TokenId::from_random(core.digest_client_assertion(client, jti).first_half())
}
