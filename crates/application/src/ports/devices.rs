//! Requests of devices without a browser (RFC 8628).

use std::time::Duration;

use async_trait::async_trait;
use domain::authorization::CompletedLogin;
use domain::device::{DeviceState, StoredDevice};
use domain::secret::Digest;
use domain::time::Timestamp;

use super::StoreError;

/// Requests of devices. An approved one is forgotten with the account and with the parent session of its login.
#[async_trait]
pub trait Devices: Send {
    /// Adds one. Its client MUST be there. `false`, and nothing added, if another one has the user code, expired or not: after
    /// that the transaction MUST still be usable.
    async fn insert(&mut self, device: &StoredDevice) -> Result<bool, StoreError>;

    /// The one with the digest of that device code, expired or not.
    async fn find(&mut self, digest: &Digest) -> Result<Option<StoredDevice>, StoreError>;

    /// The one with the digest of that user code, if it is pending and has not expired at `now`.
    async fn find_by_user_code(
        &mut self,
        user_code: &Digest,
        now: Timestamp,
    ) -> Result<Option<StoredDevice>, StoreError>;

    /// Notes a poll, and the interval that holds from now on. Nothing happens if it is gone.
    async fn polled(&mut self, digest: &Digest, now: Timestamp, interval: Duration) -> Result<(), StoreError>;

    /// Decides a pending one that has not expired at `now`. One atomic conditional statement; `false` if it was decided before.
    /// Account and parent session of an approval MUST be there.
    async fn decide(&mut self, digest: &Digest, state: &DeviceState, now: Timestamp) -> Result<bool, StoreError>;

    /// Spends and forgets an approved one that has not expired at `now`. One atomic statement: exactly one caller gets the login.
    async fn redeem(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<CompletedLogin>, StoreError>;

    /// Forgets one. `false` if there is none.
    async fn delete(&mut self, digest: &Digest) -> Result<bool, StoreError>;

    /// Forgets those that expired before `before`.
    async fn purge(&mut self, before: Timestamp) -> Result<u64, StoreError>;
}
