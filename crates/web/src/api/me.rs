//! `/v1/me`: one's own account.

use std::time::Duration;

use application::accounts::RotationTerms;
use application::accounts::queries::UserView;
use domain::password::PasswordFault;
use domain::secret::Password;
use poem::web::Data;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::Chapter;
use super::factors::Factors;
use super::token::login::present_password;
use super::token::second_factor::secret_key;
use super::users::Account;
use crate::bearer::Owner;
use crate::context::{Context, Source};
use crate::json::{Answer, DateTime, NoContent, SecretText, Strict};
use crate::problem::mapping::weak_password;
use crate::problem::{Code, OwnProblem, PasswordProblem, Problem, RotateKeyProblem};

/// One's own account.
#[derive(Object)]
pub(crate) struct OwnAccount {
    #[oai(flatten)]
    account: Account,
    #[oai(flatten)]
    factors: Factors,
}

impl From<&UserView> for OwnAccount {
    fn from(view: &UserView) -> Self {
        Self {
            account: Account::from(&view.user),
            factors: Factors::from(view),
        }
    }
}

/// A change of password.
#[derive(Object)]
#[oai(example)]
pub(crate) struct PasswordChange {
    /// The password of today, as fresh proof.
    current_password: SecretText,
    /// The password from now on: 8 to 256 characters of any kind. It must not be common and must not contain the user name.
    new_password: SecretText,
}

impl Example for PasswordChange {
    fn example() -> Self {
        Self {
            current_password: SecretText("correct horse battery staple".to_owned()),
            new_password: SecretText("a better horse for the battery".to_owned()),
        }
    }
}

/// A replacement of the secret key.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct SecretKeyRotation {
    /// The present secret key, as fresh proof.
    secret_key: SecretText,
    /// How long the present key works on, in seconds: time to bring the new one everywhere. Absent: not at all.
    #[oai(validator(minimum(value = "0"), maximum(value = "604800")))]
    overlap_seconds: Option<u32>,
    /// How long the new key works, in seconds. Absent: as the service is configured.
    #[oai(validator(minimum(value = "60")))]
    expires_in: Option<u32>,
}

impl Example for SecretKeyRotation {
    fn example() -> Self {
        Self {
            secret_key: SecretText("csk_ and the rest of it".to_owned()),
            overlap_seconds: Some(3_600),
            expires_in: None,
        }
    }
}

/// A new secret key.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct RotatedSecretKey {
    /// The new key. It is shown this once: keep it.
    secret_key: SecretText,
    /// When the new key stops working. Absent: never.
    expires_at: Option<DateTime>,
    /// When the old key stops working.
    previous_expires_at: DateTime,
}

/// One's own account.
pub(crate) struct MeApi;

#[OpenApi]
impl MeApi {
    /// Read your account
    #[oai(path = "/v1/me", method = "get", operation_id = "getMe", tag = "Chapter::Account")]
    async fn get(&self, context: Data<&Context>, caller: Owner) -> Result<Answer<OwnAccount>, OwnProblem> {
        let view = context.app.queries.me(&caller.0).await?;
        // Deleted since the token was believed, a moment ago.
        let view = view.ok_or_else(|| Problem::new(Code::InvalidToken))?;
        Ok(Answer(OwnAccount::from(&view)))
    }

    /// Change your password
    ///
    /// Needs the current password as fresh proof. Everything that was issued under it is void from then on, the token of this
    /// call included: log in again.
    #[oai(
        path = "/v1/me/password",
        method = "post",
        operation_id = "changePassword",
        tag = "Chapter::Account"
    )]
    async fn change_password(
        &self,
        context: Data<&Context>,
        source: Source,
        caller: Owner,
        body: Strict<PasswordChange>,
    ) -> Result<NoContent, PasswordProblem> {
        let current = present_password("/current_password", &body.current_password)?;
        let new = Password::new(&body.new_password.0)
            .ok_or_else(|| weak_password("/new_password", &[PasswordFault::TooLong]))?;
        let change = &context.app.change_password;
        change.execute(&caller.0, current, new, &source.origin).await?;
        Ok(NoContent)
    }

    /// Replace your secret key
    ///
    /// Needs the present key as fresh proof. The present key can live on beside the new one for up to seven days, so that no
    /// machine stands still while the new one is brought to it.
    #[oai(
        path = "/v1/me/secret-key/rotate",
        method = "post",
        operation_id = "rotateSecretKey",
        tag = "Chapter::Account"
    )]
    async fn rotate_secret_key(
        &self,
        context: Data<&Context>,
        source: Source,
        caller: Owner,
        body: Strict<SecretKeyRotation>,
    ) -> Result<Answer<RotatedSecretKey>, RotateKeyProblem> {
        let present = secret_key("/secret_key", &body.secret_key)?;
        let terms = RotationTerms {
            overlap: Duration::from_secs(body.overlap_seconds.unwrap_or(0).into()),
            lifetime: body.expires_in.map(|seconds| Duration::from_secs(seconds.into())),
        };
        let rotate = &context.app.rotate_secret_key;
        let rotated = rotate.execute(&caller.0, present, terms, &source.origin).await?;
        Ok(Answer(RotatedSecretKey {
            secret_key: SecretText(rotated.secret_key.expose().to_owned()),
            expires_at: rotated.expires_at.map(DateTime::from),
            previous_expires_at: rotated.previous_expires_at.into(),
        }))
    }
}
