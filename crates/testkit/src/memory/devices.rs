//! Requests of devices.

use std::time::Duration;

use application::ports::{Devices, StoreError};
use async_trait::async_trait;
use domain::authorization::CompletedLogin;
use domain::device::{DeviceState, StoredDevice};
use domain::secret::Digest;
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::{State, add, forget};

/// Fails as the foreign keys of an approval do.
fn check_login(state: &State, device: &DeviceState, action: &'static str) -> Result<(), StoreError> {
    if let DeviceState::Approved(login) = device {
        state.owned_by(login.user, action)?;
        state.of_session(login.parent, action)?;
    }
    Ok(())
}

#[async_trait]
impl Devices for MemoryTransaction {
    async fn insert(&mut self, device: &StoredDevice) -> Result<bool, StoreError> {
        let action = "add the request of a device";
        let state = self.edit(action)?;
        state.of_client(&device.request.client, action)?;
        check_login(state, &device.state, action)?;
        if state.devices.values().any(|other| other.user_code == device.user_code) {
            return Ok(false);
        }
        add(&mut state.devices, *device.digest.as_bytes(), device.clone(), action).map(|()| true)
    }

    async fn find(&mut self, digest: &Digest) -> Result<Option<StoredDevice>, StoreError> {
        let devices = &self.view("find the request of a device")?.devices;
        Ok(devices.get(digest.as_bytes()).cloned())
    }

    async fn find_by_user_code(
        &mut self,
        user_code: &Digest,
        now: Timestamp,
    ) -> Result<Option<StoredDevice>, StoreError> {
        let devices = self
            .view("find the request of a device by its user code")?
            .devices
            .values();
        let mut pending = devices.filter(|device| device.state == DeviceState::Pending && now < device.expires_at);
        Ok(pending.find(|device| device.user_code == *user_code).cloned())
    }

    async fn polled(&mut self, digest: &Digest, now: Timestamp, interval: Duration) -> Result<(), StoreError> {
        let devices = &mut self.edit("note the poll of a device")?.devices;
        if let Some(device) = devices.get_mut(digest.as_bytes()) {
            (device.polled_at, device.interval) = (Some(now), interval);
        }
        Ok(())
    }

    async fn decide(&mut self, digest: &Digest, state: &DeviceState, now: Timestamp) -> Result<bool, StoreError> {
        let action = "decide the request of a device";
        let stored = self.edit(action)?;
        check_login(stored, state, action)?;
        let device = stored.devices.get_mut(digest.as_bytes());
        Ok(device
            .filter(|device| device.state == DeviceState::Pending && now < device.expires_at)
            .map(|device| device.state = state.clone())
            .is_some())
    }

    async fn redeem(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<CompletedLogin>, StoreError> {
        let devices = &mut self.edit("redeem the request of a device")?.devices;
        let login = match devices.get(digest.as_bytes()) {
            Some(StoredDevice {
                state: DeviceState::Approved(login),
                expires_at,
                ..
            }) if now < *expires_at => login.clone(),
            _ => return Ok(None),
        };
        devices.remove(digest.as_bytes());
        Ok(Some(login))
    }

    async fn delete(&mut self, digest: &Digest) -> Result<bool, StoreError> {
        let devices = &mut self.edit("delete the request of a device")?.devices;
        Ok(devices.remove(digest.as_bytes()).is_some())
    }

    async fn purge(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let devices = &mut self.edit("purge requests of devices")?.devices;
        Ok(forget(devices, |device| device.expires_at >= before))
    }
}
