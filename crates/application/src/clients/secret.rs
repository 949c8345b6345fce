//! Comparing the secret of a client. Generated ones have so much entropy that a digest is compared at once; a chosen one is a
//! guess like any password: charged, committed, then compared. Who a client is is no secret (RFC 6749 section 2.2), so no work is
//! done for one that does not exist, or that is held: strangers would have it done for nothing.

use domain::client::{Client, StoredClientSecret};
use domain::event::EventKind;
use domain::lockout::Budget;
use domain::secret::{ClientSecret, Password, PasswordHash};
use domain::session::Origin;
use zeroize::Zeroizing;

use super::authenticate::ClientRefusal;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::PasswordCheck;
use crate::sign_in::{Gate, attempts_of, proof};

/// Where a call comes from.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub origin: &'a Origin,
    pub network: &'a str,
}

/// The client, if what was sent for it is its secret. `id` is what the request calls it, whether or not there is one.
pub(super) async fn check(
    core: &Core,
    gate: &Gate,
    id: &str,
    client: Option<Client>,
    sent: Zeroizing<String>,
    call: Call<'_>,
) -> Result<Option<Client>, ClientRefusal> {
    let stored = client.as_ref().and_then(|client| client.secret.clone());
    let is_right = match stored {
        Some(StoredClientSecret::Generated(kept)) => {
            ClientSecret::parse(&sent).is_ok_and(|secret| core.digest_client_secret(&secret) == kept)
        }
        Some(StoredClientSecret::Chosen(hash)) => guess(core, gate, id, hash, sent, call).await?,
        None => false,
    };
    Ok(client.filter(|_| is_right))
}

/// Compares a chosen secret. A wrong one is written down; there are only so many before the client is held.
async fn guess(
    core: &Core,
    gate: &Gate,
    id: &str,
    hash: PasswordHash,
    sent: Zeroizing<String>,
    call: Call<'_>,
) -> Result<bool, ClientRefusal> {
    let Some(sent) = Password::new(&sent) else {
        return Ok(false);
    };
    let key = attempts_of(core.stand_in_for_client(id), Budget::ClientSecret);
    let _place = gate.enter(key.account, call.network).await?;
    // Before the charge: whom a busy service turns away has made no attempt.
    let hashing = core.hashing.place()?;
    let mut tx = core.ports.store.begin().await?;
    let charge = proof::charge(core, tx.as_mut(), key.clone(), core.now()).await?;
    let Ok(charge) = charge else {
        return Ok(false);
    };
    let _charged = charge.committed(tx).await?;
    match hashing.check(sent, Some(hash)).await? {
        PasswordCheck::Wrong => {
            let entry = Entry {
                kind: EventKind::ClientRefused,
                actor: None,
                subject: None,
                origin: call.origin,
                details: &[("client", id)],
            };
            audit::record_alone(core, entry).await?;
            Ok(false)
        }
        PasswordCheck::Right | PasswordCheck::RightOutdated => {
            let mut tx = core.ports.store.begin().await?;
            tx.attempts().clear(&key).await?;
            tx.commit().await?;
            Ok(true)
        }
    }
}
