//! Parameters of requests (RFC 6749 section 3.2): from a form or, as some clients send them, from JSON. Those that are not known
//! are ignored, those without a value are not there, and none may be there twice.

use std::marker::PhantomData;

use poem::http::header::CONTENT_TYPE;
use poem::web::Form;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::Value;

use super::refusal::OAuthError;
use crate::form::{self, is_form};
use crate::json;

/// Parameters that may be there more than once (RFC 8707 section 2, RFC 8693 section 2.1).
const MANY: [&str; 2] = ["audience", "resource"];

/// What was sent, as pairs.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The value of a parameter.
    pub fn one(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(sent, _)| sent == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that must be there.
    pub fn needed(&self, name: &str) -> Result<&str, OAuthError> {
        self.one(name)
            .ok_or_else(|| OAuthError::invalid_request(format!("{name} is missing")))
    }

    /// Every value of a parameter.
    pub fn many(&self, name: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(sent, _)| sent == name);
        values.map(|(_, value)| value.clone()).collect()
    }

    /// Every parameter but these.
    pub fn without<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
        let kept = self.0.iter().filter(move |(name, _)| !names.contains(&name.as_str()));
        kept.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn read(pairs: Vec<(String, String)>) -> Result<Self, OAuthError> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in pairs {
            if value.is_empty() {
                continue;
            }
            let is_repeated = parameters.iter().any(|(known, _)| *known == name);
            if is_repeated && !MANY.contains(&name.as_str()) {
                let name: String = name.chars().take(64).collect();
                return Err(OAuthError::invalid_request(format!("{name} must be sent once")));
            }
            parameters.push((name, value));
        }
        Ok(Self(parameters))
    }
}

/// A body with the parameters that `T` documents.
pub(super) struct Sent<T> {
    /// What was sent.
    pub parameters: Parameters,
    schema: PhantomData<T>,
}

fn of_json(bytes: &[u8]) -> Result<Vec<(String, String)>, OAuthError> {
    let members = json::object(bytes).map_err(OAuthError::from)?;
    let mut pairs = Vec::new();
    for (name, value) in members {
        let values = match value {
            Value::Null => continue,
            Value::Array(values) => values,
            other => vec![other],
        };
        for value in values {
            let Value::String(text) = value else {
                let name: String = name.chars().take(64).collect();
                return Err(OAuthError::invalid_request(format!("{name} must be a string")));
            };
            pairs.push((name.clone(), text));
        }
    }
    Ok(pairs)
}

impl<'a, T: Type + 'static> ApiExtractor<'a> for Sent<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(form::request_meta::<T>())
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let pairs = if is_form(request) {
            let Form(pairs) = <Form<Vec<(String, String)>> as FromRequest>::from_request(request, body).await?;
            pairs
        } else {
            let bytes = <Vec<u8> as FromRequest>::from_request(request, body).await?;
            if bytes.is_empty() && !request.headers().contains_key(CONTENT_TYPE) {
                Vec::new()
            } else {
                json::check_media_type(request)?;
                of_json(&bytes)?
            }
        };
        Ok(Self {
            parameters: Parameters::read(pairs)?,
            schema: PhantomData,
        })
    }
}
