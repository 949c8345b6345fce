//! `/v1/admin/users/{id}/authenticators` and its neighbours: looking after the second factors of others.

mod import;

use domain::recovery_code::RecoveryCode;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};

use self::import::AuthenticatorImport;
use super::Chapter;
use super::admin_users::user_id;
use super::authenticator::{AuthenticatorInfo, AuthenticatorList, id_in_path};
use crate::bearer::Administrator;
use crate::context::{Context, Source};
use crate::json::{Answer, Created, DateTime, Id, NoContent, SecretText, Strict};
use crate::problem::{AdminFactorProblem, AdminImportProblem, AdminUserProblem, Code, Problem};

/// A recovery code for an owner who has lost everything else.
#[derive(Object)]
pub(crate) struct IssuedRecoveryCode {
    /// The code, good once. It is shown this once: bring it to the owner.
    recovery_code: SecretText,
    /// When it stops working.
    expires_at: DateTime,
}

fn shown(code: &RecoveryCode) -> SecretText {
    SecretText(code.to_groups().to_string())
}

/// A link for a new password.
#[derive(Object)]
pub(crate) struct IssuedPasswordReset {
    /// The address, good once. It is shown this once: bring it to the owner.
    url: SecretText,
    /// When it stops working.
    expires_at: DateTime,
}

/// Second factors of others.
pub(crate) struct AdminFactorsApi;

#[OpenApi(tag = "Chapter::Administration")]
impl AdminFactorsApi {
    /// List the authenticators of an account
    #[oai(
        path = "/v1/admin/users/:id/authenticators",
        method = "get",
        operation_id = "listAuthenticatorsOfUser"
    )]
    async fn list(
        &self,
        context: Data<&Context>,
        actor: Administrator,
        /// The account.
        id: Path<Id>,
    ) -> Result<Answer<AuthenticatorList>, AdminUserProblem> {
        let view = context.app.queries.user(&actor.0, user_id(&id)?).await?;
        let view = view.ok_or_else(|| Problem::new(Code::NotFound))?;
        Ok(Answer(AuthenticatorList::of(&view.authenticators)))
    }

    /// Bring an authenticator from another service
    ///
    /// With the secret that its owner has been using there: as a key URI, or in parts. It is active at once. The secret is in
    /// no answer.
    #[oai(
        path = "/v1/admin/users/:id/authenticators",
        method = "post",
        operation_id = "importAuthenticator"
    )]
    async fn import(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// The account.
        id: Path<Id>,
        body: Strict<AuthenticatorImport>,
    ) -> Result<Created<AuthenticatorInfo>, AdminImportProblem> {
        let (id, new) = (user_id(&id)?, body.0.read()?);
        let import = &context.app.import;
        let added = import.authenticator(&actor.0, id, new, &source.origin).await?;
        Ok(Answer(AuthenticatorInfo::from(&added)))
    }

    /// Remove an authenticator of an account
    ///
    /// Sessions that were opened with it end. It may be the last one; with it go the recovery codes.
    #[oai(
        path = "/v1/admin/users/:id/authenticators/:authenticator",
        method = "delete",
        operation_id = "removeAuthenticatorOfUser"
    )]
    async fn remove(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// The account.
        id: Path<Id>,
        /// The authenticator.
        authenticator: Path<Id>,
    ) -> Result<NoContent, AdminFactorProblem> {
        let (id, authenticator) = (user_id(&id)?, id_in_path(&authenticator.0)?);
        let manage = &context.app.manage_factors;
        let removed = manage.remove_authenticator(&actor.0, id, authenticator, &source.origin);
        removed.await?;
        Ok(NoContent)
    }

    /// Demand a new authenticator of an account
    ///
    /// Everything that the account was issued is void. Its next login proves what it has now, and is then answered with
    /// `enrolment_required`; the enrolment completes it, and older authenticators and recovery codes give way.
    #[oai(
        path = "/v1/admin/users/:id/require-enrolment",
        method = "post",
        operation_id = "requireEnrolment"
    )]
    async fn require_enrolment(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// The account.
        id: Path<Id>,
    ) -> Result<NoContent, AdminUserProblem> {
        let manage = &context.app.manage_factors;
        manage
            .require_enrolment(&actor.0, user_id(&id)?, &source.origin)
            .await?;
        Ok(NoContent)
    }

    /// Make a recovery code for an account
    ///
    /// For an owner who has lost every second factor. It is good once, for a short time, and only together with the password.
    #[oai(
        path = "/v1/admin/users/:id/recovery",
        method = "post",
        operation_id = "issueRecoveryCode"
    )]
    async fn issue_recovery(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// The account.
        id: Path<Id>,
    ) -> Result<Created<IssuedRecoveryCode>, AdminFactorProblem> {
        let manage = &context.app.manage_factors;
        let issued = manage.issue_recovery(&actor.0, user_id(&id)?, &source.origin).await?;
        Ok(Answer(IssuedRecoveryCode {
            recovery_code: shown(&issued.code),
            expires_at: issued.expires_at.into(),
        }))
    }

    /// Make a link for a new password
    ///
    /// For an owner who has lost the password. The link is good once, for a short time, and the second factor of the account is
    /// asked for before the new password is set. Nothing changes until then.
    #[oai(
        path = "/v1/admin/users/:id/password-reset",
        method = "post",
        operation_id = "issuePasswordReset"
    )]
    async fn issue_password_reset(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        /// The account.
        id: Path<Id>,
    ) -> Result<Created<IssuedPasswordReset>, AdminFactorProblem> {
        let resets = &context.app.reset_passwords;
        let issued = resets.issue(&actor.0, user_id(&id)?, &source.origin).await?;
        Ok(Answer(IssuedPasswordReset {
            url: SecretText(issued.url.to_string()),
            expires_at: issued.expires_at.into(),
        }))
    }
}
