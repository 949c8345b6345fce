//! `/v1/token/step-up`: proving a second factor again (RFC 9470).

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::Tokens;
use super::second_factor::Sent;
use crate::api::Chapter;
use crate::bearer::Bearer;
use crate::context::{Context, Source, to_its_end};
use crate::json::{Answer, Id, SecretText, Strict};
use crate::problem::{Code, Fault, Problem, StepUpProblem};

/// A second factor.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct StepUpRequest {
    /// A code of an authenticator, all its digits without spaces.
    otp: Option<SecretText>,
    /// The code after `otp`, of a counter-based authenticator that ran too far ahead to be found by one code.
    next_otp: Option<SecretText>,
    /// Which authenticator `otp` is of. Absent: every active one of the account is tried, and one guess counted.
    authenticator: Option<Id>,
    /// Or the secret key.
    secret_key: Option<SecretText>,
    /// Or one of the recovery codes. It is good once.
    recovery_code: Option<SecretText>,
}

impl Example for StepUpRequest {
    fn example() -> Self {
        Self {
            otp: Some(SecretText("123456".to_owned())),
            next_otp: None,
            authenticator: None,
            secret_key: None,
            recovery_code: None,
        }
    }
}

/// Stepping up.
pub(crate) struct StepUpApi;

#[OpenApi(tag = "Chapter::Token")]
impl StepUpApi {
    /// Prove a second factor again
    ///
    /// For operations that ask for a better or a fresher proof, with `insufficient_user_authentication` (RFC 9470). The answer
    /// is a new pair of tokens of the same session; their `auth_time` is now, and they prove what the session proved before
    /// and this factor. Refresh tokens from before are used up.
    #[oai(path = "/v1/token/step-up", method = "post", operation_id = "stepUp")]
    async fn step_up(
        &self,
        context: Data<&Context>,
        source: Source,
        caller: Bearer,
        body: Strict<StepUpRequest>,
    ) -> Result<Answer<Tokens>, StepUpProblem> {
        let body = body.0;
        let sent = Sent {
            secret_key: body.secret_key.map(|text| ("/secret_key", text)),
            otp: body.otp,
            next_otp: body.next_otp,
            authenticator: body.authenticator,
            recovery_code: body.recovery_code,
        };
        let mut faults = Vec::new();
        sent.check(&mut faults);
        if sent.is_empty() {
            faults.push(Fault::new("/otp", Sent::MISSING));
        }
        if !faults.is_empty() {
            return Err(Problem::faults(Code::InvalidRequest, faults).into());
        }
        // That one was sent was seen above.
        let second = sent.read()?.ok_or_else(|| Problem::new(Code::InvalidRequest))?;
        let app = Arc::clone(&context.app);
        let stepped = to_its_end(async move { app.step_up.execute(&caller.0, second, &source.origin).await });
        Ok(Answer(stepped.await??.into()))
    }
}
