//! `/v1/token`: logging in, refreshing, revoking.

pub(crate) mod login;
pub(crate) mod second_factor;
pub(crate) mod step_up;

use std::sync::Arc;

use application::sign_in::{LoginError, LoginOutcome};
use application::tokens::IssuedTokens;
use domain::secret::RefreshToken;
use poem::web::Data;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

use self::login::Login;
use super::Chapter;
use crate::basic::MaybeBasic;
use crate::context::{Context, Source, to_its_end};
use crate::form::JsonOrForm;
use crate::header::SecretKeyHeader;
use crate::json::{Answer, Done, Id, Optional, ScopeText, SecretText, Strict, UsernameText};
use crate::middleware::metrics;
use crate::problem::{Challenge, Code, Problem, RefreshProblem, RevokeProblem, TokenProblem};

/// How often a token may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(crate) enum TokenUse {
    /// Its first call spends it.
    Once,
}

/// What a login proves. Each thing is sent one way: in the body, or in a header.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct TokenRequest {
    /// The user name. Or send it, with the password, by HTTP Basic.
    pub username: Option<UsernameText>,
    /// The password.
    pub password: Option<SecretText>,
    /// The second factor: the secret key that registering answered. Or send it in the header `X-Secret-Key`.
    pub secret_key: Option<SecretText>,
    /// The second factor: a code of an authenticator, 6 or 8 digits.
    pub otp: Option<SecretText>,
    /// The code after `otp`, of a counter-based authenticator that ran too far ahead to be found by one code.
    pub next_otp: Option<SecretText>,
    /// Which authenticator `otp` is of. Absent: every active one of the account is tried, and one guess counted.
    pub authenticator: Option<Id>,
    /// The second factor: one of the recovery codes. It is good once.
    pub recovery_code: Option<SecretText>,
    /// Instead of user name and password: what an earlier call answered with `mfa_required`.
    pub auth_session: Option<SecretText>,
    /// What the token is for: `account`, `admin`, or both with a space between. Absent: all that the account may have.
    pub scope: Option<ScopeText>,
    /// `once` for a token that its first call spends. Absent: a token for many calls, with a refresh token.
    #[oai(rename = "use")]
    pub usage: Option<TokenUse>,
}

impl Example for TokenRequest {
    fn example() -> Self {
        Self {
            username: Some(UsernameText("alice".to_owned())),
            password: Some(SecretText("correct horse battery staple".to_owned())),
            secret_key: None,
            otp: None,
            next_otp: None,
            authenticator: None,
            recovery_code: None,
            auth_session: None,
            scope: None,
            usage: None,
        }
    }
}

/// Tokens. They are secrets: whoever holds them can use them.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Tokens {
    /// The token for calls: a JWT (RFC 9068).
    access_token: SecretText,
    /// Always `Bearer`: send it as `Authorization: Bearer ACCESS_TOKEN`.
    token_type: String,
    /// For how long, in seconds.
    expires_in: u64,
    /// For the next access token, once. Absent with `"use": "once"`.
    refresh_token: Option<SecretText>,
    /// What the access token may be used for.
    scope: String,
}

impl From<IssuedTokens> for Tokens {
    fn from(issued: IssuedTokens) -> Self {
        Self {
            access_token: SecretText(issued.access_token),
            token_type: String::from("Bearer"),
            expires_in: issued.expires_in,
            refresh_token: issued.refresh_token.map(|token| SecretText(token.expose().to_owned())),
            scope: issued.scopes.to_string(),
        }
    }
}

/// A refresh token to use.
#[derive(Object)]
#[oai(example)]
pub(crate) struct RefreshRequest {
    /// The `refresh_token` of the latest answer.
    refresh_token: SecretText,
}

impl Example for RefreshRequest {
    fn example() -> Self {
        Self {
            refresh_token: SecretText("csr_ and the rest of it".to_owned()),
        }
    }
}

/// A token to revoke.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct RevokeRequest {
    /// An access token or a refresh token.
    token: SecretText,
    /// `access_token` or `refresh_token`; the service finds out by itself, so this may be left out, and other values mean
    /// nothing.
    token_type_hint: Option<String>,
}

impl Example for RevokeRequest {
    fn example() -> Self {
        Self {
            token: SecretText("csr_ and the rest of it".to_owned()),
            token_type_hint: None,
        }
    }
}

/// Logging in.
pub(crate) struct TokenApi;

#[OpenApi]
impl TokenApi {
    /// Get a token
    ///
    /// Send user name, password and a second factor in one call, and get an access token. The second factor is the `secret_key`,
    /// a code of an authenticator (`otp`), or a `recovery_code`.
    ///
    /// Or in two calls: without a second factor, a right password is answered with status 403, the code `mfa_required`, an
    /// `auth_session`, and the `factors` that may complete the login. Send `auth_session` back with one of them within ten
    /// minutes.
    ///
    /// An account that must enrol an authenticator first is answered with status 403 and the code `enrolment_required`: go on
    /// with its `auth_session` below `/v1/enrolment`.
    ///
    /// Whatever is wrong is answered in one and the same way.
    #[oai(
        path = "/v1/token",
        method = "post",
        operation_id = "issueToken",
        tag = "Chapter::Token"
    )]
    async fn issue(
        &self,
        context: Data<&Context>,
        source: Source,
        basic: MaybeBasic,
        /// The secret key, instead of `secret_key` in the body.
        #[oai(name = "X-Secret-Key")]
        secret_key: SecretKeyHeader,
        body: Optional<TokenRequest>,
    ) -> Result<Answer<Tokens>, TokenProblem> {
        let challenge = if basic.0.is_some() {
            Challenge::Basic
        } else {
            Challenge::Bearer
        };
        let login = Login::read(body.0, basic.0, secret_key.0, source)?;
        let sign_in = Arc::clone(&context.app.sign_in);
        let login = to_its_end(async move {
            match login {
                Login::Password(login) => sign_in.with_password(login).await,
                Login::Continued(login) => sign_in.with_auth_session(login).await,
            }
        });
        let outcome = login.await?;
        metrics::login(outcome_label(&outcome));
        match outcome {
            Ok(LoginOutcome::Granted(issued)) => Ok(Answer((*issued).into())),
            Ok(LoginOutcome::SecondFactorNeeded {
                auth_session,
                lifetime,
                factors,
                ..
            }) => Err(Problem::mfa_required(auth_session.as_ref(), lifetime.as_secs(), &factors).into()),
            Ok(LoginOutcome::EnrolmentNeeded {
                auth_session, lifetime, ..
            }) => Err(Problem::enrolment_required(auth_session.as_ref(), lifetime.as_secs()).into()),
            Ok(LoginOutcome::Browser(_) | LoginOutcome::Code(_)) => Err(Problem::new(Code::InternalError)
                .because("a login here came to something else than tokens")
                .into()),
            Err(LoginError::Refused) => Err(Problem::invalid_credentials(challenge).into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Get the next token
    ///
    /// Uses up a refresh token and answers a new pair. A refresh token that comes a second time ends its session: two
    /// parties hold it, and one of them stole it.
    #[oai(
        path = "/v1/token/refresh",
        method = "post",
        operation_id = "refreshToken",
        tag = "Chapter::Token"
    )]
    async fn refresh(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Strict<RefreshRequest>,
    ) -> Result<Answer<Tokens>, RefreshProblem> {
        // A text that cannot be a refresh token is refused as one that is not valid: the caller has to do the same.
        let token = RefreshToken::parse(&body.refresh_token.0).map_err(|_| Problem::new(Code::InvalidRefreshToken))?;
        let issued = context.app.refresh.execute(&token, &source.origin).await?;
        Ok(Answer(issued.into()))
    }

    /// Revoke a token
    ///
    /// RFC 7009. An access token alone is revoked; a refresh token with its session and everything that came from it. A
    /// token that is not known is answered in the same way: it does not work, which is what was wanted.
    ///
    /// Clients made for RFC 7009 may send the same fields as `application/x-www-form-urlencoded`.
    #[oai(
        path = "/v1/token/revoke",
        method = "post",
        operation_id = "revokeToken",
        tag = "Chapter::Token"
    )]
    async fn revoke(
        &self,
        context: Data<&Context>,
        source: Source,
        body: JsonOrForm<RevokeRequest>,
    ) -> Result<Done, RevokeProblem> {
        context.app.revoke.execute(&body.0.token.0, &source.origin).await?;
        Ok(Done)
    }
}

/// How a login is counted.
pub(crate) const fn outcome_label(outcome: &Result<LoginOutcome, LoginError>) -> &'static str {
    match outcome {
        Ok(LoginOutcome::Granted(_) | LoginOutcome::Browser(_) | LoginOutcome::Code(_)) => "granted",
        Ok(LoginOutcome::SecondFactorNeeded { .. }) => "second_factor_needed",
        Ok(LoginOutcome::EnrolmentNeeded { .. }) => "enrolment_needed",
        Err(LoginError::Refused) => "refused",
        Err(LoginError::InvalidScope) => "invalid_scope",
        Err(LoginError::Busy(_)) => "busy",
        Err(LoginError::Store(_) | LoginError::Issue(_)) => "unavailable",
    }
}
