//! `/v1/admin/keys`: the signing keys.

use application::keys::Urgency;
use domain::signing_key::SigningKey;
use poem::web::Data;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::Chapter;
use crate::bearer::Administrator;
use crate::context::{Context, Source};
use crate::json::{Answer, DateTime, Optional};
use crate::problem::{AdminProblem, RotateProblem};

/// A signing key.
#[derive(Object)]
#[oai(rename = "SigningKey")]
pub(crate) struct SigningKeyInfo {
    /// Its name, as in the header of tokens.
    kid: String,
    /// What it signs: `access_token`, `id_token` for ID tokens and logout tokens, or `orion` for tokens of the Orion profile. A
    /// key signs for one purpose and no other.
    purpose: String,
    /// The one algorithm that it is for.
    algorithm: String,
    /// Where it is in its life: `next` is published and does not sign yet, `active` signs, `retiring` no longer signs and is
    /// believed, `retired` is not believed.
    state: String,
    /// When it was made and published.
    created_at: DateTime,
    /// When it came into its present state.
    state_since: DateTime,
}

impl From<&SigningKey> for SigningKeyInfo {
    fn from(key: &SigningKey) -> Self {
        Self {
            kid: key.kid.as_str().to_owned(),
            purpose: key.purpose.name().to_owned(),
            algorithm: key.algorithm.name().to_owned(),
            state: key.state.name().to_owned(),
            created_at: key.created_at.into(),
            state_since: key.state_since.into(),
        }
    }
}

/// Signing keys.
#[derive(Object)]
pub(crate) struct SigningKeyList {
    /// Newest first.
    keys: Vec<SigningKeyInfo>,
}

/// How to change keys.
#[derive(Object)]
#[oai(example)]
pub(crate) struct KeyRotation {
    /// `true` if the present key leaked: then every access token that it signed is refused at once, and callers refresh or
    /// log in again. Absent: tokens of the present key stay valid.
    compromised: Option<bool>,
}

impl Example for KeyRotation {
    fn example() -> Self {
        Self {
            compromised: Some(false),
        }
    }
}

/// A change of keys.
#[derive(Object)]
pub(crate) struct RotatedKeys {
    /// The key that signs from now on.
    kid: String,
}

/// The signing keys.
pub(crate) struct AdminKeysApi;

#[OpenApi(tag = "Chapter::Administration")]
impl AdminKeysApi {
    /// List the signing keys
    #[oai(path = "/v1/admin/keys", method = "get", operation_id = "listKeys")]
    async fn list(
        &self,
        context: Data<&Context>,
        _actor: Administrator,
    ) -> Result<Answer<SigningKeyList>, AdminProblem> {
        let keys = context.app.key_rotation.list().await?;
        Ok(Answer(SigningKeyList {
            keys: keys.iter().map(SigningKeyInfo::from).collect(),
        }))
    }

    /// Change the signing key now
    ///
    /// It also changes by itself, by age. The next key takes over, and a new next one is published.
    #[oai(path = "/v1/admin/keys/rotate", method = "post", operation_id = "rotateKeys")]
    async fn rotate(
        &self,
        context: Data<&Context>,
        source: Source,
        actor: Administrator,
        body: Optional<KeyRotation>,
    ) -> Result<Answer<RotatedKeys>, RotateProblem> {
        let urgency = match body.0.compromised {
            Some(true) => Urgency::Compromised,
            Some(false) | None => Urgency::Orderly,
        };
        let rotation = &context.app.key_rotation;
        let kid = rotation.rotate(&actor.0, urgency, &source.origin).await?;
        Ok(Answer(RotatedKeys {
            kid: kid.as_str().to_owned(),
        }))
    }
}
