//! One reading of the ring: which key signs what, and which keys are believed for what.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::claims::TokenFault;
use domain::signing_key::{KeyPurpose, KeyState, Kid, SigningKey};

use super::ring::{RingError, seal_identity};
use crate::ports::{PublicJwk, Sealer, SigningHandle, TokenKeys, VerifyingHandle};

#[derive(Clone)]
struct Signer {
    kid: Kid,
    handle: Arc<dyn SigningHandle>,
}

/// A key that is believed, for one purpose (RFC 8725 section 3.12).
#[derive(Clone)]
struct Believed {
    purpose: KeyPurpose,
    handle: Arc<dyn VerifyingHandle>,
}

/// What a node knows of the ring.
#[derive(Default)]
pub(super) struct View {
    /// Counts the views of this node that differed.
    pub(super) generation: u64,
    active: BTreeMap<KeyPurpose, Signer>,
    believed: HashMap<Kid, Believed>,
    published: Vec<PublicJwk>,
}

impl View {
    /// The view after `before`. Keys that are known from it are not prepared again.
    pub(super) fn after(
        before: &Self,
        keys: &[SigningKey],
        sealer: &dyn Sealer,
        token_keys: &dyn TokenKeys,
    ) -> Result<Self, RingError> {
        let mut view = Self {
            generation: before.generation + 1,
            ..Self::default()
        };
        for key in keys.iter().filter(|key| key.state.is_published()) {
            let believed = match before.believed.get(&key.kid) {
                Some(known) => known.clone(),
                None => Believed {
                    purpose: key.purpose,
                    handle: token_keys.verifying(&key.kid, key.algorithm, &key.public_der)?,
                },
            };
            view.published.push(believed.handle.jwk());
            view.believed.insert(key.kid.clone(), believed);
            if key.state == KeyState::Active {
                let known = before.active.get(&key.purpose).filter(|known| known.kid == key.kid);
                let signer = match known {
                    Some(known) => known.clone(),
                    None => Signer {
                        kid: key.kid.clone(),
                        handle: open(key, sealer, token_keys)?,
                    },
                };
                view.active.insert(key.purpose, signer);
            }
        }
        Ok(view)
    }

    /// Whether the same keys sign and the same are believed.
    pub(super) fn says_the_same_as(&self, other: &Self) -> bool {
        let signers = |view: &Self| -> Vec<_> {
            let kids = view
                .active
                .iter()
                .map(|(purpose, signer)| (*purpose, signer.kid.clone()));
            kids.collect()
        };
        signers(self) == signers(other) && self.published == other.published
    }

    /// The key that signs for `purpose`.
    pub(super) fn signer(&self, purpose: KeyPurpose) -> Option<&dyn SigningHandle> {
        self.active.get(&purpose).map(|signer| signer.handle.as_ref())
    }

    /// The key of that name, if it is believed for `purpose`: one that is in the ring for something else is as good as
    /// unknown. `None` if the name is not in the ring.
    pub(super) fn verifier(
        &self,
        kid: &Kid,
        purpose: KeyPurpose,
    ) -> Option<Result<Arc<dyn VerifyingHandle>, TokenFault>> {
        let believed = self.believed.get(kid)?;
        Some(if believed.purpose == purpose {
            Ok(Arc::clone(&believed.handle))
        } else {
            Err(TokenFault::UnknownKey)
        })
    }

    /// The public keys that verifiers may need, of every purpose.
    pub(super) fn published(&self) -> &[PublicJwk] {
        &self.published
    }
}

fn open(
    key: &SigningKey,
    sealer: &dyn Sealer,
    token_keys: &dyn TokenKeys,
) -> Result<Arc<dyn SigningHandle>, RingError> {
    let private = sealer
        .open(&key.private, &seal_identity(&key.kid))
        .map_err(|cause| RingError::Sealed(key.kid.clone(), cause))?;
    Ok(token_keys.signing(&key.kid, key.algorithm, &private)?)
}

#[cfg(test)]
mod tests;
