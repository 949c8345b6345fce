//! The Aidbox profile: what its tests share.

mod attacks;
mod login;
mod resources;
mod two_factor;

use application::ports::Clock;
use domain::one_time_code::{Digits, HashAlgorithm, OneTimeCode};
use domain::otp_secret::OtpSecret;
use domain::totp::Period;
use domain::user::Role;
use poem::http::Method;
use serde_json::Value;

use crate::service::{Answer, Call, Service};

/// The documents of the product's own page, as they stand there.
pub const AUTH_CONFIG: &str = "
twoFactor:
 issuerName: my-app 
 validPastTokensCount: 3 
 webhook:
  endpoint: https://my-app.com
  timeout: 500
";
pub const CLIENT: &str = "
secret: verysecret
first_party: true
grant_types:
  - code
auth:
  authorization_code:
    redirect_uri: 'http://localhost:3001'
    access_token_expiration: 360
    token_format: jwt
    secret_required: true
    refresh_token: true
";
pub const USER: &str = "
id: my-user
password: password
";
/// The shared secret of RFC 6238 appendix B, in Base32.
pub const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// A service with the profile, and an administrator.
pub struct Profile {
    pub service: Service,
    pub admin: String,
}

impl Profile {
    pub async fn new() -> Self {
        Self::of(Service::aidbox().await).await
    }

    pub async fn of(service: Service) -> Self {
        let admin = service.token("root", Role::Admin).await;
        Self { service, admin }
    }

    /// With the three documents.
    pub async fn with_documents() -> Self {
        let profile = Self::new().await;
        for (path, document) in [
            ("/AuthConfig/myconfig", AUTH_CONFIG),
            ("/Client/mywebapp", CLIENT),
            ("/User/my-user", USER),
        ] {
            let answer = profile.put_yaml(path, document).await;
            assert_eq!(answer.status, 201, "{}", answer.text);
        }
        profile
    }

    pub async fn put_yaml(&self, path: &str, document: &str) -> Answer {
        let call = Call::new(Method::PUT, path).header("content-type", "text/yaml");
        self.service
            .call(call.body(document.as_bytes()).bearer(&self.admin))
            .await
    }

    pub async fn put(&self, path: &str, document: &Value) -> Answer {
        let call = Call::new(Method::PUT, path).json(&document.to_string());
        self.service.call(call.bearer(&self.admin)).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.service.get(path, &self.admin).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.service
            .call(Call::new(Method::DELETE, path).bearer(&self.admin))
            .await
    }

    /// The code of a secret, so many steps from now.
    pub fn code(&self, secret: &str, steps: i64) -> String {
        let secret = OtpSecret::parse(secret).unwrap();
        let step = Period::Thirty.step(self.service.clock.now()).later(steps);
        OneTimeCode::compute(&secret, step, HashAlgorithm::Sha1, Digits::Six)
            .expose()
            .to_owned()
    }
}
