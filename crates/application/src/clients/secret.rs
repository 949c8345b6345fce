//! Comparing the secret of a client. Generated ones have so much entropy that a digest is compared at once; a chosen one is a
//! guess like any password: charged, committed, then compared. Which of the two is done depends on what was sent alone.

use domain::client::{Client, StoredClientSecret};
use domain::lockout::Budget;
use domain::secret::{ClientSecret, Password, PasswordHash};
use zeroize::Zeroizing;

use super::authenticate::ClientRefusal;
use crate::core::Core;
use crate::ports::PasswordCheck;
use crate::sign_in::{Gate, attempts_of, proof};

/// The client, if what was sent for it is its secret. `id` is what the request calls it, whether or not there is one.
pub(super) async fn check(
    core: &Core,
    gate: &Gate,
    id: &str,
    client: Option<Client>,
    sent: Zeroizing<String>,
    network: &str,
) -> Result<Option<Client>, ClientRefusal> {
    let stored = client.as_ref().and_then(|client| client.secret.clone());
    let is_right = match ClientSecret::parse(&sent) {
        Ok(secret) => {
            let digest = core.digest_client_secret(&secret);
            matches!(stored, Some(StoredClientSecret::Generated(kept)) if kept == digest)
        }
        Err(_) => {
            let hash = match stored {
                Some(StoredClientSecret::Chosen(hash)) => Some(hash),
                Some(StoredClientSecret::Generated(_)) | None => None,
            };
            guess(core, gate, id, hash, sent, network).await?
        }
    };
    Ok(client.filter(|_| is_right))
}

/// Compares a chosen secret. For a client without one the same is done, to no avail.
async fn guess(
    core: &Core,
    gate: &Gate,
    id: &str,
    hash: Option<PasswordHash>,
    sent: Zeroizing<String>,
    network: &str,
) -> Result<bool, ClientRefusal> {
    let Some(sent) = Password::new(&sent) else {
        return Ok(false);
    };
    let key = attempts_of(core.stand_in_for_client(id), Budget::ClientSecret);
    let _place = gate.enter(key.account, network).await?;
    // Before the charge: whom a busy service turns away has made no attempt.
    let hashing = core.hashing.place()?;
    let mut tx = core.ports.store.begin().await?;
    let charge = proof::charge(core, tx.as_mut(), key.clone(), core.now()).await?;
    let Ok(charge) = charge else {
        drop(tx);
        // A held client costs the same work, so that its hold cannot be seen.
        hashing.check(sent, None).await.map(drop)?;
        return Ok(false);
    };
    let _charged = charge.committed(tx).await?;
    match hashing.check(sent, hash).await? {
        PasswordCheck::Wrong => Ok(false),
        PasswordCheck::Right | PasswordCheck::RightOutdated => {
            let mut tx = core.ports.store.begin().await?;
            tx.attempts().clear(&key).await?;
            tx.commit().await?;
            Ok(true)
        }
    }
}
