//! `POST /auth/device_authorization`: devices without a browser (RFC 8628).

use poem::web::Data;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::client::{ClientHeader, authenticate};
use super::parameters::Sent;
use super::refusal::{LimitedRefusal, OAuthError};
use super::token::wanted;
use crate::api::Chapter;
use crate::context::{Context, Source};
use crate::json::{Answer, SecretText};
use crate::pages::paths;

/// What a device asks for.
#[derive(Object)]
#[oai(rename = "DeviceAuthorizationRequest", example, skip_serializing_if_is_none)]
pub(super) struct DeviceParameters {
    /// The client, unless it authenticates with HTTP Basic.
    client_id: Option<String>,
    /// Its secret, if it has one.
    client_secret: Option<SecretText>,
    /// The scopes, with spaces between.
    scope: Option<String>,
    /// The resource that the tokens are for (RFC 8707).
    resource: Option<String>,
}

impl Example for DeviceParameters {
    fn example() -> Self {
        Self {
            client_id: Some("television".to_owned()),
            client_secret: None,
            scope: Some("openid profile".to_owned()),
            resource: None,
        }
    }
}

/// What a device shows to its user, and what it asks with.
#[derive(Object)]
#[oai(rename = "DeviceAuthorization")]
pub(super) struct DeviceAnswer {
    /// What the device asks the token endpoint with.
    device_code: SecretText,
    /// What the user types.
    user_code: String,
    /// Where.
    verification_uri: String,
    /// The same with the code in it, to be shown as a QR code.
    verification_uri_complete: String,
    /// How long both codes are good, in seconds.
    expires_in: u64,
    /// How many seconds to wait between two requests.
    interval: u64,
}

/// The device authorization endpoint.
pub(super) struct DeviceEndpoint;

#[OpenApi]
impl DeviceEndpoint {
    /// Begin the login of a device
    ///
    /// RFC 8628. Show `user_code` and `verification_uri`, and ask the token endpoint with `device_code` until somebody has decided.
    #[oai(
        path = "/auth/device_authorization",
        method = "post",
        operation_id = "authorizeDevice",
        tag = "Chapter::OAuth"
    )]
    async fn begin(
        &self,
        context: Data<&Context>,
        source: Source,
        header: ClientHeader,
        body: Sent<DeviceParameters>,
    ) -> Result<Answer<DeviceAnswer>, LimitedRefusal> {
        let client = authenticate(&context, header, &body.parameters, &source).await?;
        let wanted = wanted(&body.parameters)?;
        let begun = context.app.oauth.devices.begin(&client, &wanted).await;
        let begun = begun.map_err(OAuthError::from)?;
        let page = format!("{}{}", context.app.core.policies.expectation.issuer, paths::DEVICE);
        Ok(Answer(DeviceAnswer {
            device_code: SecretText(begun.device_code.expose().to_owned()),
            user_code: begun.user_code.shown(),
            verification_uri_complete: format!("{page}?user_code={}", begun.user_code.shown()),
            verification_uri: page,
            expires_in: begun.lifetime.as_secs(),
            interval: begun.interval.as_secs(),
        }))
    }
}
