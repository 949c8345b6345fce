//! What the service needs of cryptography, time and randomness, behind the ports of `application`.

use std::io;
use std::sync::Arc;

use application::ports::{ClientKeys, Clock, Digester, Entropy, Sealer, TokenKeys};

pub mod client_keys;
pub mod clock;
mod der;
pub mod digester;
pub mod entropy;
pub mod master_key;
pub mod password_hasher;
pub mod sealer;
pub mod token_keys;

use client_keys::JwkSets;
use clock::SystemClock;
use digester::HmacDigester;
use entropy::OsEntropy;
use master_key::MasterKey;
use password_hasher::{Argon2Pool, PoolSettings};
use sealer::AesGcmSealer;
use token_keys::JwsKeys;

/// Every adapter of this crate, ready for use.
pub struct Adapters {
    /// The wall clock of the machine.
    pub clock: Arc<dyn Clock>,
    /// The random generator of AWS-LC.
    pub entropy: Arc<dyn Entropy>,
    /// Keyed digests under the master key.
    pub digester: Arc<dyn Digester>,
    /// Sealing under the master key.
    pub sealer: Arc<dyn Sealer>,
    /// Signing and verifying tokens.
    pub token_keys: Arc<dyn TokenKeys>,
    /// Reading the keys of clients and what they sign.
    pub client_keys: Arc<dyn ClientKeys>,
    /// Password hashing. A concrete type, because its queue is also measured.
    pub password_hasher: Arc<Argon2Pool>,
}

impl Adapters {
    /// Derives the keys from the master key, and starts the threads that hash passwords. Fails when no thread can be started.
    pub fn new(master: &MasterKey, hashing: PoolSettings) -> io::Result<Self> {
        let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
        Ok(Self {
            clock: Arc::new(SystemClock),
            digester: Arc::new(HmacDigester::new(master)),
            sealer: Arc::new(AesGcmSealer::new(master, Arc::clone(&entropy))),
            token_keys: Arc::new(JwsKeys),
            client_keys: Arc::new(JwkSets),
            password_hasher: Arc::new(Argon2Pool::start(hashing, &entropy)?),
            entropy,
        })
    }
}
