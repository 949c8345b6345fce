//! `/users`, one's own account: what is asked of its logins, and what it is called.

use poem::web::Data;
use poem_openapi::OpenApi;

use super::answer::{Envelope, OrionUser, own};
use super::bearer::Bearer;
use super::body::{Settings, Update};
use super::form::{self, Posted};
use super::refusal::{OwnRefusal, Refusal};
use super::update;
use crate::api::Chapter;
use crate::context::{Context, Source};
use crate::json::Answer;

/// What somebody is told who asks for the account of somebody else.
pub(super) const NOT_YOURS: &str = "You can only update your own user";

/// Version 0.0.6, one's own account.
pub(crate) struct ProfileApi;

#[OpenApi(prefix_path = "/users", tag = "Chapter::Orion")]
impl ProfileApi {
    /// Say that a second factor is asked for
    ///
    /// It always is, so `true` changes nothing and `false` is refused.
    #[oai(path = "/2fa/settings", method = "post", operation_id = "orionUpdate2FaSettings")]
    async fn settings(
        &self,
        context: Data<&Context>,
        caller: Bearer,
        body: Posted<Settings>,
    ) -> Result<Answer<OrionUser>, OwnRefusal> {
        let sent = body.read("update2FASettings")?;
        let email = form::email(&sent.email)?;
        let view = own(&context, &caller.0).await?;
        if !update::is_address_of(&view.user, &email) {
            return Err(Refusal::forbidden(NOT_YOURS).into());
        }
        if [sent.basic, sent.social].contains(&Some(false)) {
            return Err(Refusal::bad_request("2FA cannot be switched off").into());
        }
        Ok(Answer(OrionUser::from(&view)))
    }

    /// Change an account
    ///
    /// One's own: name and address first, which answers a new token; then the password, which voids everything that was issued
    /// and needs the present one. An administrator may change other accounts, and gets no token of them.
    #[oai(path = "/update", method = "put", operation_id = "orionUpdate")]
    async fn update(
        &self,
        context: Data<&Context>,
        source: Source,
        caller: Bearer,
        body: Posted<Update>,
    ) -> Result<Answer<Envelope>, OwnRefusal> {
        let sent = body.read(update::METHOD)?;
        let envelope = update::run(&context, &source, &caller.0, sent).await?;
        Ok(Answer(envelope))
    }
}
