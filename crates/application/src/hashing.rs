//! Places for hashing: taken before anything is charged, so that a busy service never costs anybody an attempt.

use std::sync::Arc;

use domain::secret::{Password, PasswordHash};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::ports::{HasherBusy, PasswordCheck, PasswordHasher};

/// Gives out as many places as the hasher can take callers.
pub struct Hashing {
    hasher: Arc<dyn PasswordHasher>,
    places: Arc<Semaphore>,
}

/// The right to have one password hashed or compared. Given back when dropped.
pub(crate) struct HashingPlace {
    hasher: Arc<dyn PasswordHasher>,
    _place: OwnedSemaphorePermit,
}

impl Hashing {
    pub(crate) fn new(hasher: Arc<dyn PasswordHasher>) -> Self {
        let places = Arc::new(Semaphore::new(hasher.capacity().min(Semaphore::MAX_PERMITS)));
        Self { hasher, places }
    }

    /// Keeps a place from others for as long as the value lives; for tests of a busy service.
    pub fn occupy(&self) -> Result<impl Drop + use<>, HasherBusy> {
        Arc::clone(&self.places).try_acquire_owned().map_err(|_| HasherBusy)
    }

    /// Takes a place, or says at once that there is none.
    pub(crate) fn place(&self) -> Result<HashingPlace, HasherBusy> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| HasherBusy)?;
        Ok(HashingPlace {
            hasher: Arc::clone(&self.hasher),
            _place: place,
        })
    }
}

impl HashingPlace {
    /// See [`PasswordHasher::hash`].
    pub(crate) async fn hash(self, password: Password) -> Result<PasswordHash, HasherBusy> {
        self.hasher.hash(password).await
    }

    /// See [`PasswordHasher::check`].
    pub(crate) async fn check(
        self,
        password: Password,
        hash: Option<PasswordHash>,
    ) -> Result<PasswordCheck, HasherBusy> {
        self.hasher.check(password, hash).await
    }
}
