//! Logging in, whatever the call is named: a password, a code, or both.

use std::sync::Arc;

use application::sign_in::{LoginError, LoginName, LoginOutcome, LoginTerms, PasswordLogin, SecondFactor, SignIn};
use application::tokens::{IssuedTokens, TokenForm};
use domain::authenticator::SentCode;
use domain::claims::Use;
use domain::email::Email;
use domain::one_time_code::OneTimeCode;
use domain::recovery_code::RecoveryCode;
use domain::secret::{Password, SecretKey};

use super::refusal::Refusal;
use crate::api::token::outcome_label;
use crate::context::{Context, Source, to_its_end};
use crate::json::EmailText;
use crate::middleware::metrics;

/// What a password that is right is told when nothing else was sent.
pub(super) const CODE_NEEDED: &str = "2FA code required";
/// What whoever proved everything there is is told, when that is not enough.
pub(super) const ENROLMENT_NEEDED: &str = "Enrol an authenticator: call qrCode";
/// What a login is refused with where a password is sent.
pub(super) const NOT_FOUND: &str = "Credentials not found";

/// How a login goes on.
pub(super) enum Outcome {
    /// Everything was proved.
    Granted(Box<IssuedTokens>),
    /// The password is right, and a second factor is missing.
    CodeNeeded,
    /// Everything that the account has was proved, and it must enrol an authenticator.
    EnrolmentNeeded,
    /// Something is not right.
    Refused,
}

/// What was sent to log in with. At least one of the two is there.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub email: &'a EmailText,
    pub password: Option<&'a str>,
    pub code: Option<&'a str>,
}

/// What can be compared with what is stored.
struct Attempt {
    email: Email,
    password: Option<Password>,
    second: Option<SecondFactor>,
}

/// A second factor of any kind. That service has one field for them, and their forms have nothing in common.
pub(super) fn second_factor(text: &str) -> Option<SecondFactor> {
    if let Ok(code) = OneTimeCode::parse(text) {
        return Some(SecondFactor::OneTimeCode {
            sent: SentCode { code, next: None },
            authenticator: None,
        });
    }
    if let Ok(key) = SecretKey::parse(text) {
        return Some(SecondFactor::SecretKey(key));
    }
    RecoveryCode::parse(text).ok().map(SecondFactor::RecoveryCode)
}

/// What a login of the profile wants, coming from there.
pub(super) fn terms(source: &Source) -> LoginTerms {
    LoginTerms {
        scopes: None,
        usage: Use::Many,
        form: TokenForm::Orion,
        client: None,
        otp: None,
        origin: source.origin.clone(),
        network: source.network.clone(),
    }
}

impl Sent<'_> {
    /// What cannot be right whatever is stored is no attempt: it is refused as a wrong one is, and nothing is charged.
    fn attempt(self) -> Result<Option<Attempt>, Refusal> {
        let email = super::form::email(self.email)?;
        let password = self.password.map(Password::new);
        let second = self.code.map(second_factor);
        Ok(match (password, second) {
            (Some(None), _) | (_, Some(None)) => None,
            (password, second) => Some(Attempt {
                email,
                password: password.flatten(),
                second: second.flatten(),
            }),
        })
    }

    /// Logs in.
    pub async fn log_in(self, context: &Context, source: &Source) -> Result<Outcome, Refusal> {
        let Some(attempt) = self.attempt()? else {
            return Ok(Outcome::Refused);
        };
        let sign_in = Arc::clone(&context.app.sign_in);
        let (first, second) = (terms(source), terms(source));
        let outcome = to_its_end(async move { attempt.run(&sign_in, first, second).await }).await?;
        metrics::login(outcome_label(&outcome));
        match outcome {
            Ok(LoginOutcome::Granted(issued)) => Ok(Outcome::Granted(issued)),
            Ok(LoginOutcome::SecondFactorNeeded { .. }) => Ok(Outcome::CodeNeeded),
            Ok(LoginOutcome::EnrolmentNeeded { .. }) => Ok(Outcome::EnrolmentNeeded),
            // No scopes are asked for, so none can be refused.
            Ok(LoginOutcome::Browser(_) | LoginOutcome::Code(_))
            | Err(LoginError::Refused | LoginError::InvalidScope) => Ok(Outcome::Refused),
            Err(error) => Err(error.into()),
        }
    }
}

impl Attempt {
    async fn run(self, sign_in: &SignIn, first: LoginTerms, second: LoginTerms) -> Result<LoginOutcome, LoginError> {
        let Self {
            email,
            password,
            second: factor,
        } = self;
        let with_password = |password, factor| {
            sign_in.with_password(PasswordLogin {
                name: LoginName::Email(email.clone()),
                password,
                second: factor,
                terms: first,
            })
        };
        match (password, factor) {
            // The code may be the first one of an authenticator that was begun here, and that counts in the second call of a
            // login only. So both calls are made.
            (Some(password), Some(code @ SecondFactor::OneTimeCode { .. })) => {
                with_password(password, None).await?;
                sign_in.orion_second_call(&email, &code, &second).await
            }
            (Some(password), factor) => with_password(password, factor).await,
            (None, Some(factor)) => sign_in.orion_second_call(&email, &factor, &second).await,
            (None, None) => Err(LoginError::Refused),
        }
    }
}
