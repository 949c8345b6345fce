//! `/v1/me/recovery-codes`: look-up secrets for when an authenticator is lost.

use poem::web::Data;
use poem_openapi::{Object, OpenApi};

use super::Chapter;
use super::authenticator::shown;
use crate::bearer::Owner;
use crate::context::{Context, Source};
use crate::json::{Answer, Created, SecretText};
use crate::problem::RecoveryCodesProblem;

/// Recovery codes.
#[derive(Object)]
pub(crate) struct RecoveryCodeList {
    /// Ten codes, each good once instead of a code of an authenticator. They are shown this once: keep them on paper.
    recovery_codes: Vec<SecretText>,
}

/// One's own recovery codes.
pub(crate) struct RecoveryCodesApi;

#[OpenApi(tag = "Chapter::Authenticators")]
impl RecoveryCodesApi {
    /// Make new recovery codes
    ///
    /// All codes from before are void, used or not. For accounts with an authenticator; needs a token with a fresh proof, not
    /// older than five minutes.
    #[oai(path = "/v1/me/recovery-codes", method = "post", operation_id = "makeRecoveryCodes")]
    async fn make(
        &self,
        context: Data<&Context>,
        source: Source,
        caller: Owner,
    ) -> Result<Created<RecoveryCodeList>, RecoveryCodesProblem> {
        let codes = context.app.recovery_codes.execute(&caller.0, &source.origin).await?;
        Ok(Answer(RecoveryCodeList {
            recovery_codes: shown(&codes),
        }))
    }
}
