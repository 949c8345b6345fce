//! What a success does to the counters of attempts.
//!
//! A secret key is replayable, and its success says nothing about guesses at one-time codes: whoever holds a key, or a key and
//! a token, would otherwise guess at the codes of the account without bound, a success after every few failures, and come to
//! prove more than a key. Beside an authenticator, a key takes back what it was charged itself and forgives nothing else.

use domain::factor::{Enrolled, FactorType};
use domain::id::UserId;

use super::factors::enrolled;
use crate::ports::{AttemptKey, StoreError, Transaction};

/// Settles the counters after a second factor was proved: `charged` was charged for it, `others` are to be set back besides.
/// The account must be held.
pub(crate) async fn settle(
    tx: &mut dyn Transaction,
    user: UserId,
    factor: FactorType,
    charged: Option<&AttemptKey>,
    others: &[AttemptKey],
) -> Result<(), StoreError> {
    let forgives = factor != FactorType::SecretKey || enrolled(tx, user).await? == Enrolled::No;
    let mut keys: Vec<_> = others.iter().map(|key| (key, false)).collect();
    keys.extend(charged.map(|key| (key, true)));
    // Whoever holds two counters takes them in this order, or two logins of one account could wait for each other.
    keys.sort_unstable();
    for (key, is_charged) in keys {
        if forgives || !key.budget.bounds_guesses_at_codes() {
            tx.attempts().clear(key).await?;
        } else if is_charged {
            let tally = tx.attempts().hold(key).await?;
            tx.attempts().record(key, tally.refunded()).await?;
        }
    }
    Ok(())
}
