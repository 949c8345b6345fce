//! `/v1/me/events`: what happened to one's own account.

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

use super::Chapter;
use super::admin_events::{Before, EventLimit, EventList};
use crate::bearer::Owner;
use crate::context::Context;
use crate::json::Answer;
use crate::parameter::NamesOnce;
use crate::problem::OwnProblem;

/// What happened to one's own account.
pub(crate) struct MyEventsApi;

#[OpenApi(tag = "Chapter::Account")]
impl MyEventsApi {
    /// See what happened to your account
    ///
    /// The entries of the audit log about your account, newest first: logins, refused ones too, and every change. Of what an
    /// administrator did, where it came from is left out.
    #[oai(path = "/v1/me/events", method = "get", operation_id = "listMyEvents")]
    async fn list(
        &self,
        context: Data<&Context>,
        caller: Owner,
        _once: NamesOnce,
        /// How many at most: 1 to 200. Absent: 50.
        limit: Query<Option<EventLimit>>,
        /// Only entries before this place.
        before: Query<Option<Before>>,
    ) -> Result<Answer<EventList>, OwnProblem> {
        let limit = EventLimit::or_usual(limit.0);
        let before = before.0.map(|before| before.0);
        let found = context.app.queries.my_events(&caller.0, before, limit + 1).await?;
        let owner = caller.0.subject;
        Ok(Answer(EventList::page(found, limit).for_owner(owner)))
    }
}
