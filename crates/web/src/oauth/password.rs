//! Logins that a client passes on: the password grant with its second step (as clients of Auth0 know it), and what the challenge
//! endpoint has in common with it.

use std::sync::Arc;
use std::time::Duration;

use application::aidbox::CodeReason;
use application::clients::AuthenticatedClient;
use application::sign_in::{
    ClientTerms, ContinuedLogin, LoginError, LoginName, LoginOutcome, LoginTerms, PasswordLogin, SecondFactor,
};
use application::tokens::{TokenForm, grant};
use domain::claims::Use;
use domain::client::GrantType;
use domain::factor::FactorType;
use domain::secret::AuthSessionHandle;
use poem::http::StatusCode;

use super::answer::OAuthTokens;
use super::parameters::Parameters;
use super::refusal::OAuthError;
use super::token::wanted;
use crate::api::token::login::present_password;
use crate::api::token::outcome_label;
use crate::api::token::second_factor::Sent;
use crate::api::users::username;
use crate::context::{Context, Source, to_its_end};
use crate::json::{Id, SecretText};
use crate::middleware::metrics;
use crate::problem::{Code, Problem};

const MFA_OTP: &str = "http://auth0.com/oauth/grant-type/mfa-otp";
const MFA_RECOVERY_CODE: &str = "http://auth0.com/oauth/grant-type/mfa-recovery-code";

/// The grants by which a login goes on that `mfa_required` stopped.
pub(super) const PASSWORD_GRANTS: [&str; 2] = [MFA_OTP, MFA_RECOVERY_CODE];

/// Gives tokens for a password and a second factor, in one call or in two.
pub(super) async fn grant(
    context: &Context,
    client: &AuthenticatedClient,
    name: &str,
    parameters: &Parameters,
    source: Source,
) -> Result<OAuthTokens, OAuthError> {
    let is_second = PASSWORD_GRANTS.contains(&name);
    let (terms, handle) = if is_second {
        // A login that goes on does so with what it began with.
        let terms = grant::resumed_terms(client, GrantType::Password)?;
        parameters.needed(if name == MFA_OTP { "otp" } else { "recovery_code" })?;
        (terms, Some(parameters.needed("mfa_token")?))
    } else {
        let wanted = wanted(parameters)?;
        let terms = grant::login_terms(&context.app.core, client, GrantType::Password, &wanted, None, None)?;
        (terms, None)
    };
    let origin = source.origin.clone();
    let terms = login_terms(TokenForm::Client, terms, source);
    match login(context, handle, parameters, terms).await? {
        LoginOutcome::Granted(issued) => OAuthTokens::of_login(context, client, *issued).await,
        LoginOutcome::SecondFactorNeeded {
            auth_session,
            lifetime,
            factors,
            user,
        } => {
            // Whether it was sent or not, the login waits for its second factor.
            let codes = &context.app.aidbox.codes;
            let sending = codes.send(user, CodeReason::PasswordProved, &origin).await;
            sending.map_err(Problem::from)?;
            let description = "the password is right: send mfa_token back together with a second factor";
            let error = OAuthError::with_status(StatusCode::FORBIDDEN, "mfa_required", description);
            let error = error.member("mfa_token", shown(auth_session));
            Err(waiting(error, lifetime, &factors))
        }
        LoginOutcome::EnrolmentNeeded { .. } => Err(OAuthError::with_status(
            StatusCode::FORBIDDEN,
            "enrolment_required",
            "the account must enrol an authenticator first, which takes a browser or the operations below /v1",
        )),
        LoginOutcome::Browser(_) | LoginOutcome::Code(_) => Err(unasked()),
    }
}

/// The handle of a login that waits for its second factor.
pub(super) fn shown(handle: Option<AuthSessionHandle>) -> String {
    handle.map(|handle| handle.expose().to_owned()).unwrap_or_default()
}

/// With how long such a login waits, and for which factors.
pub(super) fn waiting(error: OAuthError, lifetime: Duration, factors: &[FactorType]) -> OAuthError {
    let names: Vec<&str> = factors.iter().map(|factor| factor.name()).collect();
    error.member("expires_in", lifetime.as_secs()).member("factors", names)
}

/// A use case gave what it was not asked for.
pub(super) fn unasked() -> OAuthError {
    Problem::new(Code::InternalError)
        .because("a login gave what it was not asked for")
        .into()
}

/// The terms of a login for a client.
pub(super) fn login_terms(form: TokenForm, client: ClientTerms, source: Source) -> LoginTerms {
    LoginTerms {
        scopes: None,
        usage: Use::Many,
        form,
        client: Some(client),
        otp: None,
        origin: source.origin,
        network: source.network,
    }
}

/// Logs in with what was sent: with a handle, the second step of a login, or else the first.
pub(super) async fn login(
    context: &Context,
    handle: Option<&str>,
    parameters: &Parameters,
    terms: LoginTerms,
) -> Result<LoginOutcome, OAuthError> {
    let second = second_factor(parameters)?;
    let config = context.app.aidbox.configs.in_effect().await.map_err(Problem::from)?;
    let terms = LoginTerms {
        otp: config.map(|config| config.otp),
        ..terms
    };
    let sign_in = Arc::clone(&context.app.sign_in);
    let outcome = match handle {
        Some(handle) => {
            let Some(second) = second else {
                return Err(OAuthError::invalid_request(
                    "otp is missing, and so are secret_key and recovery_code",
                ));
            };
            // What cannot be a handle is as wrong as one that is unknown.
            let auth_session = AuthSessionHandle::parse(handle).map_err(|_| OAuthError::from(LoginError::Refused))?;
            let login = ContinuedLogin {
                auth_session,
                second,
                terms,
            };
            to_its_end(async move { sign_in.with_auth_session(login).await }).await?
        }
        None => {
            let name = username("/username", parameters.needed("username")?)?;
            let password = SecretText(parameters.needed("password")?.to_owned());
            let login = PasswordLogin {
                name: LoginName::Username(name),
                password: present_password("/password", &password)?,
                second,
                terms,
            };
            to_its_end(async move { sign_in.with_password(login).await }).await?
        }
    };
    metrics::login(outcome_label(&outcome));
    Ok(outcome?)
}

fn second_factor(parameters: &Parameters) -> Result<Option<SecondFactor>, OAuthError> {
    let secret = |name: &str| parameters.one(name).map(|text| SecretText(text.to_owned()));
    let sent = Sent {
        secret_key: secret("secret_key").map(|text| ("/secret_key", text)),
        otp: secret("otp"),
        next_otp: secret("next_otp"),
        authenticator: parameters.one("authenticator").map(|text| Id(text.to_owned())),
        recovery_code: secret("recovery_code"),
    };
    let mut faults = Vec::new();
    sent.check(&mut faults);
    if !faults.is_empty() {
        return Err(Problem::faults(Code::InvalidRequest, faults).into());
    }
    Ok(sent.read()?)
}
