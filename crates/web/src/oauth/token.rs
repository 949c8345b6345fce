//! `POST /auth/token`: the token endpoint (RFC 6749 section 3.2), and which grant does what.

use application::clients::AuthenticatedClient;
use application::tokens::{CodeRedemption, Wanted, grant};
use domain::client::GrantType;
use domain::scope::Scopes;
use domain::secret::{AuthorizationCode, DeviceCode, RefreshToken};
use poem::web::Data;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::answer::{ACCESS_TOKEN_TYPE, OAuthTokens};
use super::client::{ClientHeader, authenticate};
use super::parameters::{Parameters, Sent};
use super::password::{self, PASSWORD_GRANTS};
use super::refusal::{LimitedRefusal, OAuthError};
use crate::api::Chapter;
use crate::context::{Context, Source};
use crate::json::{Answer, SecretText};

/// A request for tokens. Which parameters are needed depends on `grant_type`.
#[derive(Object)]
#[oai(rename = "OAuthTokenRequest", example, skip_serializing_if_is_none)]
pub(super) struct TokenParameters {
    /// `authorization_code`, `refresh_token`, `client_credentials`, `urn:ietf:params:oauth:grant-type:device_code`,
    /// `urn:ietf:params:oauth:grant-type:token-exchange`, `password`, or, after `mfa_required`,
    /// `http://auth0.com/oauth/grant-type/mfa-otp` and `http://auth0.com/oauth/grant-type/mfa-recovery-code`.
    grant_type: String,
    /// The client, unless it authenticates with HTTP Basic.
    client_id: Option<String>,
    /// Its secret, unless it authenticates in another way.
    client_secret: Option<SecretText>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, for a client with keys of its own.
    client_assertion_type: Option<String>,
    /// Its assertion (RFC 7523).
    client_assertion: Option<SecretText>,
    /// The authorization code.
    code: Option<SecretText>,
    /// As in the authorization request.
    redirect_uri: Option<String>,
    /// The proof key of the code (RFC 7636).
    code_verifier: Option<SecretText>,
    /// The refresh token.
    refresh_token: Option<SecretText>,
    /// The scopes, with spaces between. Absent: all that can be had.
    scope: Option<String>,
    /// The resource that the token is for (RFC 8707). May be there more than once.
    resource: Option<String>,
    /// The device code (RFC 8628).
    device_code: Option<SecretText>,
    /// The token to exchange (RFC 8693).
    subject_token: Option<SecretText>,
    /// Its type: `urn:ietf:params:oauth:token-type:access_token`.
    subject_token_type: Option<String>,
    /// The same as `resource`, in a token exchange.
    audience: Option<String>,
    /// The type of the token that is wanted in a token exchange: that of `subject_token_type`.
    requested_token_type: Option<String>,
    /// The user name, with the grant `password`.
    username: Option<String>,
    /// The password, with the grant `password`.
    password: Option<SecretText>,
    /// A one-time code, with the grant `password` or `…/mfa-otp`.
    otp: Option<SecretText>,
    /// A secret key, with the grant `password`.
    secret_key: Option<SecretText>,
    /// A recovery code, with the grant `password` or `…/mfa-recovery-code`.
    recovery_code: Option<SecretText>,
    /// What `mfa_required` answered.
    mfa_token: Option<SecretText>,
}

impl Example for TokenParameters {
    fn example() -> Self {
        Self {
            grant_type: "client_credentials".to_owned(),
            client_id: Some("reports".to_owned()),
            client_secret: Some(SecretText("ccs_ and the rest of it".to_owned())),
            client_assertion_type: None,
            client_assertion: None,
            code: None,
            redirect_uri: None,
            code_verifier: None,
            refresh_token: None,
            scope: Some("reports.read".to_owned()),
            resource: None,
            device_code: None,
            subject_token: None,
            subject_token_type: None,
            audience: None,
            requested_token_type: None,
            username: None,
            password: None,
            otp: None,
            secret_key: None,
            recovery_code: None,
            mfa_token: None,
        }
    }
}

/// The scopes and resources of a request.
pub(super) fn wanted(parameters: &Parameters) -> Result<Wanted, OAuthError> {
    let scopes = parameters.one("scope").map(Scopes::parse).transpose();
    Ok(Wanted {
        scopes: scopes.map_err(|fault| OAuthError::new("invalid_scope", format!("scope {fault}")))?,
        resources: parameters.many("resource"),
    })
}

/// The token endpoint.
pub(super) struct TokenEndpoint;

#[OpenApi]
impl TokenEndpoint {
    /// Get tokens for a client
    ///
    /// RFC 6749. The client authenticates as it is registered: with HTTP Basic, with `client_id` and `client_secret` in the body,
    /// with an assertion of its own key, or, a public one, by its name alone. The same parameters are taken as a JSON object.
    #[oai(
        path = "/auth/token",
        method = "post",
        operation_id = "oauthToken",
        tag = "Chapter::OAuth"
    )]
    async fn token(
        &self,
        context: Data<&Context>,
        source: Source,
        header: ClientHeader,
        body: Sent<TokenParameters>,
    ) -> Result<Answer<OAuthTokens>, LimitedRefusal> {
        let parameters = &body.parameters;
        let name = parameters.needed("grant_type")?;
        let client = authenticate(&context, header, parameters, &source).await?;
        if PASSWORD_GRANTS.contains(&name) {
            let tokens = password::grant(&context, &client, name, parameters, source).await?;
            return Ok(Answer(tokens));
        }
        let Some(grant) = GrantType::from_name(name) else {
            let error = OAuthError::new("unsupported_grant_type", "this grant type is not known here");
            return Err(error.into());
        };
        grant::allow(&client, grant)?;
        let call = Call {
            context: &context,
            client: &client,
            parameters,
            source: &source,
        };
        let tokens = match grant {
            GrantType::AuthorizationCode => call.authorization_code().await,
            GrantType::RefreshToken => call.refresh_token().await,
            GrantType::ClientCredentials => call.client_credentials().await,
            GrantType::DeviceCode => call.device_code().await,
            GrantType::TokenExchange => call.token_exchange().await,
            GrantType::Password => password::grant(&context, &client, name, parameters, source).await,
        };
        Ok(Answer(tokens?))
    }
}

struct Call<'a> {
    context: &'a Context,
    client: &'a AuthenticatedClient,
    parameters: &'a Parameters,
    source: &'a Source,
}

/// What cannot be such a secret is as wrong as one that is unknown.
fn invalid_grant() -> OAuthError {
    application::tokens::GrantError::InvalidGrant.into()
}

impl Call<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.parameters.one(name).map(str::to_owned)
    }

    async fn authorization_code(&self) -> Result<OAuthTokens, OAuthError> {
        let code = AuthorizationCode::parse(self.parameters.needed("code")?).map_err(|_| invalid_grant())?;
        let redemption = CodeRedemption {
            code,
            redirect_uri: self.text("redirect_uri"),
            verifier: self.text("code_verifier"),
            resources: self.parameters.many("resource"),
        };
        let redeem = &self.context.app.oauth.redeem_code;
        let issued = redeem.execute(self.client, redemption, &self.source.origin).await?;
        OAuthTokens::of_login(self.context, self.client, issued).await
    }

    async fn refresh_token(&self) -> Result<OAuthTokens, OAuthError> {
        let token = RefreshToken::parse(self.parameters.needed("refresh_token")?).map_err(|_| invalid_grant())?;
        let wanted = wanted(self.parameters)?;
        let refresh = &self.context.app.refresh;
        let issued = refresh
            .for_client(self.client, &token, wanted.scopes.as_ref(), &self.source.origin)
            .await?;
        Ok(issued.into())
    }

    async fn client_credentials(&self) -> Result<OAuthTokens, OAuthError> {
        let wanted = wanted(self.parameters)?;
        let grant = &self.context.app.oauth.client_credentials;
        let token = grant.execute(self.client, &wanted, &self.source.origin).await?;
        Ok(token.into())
    }

    async fn device_code(&self) -> Result<OAuthTokens, OAuthError> {
        let code = DeviceCode::parse(self.parameters.needed("device_code")?).map_err(|_| invalid_grant())?;
        let devices = &self.context.app.oauth.devices;
        let issued = devices.redeem(self.client, &code, &self.source.origin).await?;
        Ok(issued.into())
    }

    async fn token_exchange(&self) -> Result<OAuthTokens, OAuthError> {
        let subject = self.parameters.needed("subject_token")?;
        for (name, kind) in [
            (
                "subject_token_type",
                Some(self.parameters.needed("subject_token_type")?),
            ),
            ("requested_token_type", self.parameters.one("requested_token_type")),
        ] {
            if kind.is_some_and(|kind| kind != ACCESS_TOKEN_TYPE) {
                return Err(OAuthError::invalid_request(format!(
                    "{name} must be {ACCESS_TOKEN_TYPE}"
                )));
            }
        }
        if self.parameters.one("actor_token").is_some() {
            return Err(OAuthError::invalid_request(
                "actor_token is not known here: the client itself acts",
            ));
        }
        let mut wanted = wanted(self.parameters)?;
        wanted.resources.extend(self.parameters.many("audience"));
        let exchange = &self.context.app.oauth.exchange_token;
        let issued = exchange
            .execute(self.client, subject, &wanted, &self.source.origin)
            .await?;
        Ok(OAuthTokens::exchanged(issued))
    }
}
