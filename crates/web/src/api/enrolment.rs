//! `/v1/enrolment`: enrolling an authenticator within a login that was answered with `enrolment_required`.

use std::sync::Arc;

use application::accounts::NewAuthenticator;
use application::sign_in::{EnrolmentConfirmation, LoginOutcome};
use domain::authenticator::{OtpKind, OtpParameters};
use domain::secret::AuthSessionHandle;
use poem::web::Data;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::Chapter;
use super::authenticator::{AlgorithmName, BegunAuthenticator, id_at, name_of, parameters, shown, totp};
use super::token::login::terms;
use super::token::second_factor::sent_code;
use super::token::{Tokens, outcome_label};
use crate::context::{Context, Source, to_its_end};
use crate::document::placeholders;
use crate::json::{
    Answer, AuthenticatorNameText, Created, DigitCount, Id, PeriodSeconds, ScopeText, SecretText, Strict,
};
use crate::middleware::metrics;
use crate::picture::{Form, Picture};
use crate::problem::{Code, EnrolmentConfirmProblem, EnrolmentProblem, EnrolmentShowProblem, Problem};

/// An authenticator whose codes move with time, begun within a login.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct EnrolmentTotp {
    /// What the login answered with `enrolment_required`.
    auth_session: SecretText,
    /// What to call it: 1 to 64 characters. Absent: `Authenticator app`.
    name: Option<AuthenticatorNameText>,
    /// The hash. Absent: `SHA1`. Several apps make codes with SHA-1 whatever this says.
    algorithm: Option<AlgorithmName>,
    /// How many digits. Absent: 6. Several apps show 6 whatever this says.
    digits: Option<DigitCount>,
    /// For how many seconds a code is the present one. Absent: 30. Several apps count 30 whatever this says.
    period: Option<PeriodSeconds>,
}

impl Example for EnrolmentTotp {
    fn example() -> Self {
        Self {
            auth_session: SecretText(placeholders::AUTH_SESSION.to_owned()),
            name: Some(AuthenticatorNameText("Phone".to_owned())),
            algorithm: None,
            digits: None,
            period: None,
        }
    }
}

/// An authenticator whose codes move with a counter, begun within a login.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct EnrolmentHotp {
    /// What the login answered with `enrolment_required`.
    auth_session: SecretText,
    /// What to call it: 1 to 64 characters. Absent: `Hardware token`.
    name: Option<AuthenticatorNameText>,
    /// The hash. Absent: `SHA1`. Several apps make codes with SHA-1 whatever this says.
    algorithm: Option<AlgorithmName>,
    /// How many digits. Absent: 6. Several apps show 6 whatever this says.
    digits: Option<DigitCount>,
}

impl Example for EnrolmentHotp {
    fn example() -> Self {
        Self {
            auth_session: SecretText(placeholders::AUTH_SESSION.to_owned()),
            name: Some(AuthenticatorNameText("Hardware token".to_owned())),
            algorithm: None,
            digits: None,
        }
    }
}

/// Which QR code to show.
#[derive(Object)]
#[oai(example)]
pub(crate) struct EnrolmentQr {
    /// What the login answered with `enrolment_required`.
    auth_session: SecretText,
    /// The `id` of the authenticator that was begun.
    authenticator: Id,
}

impl Example for EnrolmentQr {
    fn example() -> Self {
        Self {
            auth_session: SecretText(placeholders::AUTH_SESSION.to_owned()),
            authenticator: Id(placeholders::AUTHENTICATOR.to_owned()),
        }
    }
}

/// What confirms an authenticator and completes the login.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct EnrolmentCode {
    /// What the login answered with `enrolment_required`.
    auth_session: SecretText,
    /// The code that the authenticator shows now, all its digits without spaces.
    otp: SecretText,
    /// The code after it, of a counter-based authenticator that ran too far ahead to be found by one code.
    next_otp: Option<SecretText>,
    /// The `id` of the authenticator that was begun. Absent: every pending one is tried, and one guess counted.
    authenticator: Option<Id>,
    /// What the token is for: `account`, `admin`, or both with a space between. Absent: all that the account may have.
    scope: Option<ScopeText>,
}

impl Example for EnrolmentCode {
    fn example() -> Self {
        Self {
            auth_session: SecretText(placeholders::AUTH_SESSION.to_owned()),
            otp: SecretText("123456".to_owned()),
            next_otp: None,
            authenticator: None,
            scope: None,
        }
    }
}

/// Tokens of a login that an enrolment completed.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct EnrolledTokens {
    #[oai(flatten)]
    tokens: Tokens,
    /// Ten recovery codes, each good once instead of a code of an authenticator. They are shown this once: keep them on paper.
    recovery_codes: Option<Vec<SecretText>>,
}

/// A text that cannot be a handle is refused as one that is not known: the caller has to do the same.
fn handle(text: &SecretText) -> Result<AuthSessionHandle, Problem> {
    AuthSessionHandle::parse(&text.0).map_err(|_| Problem::new(Code::InvalidAuthSession))
}

async fn begin(
    context: &Context,
    source: &Source,
    auth_session: &SecretText,
    name: &str,
    parameters: OtpParameters,
) -> Result<Created<BegunAuthenticator>, EnrolmentProblem> {
    let new = NewAuthenticator {
        name: name_of(name)?,
        parameters,
        replaces: None,
    };
    let sign_in = &context.app.sign_in;
    let begun = sign_in
        .begin_enrolment(&handle(auth_session)?, new, &source.origin)
        .await?;
    Ok(Answer(BegunAuthenticator::new(&begun, "/v1/enrolment/qr".to_owned())))
}

/// Enrolment within a login.
pub(crate) struct EnrolmentApi;

#[OpenApi(tag = "Chapter::Authenticators")]
impl EnrolmentApi {
    /// Begin an authenticator app within a login
    ///
    /// For a login that was answered with `enrolment_required`: the account has no authenticator yet, or an administrator
    /// demands a new one. Answers a secret; show its QR code to the app (`POST /v1/enrolment/qr`) or type it in, and complete
    /// the login with a code that the app makes (`POST /v1/enrolment/confirm`). Nothing else changes until then.
    ///
    /// Leave `algorithm`, `digits` and `period` out unless you know the app: several, the most common one among them, read
    /// these from the QR code and then make codes with SHA-1, 6 digits and 30 seconds all the same. Such codes do not confirm.
    #[oai(path = "/v1/enrolment/totp", method = "post", operation_id = "enrolTotp")]
    async fn begin_totp(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Strict<EnrolmentTotp>,
    ) -> Result<Created<BegunAuthenticator>, EnrolmentProblem> {
        let name = body.name.as_ref().map_or("Authenticator app", |name| &name.0);
        let parameters = parameters(totp(body.period), body.algorithm, body.digits);
        begin(&context, &source, &body.auth_session, name, parameters).await
    }

    /// Begin a counter-based authenticator within a login
    ///
    /// As with an authenticator app, but each code is made by pressing a button, and is good until the next. Leave `algorithm`
    /// and `digits` out unless you know the token or the app.
    #[oai(path = "/v1/enrolment/hotp", method = "post", operation_id = "enrolHotp")]
    async fn begin_hotp(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Strict<EnrolmentHotp>,
    ) -> Result<Created<BegunAuthenticator>, EnrolmentProblem> {
        let name = body.name.as_ref().map_or("Hardware token", |name| &name.0);
        let parameters = parameters(OtpKind::Hotp, body.algorithm, body.digits);
        begin(&context, &source, &body.auth_session, name, parameters).await
    }

    /// Show the QR code of an authenticator that was begun within a login
    ///
    /// A PNG of 400 by 400 pixels, or an SVG if `Accept` prefers one. It is asked for by `POST`, because `auth_session` must
    /// not stand in an address. An authenticator that is not pending is answered as an authentication session that is not
    /// known.
    #[oai(path = "/v1/enrolment/qr", method = "post", operation_id = "showEnrolmentQr")]
    async fn show_qr(
        &self,
        context: Data<&Context>,
        form: Form,
        body: Strict<EnrolmentQr>,
    ) -> Result<Picture, EnrolmentShowProblem> {
        let id = id_at("/authenticator", &body.authenticator)?;
        let sign_in = &context.app.sign_in;
        let uri = sign_in.enrolment_key_uri(&handle(&body.auth_session)?, id).await?;
        Ok(Picture::of_key_uri(&uri, form)?)
    }

    /// Confirm an authenticator and complete the login
    ///
    /// With a code that it makes. From then on it counts, and that code is used up. Whatever is wrong is answered in one and the
    /// same way, as at `POST /v1/token`.
    #[oai(path = "/v1/enrolment/confirm", method = "post", operation_id = "confirmEnrolment")]
    async fn confirm(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Strict<EnrolmentCode>,
    ) -> Result<Answer<EnrolledTokens>, EnrolmentConfirmProblem> {
        let body = body.0;
        let authenticator = body.authenticator.as_ref();
        let confirmation = EnrolmentConfirmation {
            authenticator: authenticator.map(|id| id_at("/authenticator", id)).transpose()?,
            sent: sent_code(&body.otp, body.next_otp.as_ref())?,
            terms: terms(body.scope.as_ref().map(|scope| scope.0.as_str()), None, source)?,
            auth_session: handle(&body.auth_session)?,
        };
        let sign_in = Arc::clone(&context.app.sign_in);
        let outcome = to_its_end(async move { sign_in.confirm_enrolment(confirmation).await }).await?;
        metrics::login(outcome_label(&outcome));
        match outcome? {
            LoginOutcome::Granted(issued) => Ok(Answer(EnrolledTokens {
                recovery_codes: Some(shown(&issued.recovery_codes)).filter(|codes| !codes.is_empty()),
                tokens: Tokens::from(*issued),
            })),
            LoginOutcome::SecondFactorNeeded { .. }
            | LoginOutcome::EnrolmentNeeded { .. }
            | LoginOutcome::Browser(_)
            | LoginOutcome::Code(_) => {
                let problem = Problem::new(Code::InternalError);
                Err(problem
                    .because("a confirmed enrolment did not complete its login")
                    .into())
            }
        }
    }
}
