//! Authorization requests that were pushed beforehand.

use application::ports::{Consumption, PushedRequests, StoreError};
use async_trait::async_trait;
use domain::pushed_request::StoredPushedRequest;
use domain::secret::Digest;
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::{add, forget};

#[async_trait]
impl PushedRequests for MemoryTransaction {
    async fn insert(&mut self, request: &StoredPushedRequest) -> Result<(), StoreError> {
        let action = "add a pushed request";
        let state = self.edit(action)?;
        state.of_client(&request.client, action)?;
        add(
            &mut state.pushed_requests,
            *request.digest.as_bytes(),
            request.clone(),
            action,
        )
    }

    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<StoredPushedRequest>, StoreError> {
        let request = self
            .view("find a pushed request")?
            .pushed_requests
            .get(digest.as_bytes());
        Ok(request.filter(|request| now < request.expires_at).cloned())
    }

    async fn spend(&mut self, digest: &Digest) -> Result<Consumption, StoreError> {
        let requests = &mut self.edit("spend a pushed request")?.pushed_requests;
        Ok(match requests.remove(digest.as_bytes()) {
            Some(_) => Consumption::First,
            None => Consumption::Spent,
        })
    }

    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let requests = &mut self.edit("purge pushed requests")?.pushed_requests;
        Ok(forget(requests, |request| now < request.expires_at))
    }
}
