//! In which notation a document comes and goes: JSON, or YAML by `Content-Type` and `Accept`.

use poem::http::HeaderMap;
use poem::http::header::{ACCEPT, CONTENT_TYPE};
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::Value;

use super::yaml;
use crate::json;
use crate::problem::{Code, Problem};

/// The media type of JSON.
pub(super) const JSON: &str = "application/json";
/// The media type of YAML that is answered.
pub(super) const YAML: &str = "text/yaml";
const OTHER_YAML: [&str; 4] = [YAML, "application/yaml", "application/x-yaml", "text/x-yaml"];

/// A notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    Json,
    Yaml,
}

impl Notation {
    /// That of a media type.
    fn of(media_type: &str) -> Option<Self> {
        let essence = media_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        if essence == JSON {
            return Some(Self::Json);
        }
        OTHER_YAML.contains(&essence.as_str()).then_some(Self::Yaml)
    }

    /// The one that a caller wants to be answered in: the first of `Accept` that is known, or else that of the body.
    pub fn wanted(headers: &HeaderMap) -> Self {
        let accept = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let accepted = accept.flat_map(|value| value.split(',')).find_map(Self::of);
        accepted.or_else(|| Self::sent(headers).ok()).unwrap_or(Self::Json)
    }

    /// The one that a body is in.
    fn sent(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut values = headers.get_all(CONTENT_TYPE).iter();
        let first = values.next().and_then(|value| value.to_str().ok());
        let notation = first.and_then(Self::of).filter(|_| values.next().is_none());
        notation.ok_or_else(|| {
            let detail = "must be application/json, text/yaml, application/yaml or application/x-yaml";
            Problem::fault(Code::UnsupportedMediaType, "header:Content-Type", detail)
        })
    }
}

/// The notation that a caller wants to be answered in.
pub(super) struct Wants(pub Notation);

impl<'a> FromRequest<'a> for Wants {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self(Notation::wanted(request.headers())))
    }
}

/// A document that was sent.
pub(super) struct Sent(pub Value);

impl<'a> ApiExtractor<'a> for Sent {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: Some("The attributes of the resource, as JSON or YAML."),
            content: content(),
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let notation = Notation::sent(request.headers())?;
        let bytes = <Vec<u8> as FromRequest>::from_request(request, body).await?;
        Ok(Self(match notation {
            Notation::Json => json::any(&bytes)?,
            Notation::Yaml => yaml::read(&bytes)?,
        }))
    }
}

/// Any object, in either notation.
pub(super) fn content() -> Vec<MetaMediaType> {
    let schema = || {
        let mut schema = MetaSchema::new("object");
        schema.description = Some("Attributes by name; `docs/aidbox.md` lists those that act.");
        MetaSchemaRef::Inline(Box::new(schema))
    };
    [JSON, YAML]
        .map(|content_type| MetaMediaType {
            content_type,
            schema: schema(),
        })
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_notation_that_is_known_is_answered() {
        let wanted = |accept: Option<&str>, sent: Option<&str>| {
            let mut headers = HeaderMap::new();
            for (name, value) in [(ACCEPT, accept), (CONTENT_TYPE, sent)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            Notation::wanted(&headers)
        };
        assert_eq!(wanted(None, None), Notation::Json);
        assert_eq!(wanted(None, Some("text/yaml")), Notation::Yaml);
        assert_eq!(wanted(Some("application/json"), Some("text/yaml")), Notation::Json);
        assert_eq!(
            wanted(Some("text/html, application/x-yaml;q=0.9"), None),
            Notation::Yaml
        );
        assert_eq!(
            wanted(Some("*/*"), Some("application/yaml; charset=utf-8")),
            Notation::Yaml
        );
    }
}
