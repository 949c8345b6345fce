//! What one thread computes with: its memory, and the hash of a password.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use application::ports::entropy::bytes;
use application::ports::{Entropy, PasswordCheck};
use argon2::password_hash::phc::{Output, ParamsString, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time;
use domain::secret::{Password, PasswordHash};
use zeroize::Zeroizing;

use super::arena::Arena;
use super::parameters::{OUTPUT_BYTES, Parameters, SALT_BYTES};

/// A hash that was read from its PHC string and may be computed.
pub(super) struct Stored {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt,
    output: Output,
}

impl Stored {
    /// `None` when it is not Argon2, is damaged, or would cost more than any hash of ours. The other variants and version 1.0
    /// came with accounts from elsewhere.
    pub(super) fn read(hash: &PasswordHash) -> Option<Self> {
        let phc = argon2::PasswordHash::new(hash.as_phc()).ok()?;
        let algorithm = Algorithm::try_from(phc.algorithm.as_str()).ok()?;
        let version = match phc.version {
            Some(number) => Version::try_from(number).ok()?,
            // As the reference implementation wrote it before there was another one.
            None => Version::V0x10,
        };
        let params = Params::try_from(&phc).ok()?;
        Parameters::of(&params)?;
        let (salt, output) = (phc.salt?, phc.hash?);
        // An output that is short enough to guess would make any password fit.
        (output.len() >= OUTPUT_BYTES / 2).then_some(Self {
            algorithm,
            version,
            params,
            salt,
            output,
        })
    }

    fn is_as_today(&self, today: Parameters) -> bool {
        self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && Parameters::of(&self.params) == Some(today)
            && self.salt.len() >= SALT_BYTES
            && self.output.len() == OUTPUT_BYTES
            && self.params.keyid().is_empty()
            && self.params.data().is_empty()
    }
}

/// The memory of one thread, and what it needs to make and compare hashes.
pub(super) struct Bench {
    today: Parameters,
    entropy: Arc<dyn Entropy>,
    /// Compared with when there is nothing to compare with.
    dummy_salt: [u8; SALT_BYTES],
    /// Taken at the first job and kept: allocating 19 MiB for each hash costs 5 to 20 percent, mostly in page faults.
    ///
    /// What a hash leaves in it is not wiped after every hash, because the next one writes over all of it; it is wiped when
    /// the memory is given back.
    arena: Arena,
    computed: Arc<AtomicU64>,
}

impl Bench {
    pub(super) fn new(today: Parameters, entropy: Arc<dyn Entropy>, computed: Arc<AtomicU64>) -> Self {
        let dummy_salt = bytes(&*entropy);
        Self {
            today,
            entropy,
            dummy_salt,
            arena: Arena::none(),
            computed,
        }
    }

    pub(super) const fn holds_memory(&self) -> bool {
        !self.arena.is_none()
    }

    /// Wipes the memory and gives it back.
    pub(super) fn release(&mut self) {
        self.arena = Arena::none();
    }

    /// Hashes a new password. `None` cannot happen with parameters that were checked; the caller is then told to try again.
    pub(super) fn hash(&mut self, password: &Password) -> Option<PasswordHash> {
        let params = self.today.for_argon2().ok()?;
        let salt: [u8; SALT_BYTES] = bytes(&*self.entropy);
        let mut output = [0; OUTPUT_BYTES];
        self.compute(&of_today(params.clone()), password, &salt, &mut output)?;
        let phc = argon2::PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params).ok()?,
            salt: Some(Salt::new(&salt).ok()?),
            hash: Some(Output::new(&output).ok()?),
        };
        Some(PasswordHash::from_phc(phc.to_string()))
    }

    /// Compares. Whatever is or is not stored, one hash is computed.
    pub(super) fn check(&mut self, password: &Password, hash: Option<&PasswordHash>) -> PasswordCheck {
        let Some(stored) = hash.and_then(Stored::read) else {
            self.compare_with_nothing(password);
            return PasswordCheck::Wrong;
        };
        let mut output = Zeroizing::new(vec![0; stored.output.len()]);
        let argon2 = Argon2::new(stored.algorithm, stored.version, stored.params.clone());
        if self.compute(&argon2, password, &stored.salt, &mut output).is_none() {
            self.compare_with_nothing(password);
            return PasswordCheck::Wrong;
        }
        if constant_time::verify_slices_are_equal(&output, stored.output.as_bytes()).is_err() {
            PasswordCheck::Wrong
        } else if stored.is_as_today(self.today) {
            PasswordCheck::Right
        } else {
            PasswordCheck::RightOutdated
        }
    }

    fn compare_with_nothing(&mut self, password: &Password) {
        let salt = self.dummy_salt;
        if let Ok(params) = self.today.for_argon2() {
            let _ = self.compute(&of_today(params), password, &salt, &mut [0; OUTPUT_BYTES]);
        }
    }

    fn compute(&mut self, argon2: &Argon2<'_>, password: &Password, salt: &[u8], output: &mut [u8]) -> Option<()> {
        let blocks = argon2.params().block_count();
        let usual = self.today.for_argon2().ok()?.block_count();
        self.computed.fetch_add(1, Ordering::Relaxed);
        let password = password.expose().as_bytes();
        let mut larger;
        let memory = if blocks > usual {
            // It gets memory of its own, so that one old hash does not keep a thread large for ever.
            larger = Arena::of(blocks);
            larger.blocks()
        } else {
            if self.arena.is_none() {
                self.arena = Arena::of(usual);
            }
            self.arena.blocks()
        };
        argon2
            .hash_password_into_with_memory(password, salt, output, memory)
            .ok()
    }
}

/// The one way in which new hashes are made.
fn of_today(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}
