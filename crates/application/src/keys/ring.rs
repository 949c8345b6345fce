//! A node's view of the key ring.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use domain::claims::{Claims, ClientClaims, TokenFault, Verified};
use domain::id_token::{IdTokenClaims, LogoutClaims};
use domain::orion::OrionClaims;
use domain::signing_key::{KeyPurpose, Kid};
use domain::time::Timestamp;
use tokio::sync::Mutex;

use super::view::View;
use crate::core::Core;
use crate::ports::{KeyFailure, PublicJwk, StoreError, Unsealable, VerifyingHandle};

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
    /// No key is active for what is to be signed.
    #[error("no signing key is active")]
    Empty,
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
        let ports = &self.core.ports;
        let view = View::after(&before, &keys, ports.sealer.as_ref(), ports.token_keys.as_ref())?;
        if !view.says_the_same_as(&before) {
            self.view.store(Arc::new(view));
        }
        Ok(())
    }

    /// Signs the claims of an access token.
    pub(crate) fn sign(&self, claims: &Claims) -> Result<String, RingError> {
        let view = self.view.load();
        let active = view.signer(KeyPurpose::AccessToken).ok_or(RingError::Empty)?;
        Ok(active.sign(claims)?)
    }

    /// Signs the claims of an access token that a client gets for itself.
    pub(crate) fn sign_client(&self, claims: &ClientClaims) -> Result<String, RingError> {
        let view = self.view.load();
        let active = view.signer(KeyPurpose::AccessToken).ok_or(RingError::Empty)?;
        Ok(active.sign_client(claims)?)
    }

    /// Signs the claims of an ID token.
    pub(crate) fn sign_id_token(&self, claims: &IdTokenClaims) -> Result<String, RingError> {
        let view = self.view.load();
        let active = view.signer(KeyPurpose::IdToken).ok_or(RingError::Empty)?;
        Ok(active.sign_id_token(claims)?)
    }

    /// Signs the claims of a logout token.
    pub(crate) fn sign_logout(&self, claims: &LogoutClaims) -> Result<String, RingError> {
        let view = self.view.load();
        let active = view.signer(KeyPurpose::IdToken).ok_or(RingError::Empty)?;
        Ok(active.sign_logout(claims)?)
    }

    /// Signs the claims of a token of the Orion profile.
    pub(crate) fn sign_orion(&self, claims: &OrionClaims) -> Result<String, RingError> {
        let view = self.view.load();
        let active = view.signer(KeyPurpose::Orion).ok_or(RingError::Empty)?;
        Ok(active.sign_orion(claims)?)
    }

    /// Checks form and signature of an access token with the key of the ring that it names.
    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Result<Result<Claims, TokenFault>, RingError> {
        let key = self.key_for(token, KeyPurpose::AccessToken, now).await?;
        Ok(key.and_then(|key| key.verify(token)))
    }

    /// The same of an access token of whomever: also one that a client got for itself.
    pub(crate) async fn verify_any(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Result<Verified, TokenFault>, RingError> {
        let key = self.key_for(token, KeyPurpose::AccessToken, now).await?;
        Ok(key.and_then(|key| key.verify_any(token)))
    }

    /// Checks form and signature of an ID token of ours that comes back as a hint. It may be for any client and expired long
    /// ago; both are the caller's to judge. It proves nothing but whom a client means.
    pub(crate) async fn verify_id_token_hint(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Result<IdTokenClaims, TokenFault>, RingError> {
        let key = self.key_for(token, KeyPurpose::IdToken, now).await?;
        Ok(key.and_then(|key| key.verify_id_token(token)))
    }

    /// Checks form and signature of a token of the Orion profile with the key of the ring that it names. As with
    /// [`KeyRing::verify`], issuer and time are the caller's to judge.
    pub(crate) async fn verify_orion(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Result<OrionClaims, TokenFault>, RingError> {
        let key = self.key_for(token, KeyPurpose::Orion, now).await?;
        Ok(key.and_then(|key| key.verify_orion(token)))
    }

    /// The key that a token names, if it is believed for this purpose.
    async fn key_for(
        &self,
        token: &str,
        purpose: KeyPurpose,
        now: Timestamp,
    ) -> Result<Result<Arc<dyn VerifyingHandle>, TokenFault>, RingError> {
        let kid = match self.core.ports.token_keys.kid_of(token, purpose) {
            Ok(kid) => kid,
            Err(fault) => return Ok(Err(fault)),
        };
        if let Some(key) = self.view.load().verifier(&kid, purpose) {
            return Ok(key);
        }
        if self.may_reread(now) {
            self.reload().await?;
        }
        let key = self.view.load().verifier(&kid, purpose);
        Ok(key.unwrap_or(Err(TokenFault::UnknownKey)))
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

    /// The public keys that verifiers may need: next, active and retiring, of every purpose.
    pub fn published(&self) -> Vec<PublicJwk> {
        self.view.load().published().to_vec()
    }

    /// Whether there is a key for everything that this node is to sign.
    pub fn is_ready(&self) -> bool {
        let view = self.view.load();
        let mut purposes = self.core.policies.signed_purposes();
        purposes.all(|purpose| view.signer(purpose).is_some())
    }
}
