//! `/v1/admin/users`: looking after accounts of others.

mod body;
pub(crate) mod list;

use domain::id::UserId;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};

use self::body::{AccountChange, AccountDetails, NewAccount, ResetSecretKey};
use self::list::{AccountList, Cursor, Limit};
use super::Chapter;
use super::users::{Account, RegisteredAccount, Registration, RoleName, StateName};
use crate::bearer::Administrator;
use crate::context::{Context, Source};
use crate::json::{Answer, Created, DateTime, Id, NoContent, SecretText, Strict};
use crate::parameter::NamesOnce;
use crate::problem::{
    AdminChangeProblem, AdminCreateProblem, AdminLossProblem, AdminProblem, AdminUserProblem, Code, Problem,
};

/// The account that an address names.
pub(super) fn user_id(id: &Path<Id>) -> Result<UserId, Problem> {
    UserId::parse(&id.0.0).ok_or_else(|| Problem::new(Code::NotFound))
}

/// Accounts of others.
pub(crate) struct AdminUsersApi;

#[OpenApi(tag = "Chapter::Administration")]
impl AdminUsersApi {
    /// List accounts
    ///
    /// Ordered by user name. `next_cursor` of an answer is the `cursor` for the next page.
    #[oai(path = "/v1/admin/users", method = "get", operation_id = "listUsers")]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn list(
        &self,
        context: Data<&Context>,
        actor: Administrator,
        _once: NamesOnce,
        /// How many at most: 1 to 200. Absent: 50.
        limit: Query<Option<Limit>>,
        /// Where to go on.
        cursor: Query<Option<Cursor>>,
        /// Only accounts with this text in the user name, e-mail address or display name, in any letter case.
        search: Query<Option<String>>,
        /// Only accounts in this state.
        state: Query<Option<StateName>>,
    ) -> Result<Answer<AccountList>, AdminProblem> {
        let page = list::Page::new(limit.0, cursor.0, search.0, state.0);
        let users = context.app.queries.users(&actor.0, &page.filter, page.asked()).await?;
        Ok(Answer(page.answer(&users)))
    }

    /// Make an account
    ///
    /// Answers the account and its secret key, which is shown this once.
    #[oai(path = "/v1/admin/users", method = "post", operation_id = "createUser")]
    async fn create(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        body: Strict<NewAccount>,
    ) -> Result<Created<RegisteredAccount>, AdminCreateProblem> {
        let NewAccount {
            username,
            password,
            email,
            display_name,
            role,
        } = body.0;
        let registration = Registration {
            username,
            password,
            email,
            display_name,
        };
        let new = registration.into_new_user(role.unwrap_or(RoleName::User).into())?;
        let register = &context.app.register;
        let registered = register.execute(Some(&actor.0), new, &source.origin).await?;
        Ok(Answer(registered.into()))
    }

    /// Read an account
    #[oai(path = "/v1/admin/users/:id", method = "get", operation_id = "getUser")]
    async fn get(
        &self,
        context: Data<&Context>,
        actor: Administrator,
        /// The account.
        id: Path<Id>,
    ) -> Result<Answer<AccountDetails>, AdminUserProblem> {
        let view = context.app.queries.user(&actor.0, user_id(&id)?).await?;
        let view = view.ok_or_else(|| Problem::new(Code::NotFound))?;
        Ok(Answer(AccountDetails::from(&view)))
    }

    /// Change an account
    #[oai(path = "/v1/admin/users/:id", method = "patch", operation_id = "updateUser")]
    async fn update(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// The account.
        id: Path<Id>,
        body: Strict<AccountChange>,
    ) -> Result<Answer<Account>, AdminChangeProblem> {
        let (id, change) = (user_id(&id)?, body.0.into_change()?);
        let user = context
            .app
            .manage_users
            .update(&actor.0, id, change, &source.origin)
            .await?;
        Ok(Answer(Account::from(&user)))
    }

    /// Delete an account
    ///
    /// With everything that belongs to it. What it was issued is void at once; its entries in the audit log stay.
    #[oai(path = "/v1/admin/users/:id", method = "delete", operation_id = "deleteUser")]
    async fn delete(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// The account.
        id: Path<Id>,
    ) -> Result<NoContent, AdminLossProblem> {
        let manage = &context.app.manage_users;
        manage.delete(&actor.0, user_id(&id)?, &source.origin).await?;
        Ok(NoContent)
    }

    /// Disable an account
    ///
    /// It cannot log in, and nothing that it was issued is accepted any more.
    #[oai(path = "/v1/admin/users/:id/disable", method = "post", operation_id = "disableUser")]
    async fn disable(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// The account.
        id: Path<Id>,
    ) -> Result<Answer<Account>, AdminLossProblem> {
        let manage = &context.app.manage_users;
        let user = manage.disable(&actor.0, user_id(&id)?, &source.origin).await?;
        Ok(Answer(Account::from(&user)))
    }

    /// Enable an account
    ///
    /// It can log in again. What it was issued before stays void.
    #[oai(path = "/v1/admin/users/:id/enable", method = "post", operation_id = "enableUser")]
    async fn enable(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// The account.
        id: Path<Id>,
    ) -> Result<Answer<Account>, AdminUserProblem> {
        let manage = &context.app.manage_users;
        let user = manage.enable(&actor.0, user_id(&id)?, &source.origin).await?;
        Ok(Answer(Account::from(&user)))
    }

    /// Unlock an account
    ///
    /// Sets its counters of failed attempts back to nothing.
    #[oai(path = "/v1/admin/users/:id/unlock", method = "post", operation_id = "unlockUser")]
    async fn unlock(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// The account.
        id: Path<Id>,
    ) -> Result<NoContent, AdminUserProblem> {
        let manage = &context.app.manage_users;
        manage.unlock(&actor.0, user_id(&id)?, &source.origin).await?;
        Ok(NoContent)
    }

    /// Give an account a new secret key
    ///
    /// For an owner who lost the old one. The old keys and everything that was issued with them are void at once.
    #[oai(
        path = "/v1/admin/users/:id/secret-key",
        method = "post",
        operation_id = "resetSecretKey"
    )]
    async fn reset_secret_key(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// The account.
        id: Path<Id>,
    ) -> Result<Answer<ResetSecretKey>, AdminUserProblem> {
        let manage = &context.app.manage_users;
        let (secret_key, expires_at) = manage.reset_secret_key(&actor.0, user_id(&id)?, &source.origin).await?;
        Ok(Answer(ResetSecretKey {
            secret_key: SecretText(secret_key.expose().to_owned()),
            secret_key_expires_at: expires_at.map(DateTime::from),
        }))
    }

    /// End all sessions of an account
    #[oai(
        path = "/v1/admin/users/:id/sessions",
        method = "delete",
        operation_id = "endSessionsOfUser"
    )]
    async fn end_sessions(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// The account.
        id: Path<Id>,
    ) -> Result<NoContent, AdminUserProblem> {
        let end = &context.app.end_sessions;
        end.all_of(&actor.0, user_id(&id)?, &source.origin).await?;
        Ok(NoContent)
    }
}
