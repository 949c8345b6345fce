//! The audit log.

use application::ports::{EventFilter, Events, StoreError};
use async_trait::async_trait;
use domain::event::{Event, EventHead, EventKind, StoredEvent};
use domain::id::UserId;
use domain::time::Timestamp;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::event_head;
use crate::entity::events::{Column, Entity, Model};
use crate::row::{bytes, digest, origin, unreadable};
use crate::store::UnitOfWork;

#[async_trait]
impl Events for UnitOfWork {
    async fn hold_head(&mut self) -> Result<EventHead, StoreError> {
        let found = event_head::Entity::find()
            .lock(LockType::NoKeyUpdate)
            .one(&self.transaction)
            .await;
        self.noted("hold the end of the audit log", found.and_then(head))
    }

    async fn append(&mut self, event: &StoredEvent) -> Result<(), StoreError> {
        const ACTION: &str = "append to the audit log";
        let row = row(event);
        let row = self.noted(ACTION, row)?;
        let inserted = Entity::insert(row.into_active_model())
            .exec_without_returning(&self.transaction)
            .await;
        self.noted(ACTION, inserted)?;
        // The second belt: an entry that does not follow the end is refused even if nobody held it.
        let moved = event_head::Entity::update_many()
            .col_expr(event_head::Column::Position, Expr::value(event.position))
            .col_expr(event_head::Column::Link, Expr::value(bytes(&event.link)))
            .filter(event_head::Column::Position.eq(event.position.saturating_sub(1)))
            .exec(&self.transaction)
            .await;
        let moved = moved.and_then(|result| match result.rows_affected {
            1 => Ok(()),
            _ => Err(DbErr::RecordNotUpdated),
        });
        self.noted(ACTION, moved)
    }

    async fn head(&mut self) -> Result<EventHead, StoreError> {
        let found = event_head::Entity::find().one(&self.transaction).await;
        self.noted("find the end of the audit log", found.and_then(head))
    }

    async fn list(&mut self, filter: &EventFilter, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        let mut query = Entity::find();
        if let Some(kind) = filter.kind {
            query = query.filter(Column::Kind.eq(kind.name()));
        }
        if let Some(subject) = filter.subject {
            query = query.filter(Column::Subject.eq(subject.as_uuid()));
        }
        if let Some(before) = filter.before {
            query = query.filter(Column::Position.lt(before));
        }
        let found = query
            .order_by_desc(Column::Position)
            .limit(u64::from(limit))
            .all(&self.transaction)
            .await;
        self.all("list the audit log", found, stored)
    }

    async fn after(&mut self, position: i64, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        let found = Entity::find()
            .filter(Column::Position.gt(position))
            .order_by_asc(Column::Position)
            .limit(u64::from(limit))
            .all(&self.transaction)
            .await;
        self.all("read the audit log", found, stored)
    }
}

fn head(row: Option<event_head::Model>) -> Result<EventHead, DbErr> {
    let row = row.ok_or_else(|| DbErr::RecordNotFound("event_head has lost its row".to_owned()))?;
    Ok(EventHead {
        position: row.position,
        link: digest("event_head.link", row.link)?,
    })
}

fn row(stored: &StoredEvent) -> Result<Model, DbErr> {
    let event = &stored.event;
    Ok(Model {
        position: stored.position,
        at: event.at.micros(),
        kind: event.kind.name().to_owned(),
        actor: event.actor.map(|id| id.as_uuid()),
        subject: event.subject.map(|id| id.as_uuid()),
        address: event.origin.address.clone(),
        user_agent: event.origin.user_agent.clone(),
        request_id: event.origin.request_id.clone(),
        details: serde_json::to_string(&event.details).map_err(|_| unreadable("events.details"))?,
        link: bytes(&stored.link),
    })
}

fn stored(row: Model) -> Result<StoredEvent, DbErr> {
    let event = Event {
        at: Timestamp::from_micros(row.at),
        kind: EventKind::from_name(&row.kind).ok_or_else(|| unreadable("events.kind"))?,
        actor: row.actor.map(UserId::from_uuid),
        subject: row.subject.map(UserId::from_uuid),
        origin: origin(row.address, row.user_agent, row.request_id),
        details: serde_json::from_str(&row.details).map_err(|_| unreadable("events.details"))?,
    };
    Ok(StoredEvent {
        position: row.position,
        event,
        link: digest("events.link", row.link)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::secret::Digest;
    use domain::session::Origin;

    #[test]
    fn details_keep_their_order_their_repetitions_and_every_character() {
        let details: Vec<(String, String)> = [
            ("reason", "a=b\nc=d"),
            ("reason", "back\\slash \"quoted\" [\"x\",\"y\"]"),
            ("", ""),
            ("nul", "\0"),
            ("snow", "☃ \u{1f980}"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        let event = Event {
            at: Timestamp::from_micros(1),
            kind: EventKind::UserCreated,
            actor: None,
            subject: None,
            origin: Origin::default(),
            details: details.clone(),
        };
        let row = row(&StoredEvent {
            position: 1,
            event,
            link: Digest::from_bytes([7; 32]),
        })
        .unwrap();
        assert!(!row.details.contains(['\n', '\0']));
        assert_eq!(stored(row).unwrap().event.details, details);
    }
}
