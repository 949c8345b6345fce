//! `/users`, the accounts of others: for administrators.

use application::actor::Actor;
use application::admin::AdminError;
use application::ports::UserFilter;
use domain::id::UserId;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

use super::answer::OrionUser;
use super::bearer::Administrator;
use super::body::Address;
use super::form::{self, Posted};
use super::refusal::{DeleteRefusal, FindRefusal, ListRefusal, Refusal};
use super::update::NO_USER;
use crate::api::Chapter;
use crate::context::{Context, Source};
use crate::json::Answer;
use crate::parameter::NamesOnce;

/// How many accounts a list has. That service sends all there are; beyond this they come page by page, from
/// `/v1/admin/users`.
const LIST_MAX: u32 = 1_000;

/// An account as it is told; nothing if it was deleted meanwhile.
async fn told(context: &Context, actor: &Actor, id: UserId) -> Result<Option<OrionUser>, Refusal> {
    let view = context.app.queries.user(actor, id).await?;
    Ok(view.as_ref().map(OrionUser::from))
}

/// Version 0.0.6, the accounts of others.
pub(crate) struct AdministrationApi;

#[OpenApi(prefix_path = "/users", tag = "Chapter::Orion")]
impl AdministrationApi {
    /// Delete an account
    ///
    /// With everything that belongs to it. What it was issued is void at once.
    #[oai(path = "/delete", method = "post", operation_id = "orionDelete")]
    async fn delete(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        body: Posted<Address>,
    ) -> Result<Answer<bool>, DeleteRefusal> {
        let sent = body.read("delete")?;
        let email = form::email(&sent.email)?;
        let user = context.app.queries.user_by_email(&actor.0, &email).await?;
        let user = user.ok_or_else(|| Refusal::bad_request(NO_USER))?;
        let deleted = context.app.manage_users.delete(&actor.0, user.id, &source.origin).await;
        deleted.map_err(|error| match error {
            AdminError::LastAdmin => Refusal::new(StatusCode::CONFLICT, error.to_string()),
            AdminError::NotFound | AdminError::EmailTaken | AdminError::OwnAccount => Refusal::bad_request(NO_USER),
            AdminError::Store(error) => error.into(),
        })?;
        Ok(Answer(true))
    }

    /// List accounts
    ///
    /// Up to 1000, ordered by user name. `GET /v1/admin/users` lists any number, page by page.
    #[oai(path = "/list", method = "get", operation_id = "orionList")]
    async fn list(&self, context: Data<&Context>, actor: Administrator) -> Result<Answer<Vec<OrionUser>>, ListRefusal> {
        let filter = UserFilter::default();
        let users = context.app.queries.users(&actor.0, &filter, LIST_MAX).await?;
        let mut list = Vec::with_capacity(users.len());
        for user in users {
            list.extend(told(&context, &actor.0, user.id).await?);
        }
        Ok(Answer(list))
    }

    /// Read an account
    #[oai(path = "/by-email", method = "get", operation_id = "orionFindByEmail")]
    async fn find_by_email(
        &self,
        context: Data<&Context>,
        actor: Administrator,
        _once: NamesOnce,
        /// The account's address.
        email: Query<Option<String>>,
    ) -> Result<Answer<OrionUser>, FindRefusal> {
        let fields = [("email".to_owned(), email.0.unwrap_or_default())];
        let sent: Address = form::read("findByEmail", &fields)?;
        let email = form::email(&sent.email)?;
        let unknown = || Refusal::new(StatusCode::NOT_FOUND, NO_USER);
        let user = context.app.queries.user_by_email(&actor.0, &email).await?;
        let user = user.ok_or_else(unknown)?;
        Ok(Answer(told(&context, &actor.0, user.id).await?.ok_or_else(unknown)?))
    }
}
