//! `/v1/me/authenticators`: one's own authenticators.

use application::accounts::NewAuthenticator;
use domain::authenticator::OtpKind;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::Chapter;
use super::authenticator::{
    AlgorithmName, AuthenticatorInfo, AuthenticatorList, BegunAuthenticator, id_at, id_in_path, name_of, parameters,
    shown, totp,
};
use super::token::second_factor::sent_code;
use crate::bearer::Owner;
use crate::context::{Context, Source, to_its_end};
use crate::json::{
    Answer, AuthenticatorNameText, Created, DigitCount, Id, NoContent, PeriodSeconds, SecretText, Strict,
};
use crate::picture::{Form, Picture};
use crate::problem::{
    BeginAuthenticatorProblem, Code, ConfirmAuthenticatorProblem, OwnProblem, Problem, RemoveAuthenticatorProblem,
    RenameAuthenticatorProblem, ShowAuthenticatorProblem,
};

/// A new authenticator whose codes move with time.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct NewTotp {
    /// What to call it: 1 to 64 characters. Two of an account must differ in more than letter case.
    name: AuthenticatorNameText,
    /// The hash. Absent: `SHA1`. Several apps make codes with SHA-1 whatever this says.
    algorithm: Option<AlgorithmName>,
    /// How many digits. Absent: 6. Several apps show 6 whatever this says.
    digits: Option<DigitCount>,
    /// For how many seconds a code is the present one. Absent: 30. Several apps count 30 whatever this says.
    period: Option<PeriodSeconds>,
    /// An active authenticator that this one takes the place of when it is confirmed.
    replaces: Option<Id>,
}

impl Example for NewTotp {
    fn example() -> Self {
        Self {
            name: AuthenticatorNameText("Phone".to_owned()),
            algorithm: None,
            digits: None,
            period: None,
            replaces: None,
        }
    }
}

/// A new authenticator whose codes move with a counter.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct NewHotp {
    /// What to call it: 1 to 64 characters. Two of an account must differ in more than letter case.
    name: AuthenticatorNameText,
    /// The hash. Absent: `SHA1`. Several apps make codes with SHA-1 whatever this says.
    algorithm: Option<AlgorithmName>,
    /// How many digits. Absent: 6. Several apps show 6 whatever this says.
    digits: Option<DigitCount>,
    /// An active authenticator that this one takes the place of when it is confirmed.
    replaces: Option<Id>,
}

impl Example for NewHotp {
    fn example() -> Self {
        Self {
            name: AuthenticatorNameText("Hardware token".to_owned()),
            algorithm: None,
            digits: None,
            replaces: None,
        }
    }
}

/// What confirms an authenticator.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct Confirmation {
    /// The code that the authenticator shows now, all its digits without spaces.
    otp: SecretText,
    /// The code after it, of a counter-based authenticator that ran too far ahead to be found by one code.
    next_otp: Option<SecretText>,
}

impl Example for Confirmation {
    fn example() -> Self {
        Self {
            otp: SecretText("123456".to_owned()),
            next_otp: None,
        }
    }
}

/// A confirmed authenticator.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct ConfirmedAuthenticator {
    /// The authenticator.
    authenticator: AuthenticatorInfo,
    /// Ten recovery codes, each good once instead of a code of an authenticator. They come with the first authenticator and are
    /// shown this once: keep them on paper.
    recovery_codes: Option<Vec<SecretText>>,
}

/// Another name.
#[derive(Object)]
#[oai(example)]
pub(crate) struct AuthenticatorChange {
    /// What to call it: 1 to 64 characters.
    name: AuthenticatorNameText,
}

impl Example for AuthenticatorChange {
    fn example() -> Self {
        Self {
            name: AuthenticatorNameText("Old phone".to_owned()),
        }
    }
}

async fn begin(
    context: &Context,
    source: &Source,
    caller: &Owner,
    new: NewAuthenticator,
) -> Result<Created<BegunAuthenticator>, BeginAuthenticatorProblem> {
    let begun = context.app.authenticators.begin(&caller.0, new, &source.origin).await?;
    let qr = format!("/v1/me/authenticators/{}/qr", begun.authenticator.id);
    Ok(Answer(BegunAuthenticator::new(&begun, qr)))
}

/// One's own authenticators.
pub(crate) struct AuthenticatorsApi;

#[OpenApi(tag = "Chapter::Authenticators")]
impl AuthenticatorsApi {
    /// List your authenticators
    #[oai(path = "/v1/me/authenticators", method = "get", operation_id = "listAuthenticators")]
    async fn list(&self, context: Data<&Context>, caller: Owner) -> Result<Answer<AuthenticatorList>, OwnProblem> {
        let view = context.app.queries.me(&caller.0).await?;
        let view = view.ok_or_else(|| Problem::new(Code::InvalidToken))?;
        Ok(Answer(AuthenticatorList::of(&view.authenticators)))
    }

    /// Begin an authenticator app
    ///
    /// Answers a secret: show its QR code to the app, or type it in, and confirm with a code that the app makes. Nothing else
    /// changes until then, and after ten minutes it is forgotten. One that was begun before under the same name gives way.
    ///
    /// Leave `algorithm`, `digits` and `period` out unless you know the app: several, the most common one among them, read
    /// these from the QR code and then make codes with SHA-1, 6 digits and 30 seconds all the same. Such codes do not confirm.
    ///
    /// Needs a token with a fresh proof, not older than five minutes: of a second factor if the account has an authenticator,
    /// otherwise of whatever it logs in with. An older token is answered with `insufficient_user_authentication`; a call of
    /// `POST /v1/token/step-up` gives a fresh one.
    #[oai(
        path = "/v1/me/authenticators/totp",
        method = "post",
        operation_id = "beginTotpAuthenticator"
    )]
    async fn begin_totp(
        &self,
        context: Data<&Context>,
        source: Source,
        caller: Owner,
        body: Strict<NewTotp>,
    ) -> Result<Created<BegunAuthenticator>, BeginAuthenticatorProblem> {
        let body = body.0;
        let new = NewAuthenticator {
            name: name_of(&body.name.0)?,
            parameters: parameters(totp(body.period), body.algorithm, body.digits),
            replaces: body.replaces.as_ref().map(|id| id_at("/replaces", id)).transpose()?,
        };
        begin(&context, &source, &caller, new).await
    }

    /// Begin a counter-based authenticator
    ///
    /// As with an authenticator app, but each code is made by pressing a button, and is good until the next. Leave `algorithm`
    /// and `digits` out unless you know the token or the app.
    #[oai(
        path = "/v1/me/authenticators/hotp",
        method = "post",
        operation_id = "beginHotpAuthenticator"
    )]
    async fn begin_hotp(
        &self,
        context: Data<&Context>,
        source: Source,
        caller: Owner,
        body: Strict<NewHotp>,
    ) -> Result<Created<BegunAuthenticator>, BeginAuthenticatorProblem> {
        let body = body.0;
        let new = NewAuthenticator {
            name: name_of(&body.name.0)?,
            parameters: parameters(OtpKind::Hotp, body.algorithm, body.digits),
            replaces: body.replaces.as_ref().map(|id| id_at("/replaces", id)).transpose()?,
        };
        begin(&context, &source, &caller, new).await
    }

    /// Show the QR code of a pending authenticator
    ///
    /// A PNG of 400 by 400 pixels, or an SVG if `Accept` prefers one. It holds the secret, so it is there only while the
    /// authenticator is pending, and only for a token with a fresh proof.
    #[oai(
        path = "/v1/me/authenticators/:id/qr",
        method = "get",
        operation_id = "showAuthenticatorQr"
    )]
    async fn show_qr(
        &self,
        context: Data<&Context>,
        form: Form,
        caller: Owner,
        /// The authenticator.
        id: Path<Id>,
    ) -> Result<Picture, ShowAuthenticatorProblem> {
        let uri = context
            .app
            .authenticators
            .key_uri(&caller.0, id_in_path(&id.0)?)
            .await?;
        Ok(Picture::of_key_uri(&uri, form)?)
    }

    /// Confirm an authenticator
    ///
    /// With a code that it makes. From then on it counts, the one that it replaces is gone, and that code is used up. With the
    /// first authenticator of an account come its recovery codes.
    #[oai(
        path = "/v1/me/authenticators/:id/confirm",
        method = "post",
        operation_id = "confirmAuthenticator"
    )]
    async fn confirm(
        &self,
        context: Data<&Context>,
        source: Source,
        caller: Owner,
        /// The authenticator.
        id: Path<Id>,
        body: Strict<Confirmation>,
    ) -> Result<Answer<ConfirmedAuthenticator>, ConfirmAuthenticatorProblem> {
        let id = id_in_path(&id.0)?;
        let sent = sent_code(&body.otp, body.next_otp.as_ref())?;
        let app = context.app.clone();
        let confirmed = to_its_end(async move {
            let authenticators = &app.authenticators;
            authenticators.confirm(&caller.0, id, sent, &source.origin).await
        });
        let confirmed = confirmed.await??;
        Ok(Answer(ConfirmedAuthenticator {
            authenticator: AuthenticatorInfo::from(&confirmed.authenticator),
            recovery_codes: Some(shown(&confirmed.recovery_codes)).filter(|codes| !codes.is_empty()),
        }))
    }

    /// Rename an authenticator
    #[oai(
        path = "/v1/me/authenticators/:id",
        method = "patch",
        operation_id = "renameAuthenticator"
    )]
    async fn rename(
        &self,
        context: Data<&Context>,
        source: Source,
        caller: Owner,
        /// The authenticator.
        id: Path<Id>,
        body: Strict<AuthenticatorChange>,
    ) -> Result<Answer<AuthenticatorInfo>, RenameAuthenticatorProblem> {
        let (id, name) = (id_in_path(&id.0)?, name_of(&body.name.0)?);
        let authenticators = &context.app.authenticators;
        let renamed = authenticators.rename(&caller.0, id, name, &source.origin).await?;
        Ok(Answer(AuthenticatorInfo::from(&renamed)))
    }

    /// Remove an authenticator
    ///
    /// Sessions that were opened with it end. With the last one go the recovery codes; it stays if nothing else would complete
    /// a login. Needs a token with a fresh proof.
    #[oai(
        path = "/v1/me/authenticators/:id",
        method = "delete",
        operation_id = "removeAuthenticator"
    )]
    async fn remove(
        &self,
        context: Data<&Context>,
        source: Source,
        caller: Owner,
        /// The authenticator.
        id: Path<Id>,
    ) -> Result<NoContent, RemoveAuthenticatorProblem> {
        let authenticators = &context.app.authenticators;
        let id = id_in_path(&id.0)?;
        authenticators.remove(&caller.0, id, &source.origin).await?;
        Ok(NoContent)
    }
}
