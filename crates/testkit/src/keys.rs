//! Keys without the wait: RSA keys are searched for once in a process, and then used again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use application::ports::{KeyFailure, KeyMaterial, SigningHandle, TokenKeys, VerifyingHandle};
use async_trait::async_trait;
use domain::claims::TokenFault;
use domain::signing_key::{Algorithm, KeyPurpose, Kid};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

/// As many as a ring has next and active ones at once: two lines of RSA keys.
static RSA: [OnceCell<(Vec<u8>, Vec<u8>)>; 4] = [const { OnceCell::const_new() }; 4];

/// Does what another adapter does, and takes RSA keys in turn from the few of the process. Their names are new all the same.
pub struct QuickKeys {
    inner: Arc<dyn TokenKeys>,
    turn: AtomicUsize,
}

impl QuickKeys {
    /// Puts itself before an adapter.
    pub fn new(inner: Arc<dyn TokenKeys>) -> Self {
        Self {
            inner,
            turn: AtomicUsize::new(0),
        }
    }
}

#[async_trait]
impl TokenKeys for QuickKeys {
    async fn generate(&self, algorithm: Algorithm) -> Result<KeyMaterial, KeyFailure> {
        if matches!(algorithm, Algorithm::Es256 | Algorithm::EdDsa) {
            return self.inner.generate(algorithm).await;
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % RSA.len();
        let Some(place) = RSA.get(turn) else {
            return self.inner.generate(algorithm).await;
        };
        let made = place.get_or_try_init(|| async {
            let made = self.inner.generate(algorithm).await?;
            Ok((made.private_der.to_vec(), made.public_der))
        });
        let (private_der, public_der) = made.await?;
        Ok(KeyMaterial {
            private_der: Zeroizing::new(private_der.clone()),
            public_der: public_der.clone(),
        })
    }

    fn signing(
        &self,
        kid: &Kid,
        algorithm: Algorithm,
        private_der: &[u8],
    ) -> Result<Arc<dyn SigningHandle>, KeyFailure> {
        self.inner.signing(kid, algorithm, private_der)
    }

    fn verifying(
        &self,
        kid: &Kid,
        algorithm: Algorithm,
        public_der: &[u8],
    ) -> Result<Arc<dyn VerifyingHandle>, KeyFailure> {
        self.inner.verifying(kid, algorithm, public_der)
    }

    fn kid_of(&self, token: &str, purpose: KeyPurpose) -> Result<Kid, TokenFault> {
        self.inner.kid_of(token, purpose)
    }
}
