//! A node's view of the key ring.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use domain::claims::{Claims, TokenFault};
use domain::signing_key::{KeyState, Kid, SigningKey};
use domain::time::Timestamp;
use tokio::sync::Mutex;

use crate::core::Core;
use crate::ports::{KeyFailure, PublicJwk, SigningHandle, StoreError, Unsealable, VerifyingHandle};

/// Asked for a key it does not know, a node reads the ring again, but not more often than this.
const REREAD_AT_MOST_EVERY: Duration = Duration::from_secs(1);

/// The ring cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RingError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A private key cannot be opened.
    #[error("signing key {0}: {1}")]
    Sealed(Kid, Unsealable),
    /// A key cannot be read.
    #[error(transparent)]
    Key(#[from] KeyFailure),
    /// No key is active.
    #[error("no signing key is active")]
    Empty,
}

#[derive(Default)]
struct View {
    generation: u64,
    active: Option<(Kid, Arc<dyn SigningHandle>)>,
    believed: HashMap<Kid, Arc<dyn VerifyingHandle>>,
    published: Vec<PublicJwk>,
}

/// The keys that this node signs and verifies with.
pub struct KeyRing {
    core: Arc<Core>,
    view: ArcSwap<View>,
    reading: Mutex<()>,
    reread_at: AtomicI64,
}

/// The name under which a private key is sealed.
pub(crate) fn seal_identity(kid: &Kid) -> String {
    format!("signing_keys.private.{kid}")
}

impl KeyRing {
    /// An empty view; [`KeyRing::reload`] fills it.
    pub fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            view: ArcSwap::default(),
            reading: Mutex::new(()),
            reread_at: AtomicI64::new(0),
        }
    }

    /// Reads the ring. Keys that are known already are not prepared again.
    pub async fn reload(&self) -> Result<(), RingError> {
        let _one_at_a_time = self.reading.lock().await;
        let mut tx = self.core.ports.store.read().await?;
        let keys = tx.signing_keys().published().await?;
        drop(tx);
        let before = self.view.load_full();
        let view = self.prepare(&keys, &before)?;
        let unchanged = view.active.as_ref().map(|(kid, _)| kid) == before.active.as_ref().map(|(kid, _)| kid)
            && view.published == before.published;
        if !unchanged {
            self.view.store(Arc::new(View {
                generation: before.generation + 1,
                ..view
            }));
        }
        Ok(())
    }

    fn prepare(&self, keys: &[SigningKey], before: &View) -> Result<View, RingError> {
        let ports = &self.core.ports;
        let mut view = View::default();
        for key in keys.iter().filter(|key| key.state.is_published()) {
            let verifying = match before.believed.get(&key.kid) {
                Some(known) => Arc::clone(known),
                None => ports.token_keys.verifying(&key.kid, key.algorithm, &key.public_der)?,
            };
            view.published.push(verifying.jwk());
            view.believed.insert(key.kid.clone(), verifying);
            if key.state == KeyState::Active {
                let signing = match &before.active {
                    Some((kid, known)) if *kid == key.kid => Arc::clone(known),
                    _ => {
                        let private = ports
                            .sealer
                            .open(&key.private, &seal_identity(&key.kid))
                            .map_err(|cause| RingError::Sealed(key.kid.clone(), cause))?;
                        ports.token_keys.signing(&key.kid, key.algorithm, &private)?
                    }
                };
                view.active = Some((key.kid.clone(), signing));
            }
        }
        Ok(view)
    }

    /// Signs claims with the active key.
    pub(crate) fn sign(&self, claims: &Claims) -> Result<String, RingError> {
        let view = self.view.load();
        let (_, active) = view.active.as_ref().ok_or(RingError::Empty)?;
        Ok(active.sign(claims)?)
    }

    /// Checks form and signature of a token with the key of the ring that it names.
    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Result<Result<Claims, TokenFault>, RingError> {
        let kid = match self.core.ports.token_keys.kid_of(token) {
            Ok(kid) => kid,
            Err(fault) => return Ok(Err(fault)),
        };
        if let Some(key) = self.view.load().believed.get(&kid) {
            return Ok(key.verify(token));
        }
        if self.may_reread(now) {
            self.reload().await?;
        }
        Ok(self
            .view
            .load()
            .believed
            .get(&kid)
            .map_or(Err(TokenFault::UnknownKey), |key| key.verify(token)))
    }

    fn may_reread(&self, now: Timestamp) -> bool {
        let last = self.reread_at.load(Ordering::Relaxed);
        now.since(Timestamp::from_micros(last)) >= REREAD_AT_MOST_EVERY
            && self
                .reread_at
                .compare_exchange(last, now.micros(), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// Changes with each change of the ring; what was concluded from an older ring must be concluded again.
    pub(crate) fn generation(&self) -> u64 {
        self.view.load().generation
    }

    /// The public keys that verifiers may need: next, active and retiring.
    pub fn published(&self) -> Vec<PublicJwk> {
        self.view.load().published.clone()
    }

    /// Whether there is a key to sign with.
    pub fn is_ready(&self) -> bool {
        self.view.load().active.is_some()
    }
}
