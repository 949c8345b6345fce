//! The audit log.

use application::ports::{EventFilter, Events, StoreError};
use async_trait::async_trait;
use domain::event::{EventHead, StoredEvent};

use super::MemoryTransaction;
use super::state::{State, at_most};

fn head_of(state: &State) -> EventHead {
    state.events.last().map_or(EventHead::EMPTY, |last| EventHead {
        position: last.position,
        link: last.link,
    })
}

fn matches(filter: &EventFilter, entry: &StoredEvent) -> bool {
    filter.kind.is_none_or(|kind| entry.event.kind == kind)
        && filter
            .subject
            .is_none_or(|subject| entry.event.subject == Some(subject))
        && filter.before.is_none_or(|before| entry.position < before)
}

#[async_trait]
impl Events for MemoryTransaction {
    async fn hold_head(&mut self) -> Result<EventHead, StoreError> {
        self.edit("hold the end of the audit log").map(|state| head_of(state))
    }

    async fn append(&mut self, event: &StoredEvent) -> Result<(), StoreError> {
        let action = "append to the audit log";
        let state = self.edit(action)?;
        if event.position != head_of(state).position + 1 {
            return Err(StoreError::new(action, "the entry does not follow the last one"));
        }
        state.events.push(event.clone());
        Ok(())
    }

    async fn head(&mut self) -> Result<EventHead, StoreError> {
        self.view("find the end of the audit log").map(head_of)
    }

    async fn list(&mut self, filter: &EventFilter, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        let entries = self.view("list the audit log")?.events.iter().rev();
        Ok(entries
            .filter(|entry| matches(filter, entry))
            .take(at_most(limit))
            .cloned()
            .collect())
    }

    async fn after(&mut self, position: i64, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        let entries = self.view("read the audit log")?.events.iter();
        Ok(entries
            .filter(|entry| entry.position > position)
            .take(at_most(limit))
            .cloned()
            .collect())
    }
}
