//! Writing down that a client is to be told of the end of a session (OpenID Connect Back-Channel Logout).

use domain::client::ClientId;
use domain::id::NoticeId;
use domain::logout_notice::LogoutNotice;
use domain::session::Session;

use crate::core::Core;
use crate::ports::{StoreError, Transaction};

/// Notes it for each of these sessions whose client wants to know. Comes after sessions and before revocations, in the
/// transaction that ends them, so that no end is forgotten.
pub(crate) async fn write(core: &Core, tx: &mut dyn Transaction, ended: &[Session]) -> Result<(), StoreError> {
    for session in ended {
        // The service's own sessions belong to no client.
        let Ok(id) = ClientId::parse(&session.client_id) else {
            continue;
        };
        let client = tx.oauth().clients().find(&id).await?;
        let Some(endpoint) = client.and_then(|client| client.backchannel_logout_uri) else {
            continue;
        };
        let notice = LogoutNotice {
            id: NoticeId::from_random(core.random_id()),
            client: id,
            endpoint,
            user: session.user,
            session: session.id,
            attempts: 0,
            due_at: core.now(),
        };
        tx.oauth().logout_notices().insert(&notice).await?;
    }
    Ok(())
}
