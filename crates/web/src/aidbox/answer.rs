//! Resources as they are answered: identity and kind first, then what is shown of them, then `meta`.

use application::aidbox::{ShownResource, Written, json};
use domain::time::Timestamp;
use poem::http::StatusCode;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaResponse, MetaResponses, Registry};
use serde_json::{Map, Value, json};

use super::notation::{JSON, Notation, YAML, content};
use super::yaml;
use crate::json::write_instant;

/// A resource.
pub(super) fn value_of(shown: &ShownResource) -> Value {
    let mut members = Map::new();
    members.insert("id".to_owned(), Value::from(shown.id.as_str()));
    members.insert("resourceType".to_owned(), Value::from(shown.kind.name()));
    if let Value::Object(attributes) = json::value_of(&shown.document) {
        members.extend(attributes);
    }
    let at = |instant: Timestamp| {
        let mut text = Vec::new();
        write_instant(&mut text, instant);
        Value::from(String::from_utf8_lossy(&text))
    };
    let meta = json!({
        "versionId": shown.version.to_string(),
        "createdAt": at(shown.created_at),
        "lastUpdated": at(shown.updated_at),
    });
    members.insert("meta".to_owned(), meta);
    Value::Object(members)
}

fn write(status: StatusCode, notation: Notation, value: &Value) -> Response {
    let (media_type, text) = match notation {
        Notation::Json => (JSON, value.to_string()),
        Notation::Yaml => (YAML, yaml::write(value)),
    };
    Response::builder().status(status).content_type(media_type).body(text)
}

fn meta(statuses: &[(u16, &'static str)]) -> MetaResponses {
    let responses = statuses.iter().map(|(status, description)| MetaResponse {
        description,
        status: Some(*status),
        status_range: None,
        content: content(),
        headers: Vec::new(),
    });
    MetaResponses {
        responses: responses.collect(),
    }
}

/// One resource, or a list of some.
pub(super) struct Shown {
    pub notation: Notation,
    pub value: Value,
}

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        write(StatusCode::OK, self.notation, &self.value)
    }
}

impl ApiResponse for Shown {
    fn meta() -> MetaResponses {
        meta(&[(200, "The answer, as JSON or YAML.")])
    }

    fn register(_: &mut Registry) {}
}

/// A resource that was written.
pub(super) struct Put {
    pub notation: Notation,
    pub written: Written,
    pub value: Value,
}

impl IntoResponse for Put {
    fn into_response(self) -> Response {
        let status = match self.written {
            Written::Created => StatusCode::CREATED,
            Written::Replaced => StatusCode::OK,
        };
        write(status, self.notation, &self.value)
    }
}

impl ApiResponse for Put {
    fn meta() -> MetaResponses {
        meta(&[
            (200, "It took the place of the one before."),
            (201, "Done; this is what was made."),
        ])
    }

    fn register(_: &mut Registry) {}
}
