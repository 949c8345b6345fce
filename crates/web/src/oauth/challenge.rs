//! `POST /auth/challenge`: an authorization code without a browser, for the operator's own applications
//! (draft-ietf-oauth-first-party-apps).

use application::sign_in::LoginOutcome;
use application::tokens::{TokenForm, grant};
use domain::authorization::{CodeChallenge, NONCE_MAX};
use domain::client::{GrantType, Party};
use poem::web::Data;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::client::{ClientHeader, authenticate};
use super::parameters::{Parameters, Sent};
use super::password::{login, login_terms, shown, unasked, waiting};
use super::refusal::{LimitedRefusal, OAuthError};
use super::token::wanted;
use crate::api::Chapter;
use crate::context::{Context, Source};
use crate::json::{Answer, SecretText};

/// A login by an application of the operator's own.
#[derive(Object)]
#[oai(rename = "AuthorizationChallengeRequest", example, skip_serializing_if_is_none)]
pub(super) struct ChallengeParameters {
    /// The client, unless it authenticates with HTTP Basic.
    client_id: Option<String>,
    /// Its secret, if it has one.
    client_secret: Option<SecretText>,
    /// The user name.
    username: Option<String>,
    /// The password.
    password: Option<SecretText>,
    /// The second factor: a one-time code.
    otp: Option<SecretText>,
    /// The second factor: the secret key.
    secret_key: Option<SecretText>,
    /// The second factor: a recovery code.
    recovery_code: Option<SecretText>,
    /// Instead of user name and password: what an earlier answer gave.
    auth_session: Option<SecretText>,
    /// The scopes, with spaces between.
    scope: Option<String>,
    /// The resource that the tokens are for (RFC 8707).
    resource: Option<String>,
    /// The challenge of the proof key (RFC 7636).
    code_challenge: Option<String>,
    /// Its method: `S256`.
    code_challenge_method: Option<String>,
    /// What the ID token repeats.
    nonce: Option<String>,
}

impl Example for ChallengeParameters {
    fn example() -> Self {
        Self {
            client_id: Some("mobile-app".to_owned()),
            client_secret: None,
            username: Some("alice".to_owned()),
            password: Some(SecretText("correct horse battery staple".to_owned())),
            otp: Some(SecretText("123456".to_owned())),
            secret_key: None,
            recovery_code: None,
            auth_session: None,
            scope: Some("openid".to_owned()),
            resource: None,
            code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()),
            code_challenge_method: Some("S256".to_owned()),
            nonce: None,
        }
    }
}

/// A code.
#[derive(Object)]
pub(super) struct IssuedCode {
    /// The code, for the token endpoint. It is good once.
    authorization_code: SecretText,
}

/// The challenge of the proof key, if one was sent.
pub(super) fn code_challenge(parameters: &Parameters) -> Result<Option<CodeChallenge>, OAuthError> {
    let method = parameters.one("code_challenge_method");
    match parameters.one("code_challenge") {
        None if method.is_some() => Err(OAuthError::invalid_request("code_challenge is missing")),
        None => Ok(None),
        Some(_) if method != Some("S256") => Err(OAuthError::invalid_request("code_challenge_method must be S256")),
        Some(text) => CodeChallenge::parse(text).map(Some).ok_or_else(|| {
            OAuthError::invalid_request("code_challenge must be the SHA-256 of the verifier in base64url")
        }),
    }
}

/// The challenge endpoint.
pub(super) struct ChallengeEndpoint;

#[OpenApi]
impl ChallengeEndpoint {
    /// Get an authorization code without a browser
    ///
    /// For the operator's own applications. Send user name, password and a second factor in one call; or without the second
    /// factor, and then the `auth_session` of the answer `insufficient_authorization` together with it.
    #[oai(
        path = "/auth/challenge",
        method = "post",
        operation_id = "authorizationChallenge",
        tag = "Chapter::OAuth"
    )]
    async fn challenge(
        &self,
        context: Data<&Context>,
        source: Source,
        header: ClientHeader,
        body: Sent<ChallengeParameters>,
    ) -> Result<Answer<IssuedCode>, LimitedRefusal> {
        let parameters = &body.parameters;
        let client = authenticate(&context, header, parameters, &source).await?;
        if client.party != Party::First {
            let error = OAuthError::new(
                "unauthorized_client",
                "only applications of the operator itself may do this",
            );
            return Err(error.into());
        }
        let handle = parameters.one("auth_session");
        let nonce = parameters.one("nonce").map(str::to_owned);
        if nonce.as_ref().is_some_and(|nonce| nonce.len() > NONCE_MAX) {
            return Err(OAuthError::invalid_request("nonce is too long").into());
        }
        let challenge = code_challenge(parameters)?;
        let grant = GrantType::AuthorizationCode;
        let terms = match handle {
            // A login that goes on does so with what it began with, its proof key too.
            Some(_) => grant::resumed_terms(&client, grant),
            None => grant::login_terms(
                &context.app.core,
                &client,
                grant,
                &wanted(parameters)?,
                challenge,
                nonce,
            ),
        };
        let terms = login_terms(TokenForm::Code, terms.map_err(OAuthError::from)?, source);
        match login(&context, handle, parameters, terms).await? {
            LoginOutcome::Code(code) => Ok(Answer(IssuedCode {
                authorization_code: SecretText(code.expose().to_owned()),
            })),
            LoginOutcome::SecondFactorNeeded {
                auth_session,
                lifetime,
                factors,
                ..
            } => {
                let description = "the password is right: send auth_session back together with a second factor";
                let error = OAuthError::new("insufficient_authorization", description);
                let error = error.member("auth_session", shown(auth_session));
                Err(waiting(error, lifetime, &factors).into())
            }
            LoginOutcome::EnrolmentNeeded { .. } => {
                let description = "the account must enrol an authenticator first: go on in a browser";
                Err(OAuthError::new("redirect_to_web", description).into())
            }
            LoginOutcome::Granted(_) | LoginOutcome::Browser(_) => Err(unasked().into()),
        }
    }
}
