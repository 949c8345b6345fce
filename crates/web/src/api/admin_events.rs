//! `/v1/admin/events`: the audit log.

use std::collections::BTreeMap;

use application::ports::EventFilter;
use domain::event::{EventKind, StoredEvent};
use domain::id::UserId;
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};

use super::Chapter;
use crate::bearer::Administrator;
use crate::context::Context;
use crate::json::{Answer, DateTime, Id};
use crate::parameter::{NamesOnce, parameters};
use crate::problem::AdminProblem;

const USUAL: u32 = 50;

parameters! {
    /// How many entries of a list.
    EventLimit(u32): "integer", "must be a whole number from 1 to 200", minimum 1, maximum 200,
        |text| text.parse().ok().filter(|limit| (1..=200).contains(limit));
    /// A place in the log.
    Before(i64): "integer", "must be the next_before of an answer",
        |text| text.parse().ok().filter(|position| *position > 0);
    /// A kind of entry.
    Kind(EventKind): "string", "is not a kind of entry, such as login.refused",
        |text| EventKind::from_name(text);
    /// An account.
    Subject(UserId): "string", "must be the id of an account",
        |text| UserId::parse(text);
}

/// An entry of the audit log.
#[derive(Object)]
#[oai(rename = "Event", skip_serializing_if_is_none)]
pub(crate) struct EventInfo {
    /// Its place: 1, 2, 3, without gaps.
    position: i64,
    /// When.
    at: DateTime,
    /// What happened.
    kind: String,
    /// Who did it. Absent: the service itself, an operator, or a caller who proved nothing.
    actor: Option<Id>,
    /// The account that it was done to.
    subject: Option<Id>,
    /// The network address that it came from.
    address: Option<String>,
    /// The program that did it, by its own word.
    user_agent: Option<String>,
    /// The request in the log of the service.
    request_id: Option<String>,
    /// Particulars.
    details: BTreeMap<String, String>,
}

impl From<StoredEvent> for EventInfo {
    fn from(StoredEvent { position, event, .. }: StoredEvent) -> Self {
        Self {
            position,
            at: event.at.into(),
            kind: event.kind.name().to_owned(),
            actor: event.actor.as_ref().map(Id::from),
            subject: event.subject.as_ref().map(Id::from),
            address: event.origin.address,
            user_agent: event.origin.user_agent,
            request_id: event.origin.request_id,
            details: event.details.into_iter().collect(),
        }
    }
}

/// A page of the audit log.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct EventList {
    /// Newest first.
    events: Vec<EventInfo>,
    /// The `before` of the next page. Absent on the last.
    next_before: Option<i64>,
}

impl EventLimit {
    /// The number, or the usual one.
    pub fn or_usual(limit: Option<Self>) -> u32 {
        limit.map_or(USUAL, |limit| limit.0)
    }
}

impl EventList {
    /// A page, of what was found when one entry more than wanted was asked for.
    pub fn page(mut found: Vec<StoredEvent>, limit: u32) -> Self {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > wanted;
        found.truncate(wanted);
        let next_before = found.last().filter(|_| more).map(|event| event.position);
        Self {
            events: found.into_iter().map(EventInfo::from).collect(),
            next_before,
        }
    }

    /// The page for the owner of the account that it is about. Where an administrator sits is nothing to the owner.
    #[must_use]
    pub fn for_owner(mut self, owner: UserId) -> Self {
        let owner = owner.to_string();
        for event in &mut self.events {
            if event.actor.as_ref().is_some_and(|actor| actor.0 != owner) {
                event.address = None;
                event.user_agent = None;
                event.request_id = None;
            }
        }
        self
    }
}

/// The audit log.
pub(crate) struct AdminEventsApi;

#[OpenApi(tag = "Chapter::Administration")]
impl AdminEventsApi {
    /// Read the audit log
    ///
    /// Newest first. It is append-only, and each entry is chained to the one before: `countersign events verify` finds a gap
    /// or an altered entry.
    #[oai(path = "/v1/admin/events", method = "get", operation_id = "listEvents")]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn list(
        &self,
        context: Data<&Context>,
        actor: Administrator,
        _once: NamesOnce,
        /// How many at most: 1 to 200. Absent: 50.
        limit: Query<Option<EventLimit>>,
        /// Only entries before this place.
        before: Query<Option<Before>>,
        /// Only entries of this kind, such as `login.refused`.
        kind: Query<Option<Kind>>,
        /// Only entries about this account.
        subject: Query<Option<Subject>>,
    ) -> Result<Answer<EventList>, AdminProblem> {
        let limit = EventLimit::or_usual(limit.0);
        let filter = EventFilter {
            kind: kind.0.map(|kind| kind.0),
            subject: subject.0.map(|subject| subject.0),
            before: before.0.map(|before| before.0),
        };
        let found = context.app.queries.events(&actor.0, &filter, limit + 1).await?;
        Ok(Answer(EventList::page(found, limit)))
    }
}
