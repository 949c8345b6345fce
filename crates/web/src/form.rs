//! Bodies that come as JSON or, from clients made for an RFC of OAuth, as a form.

use poem::http::header::CONTENT_TYPE;
use poem::web::Form;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::{Map, Value};

use crate::json::{Strict, admit};
use crate::problem::Fault;

const FORM: &str = "application/x-www-form-urlencoded";

/// A body in one of the two forms.
pub(crate) struct JsonOrForm<T>(pub T);

impl<'a, T: ParseFromJSON + 'static> ApiExtractor<'a> for JsonOrForm<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    // Only JSON is in the document: two media types on one operation make most generated clients worse.
    fn request_meta() -> Option<MetaRequest> {
        <Strict<T> as ApiExtractor>::request_meta()
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        if !is_form(request) {
            return Ok(Self(Strict::<T>::from_request(request, body, options).await?.0));
        }
        let Form(parameters) = <Form<Vec<(String, String)>> as FromRequest>::from_request(request, body).await?;
        let (value, repeated) = object_of::<T>(parameters);
        Ok(Self(admit(value, repeated)?))
    }
}

/// What the document says of a body that is a form.
pub(crate) fn request_meta<T: Type>() -> MetaRequest {
    MetaRequest {
        description: None,
        content: vec![MetaMediaType {
            content_type: FORM,
            schema: T::schema_ref(),
        }],
        required: true,
    }
}

/// Whether a body says that it is a form.
pub(crate) fn is_form(request: &Request) -> bool {
    request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(FORM))
}

/// RFC 6749 section 3.2: parameters that are not known are ignored, those without a value are not there, and none may be
/// there twice.
fn object_of<T: Type>(parameters: Vec<(String, String)>) -> (Value, Vec<Fault>) {
    let known = names_of::<T>();
    let (mut members, mut repeated) = (Map::new(), Vec::new());
    for (name, value) in parameters {
        if value.is_empty() || !known.contains(&name.as_str()) {
            continue;
        }
        if members.contains_key(&name) && repeated.len() <= Fault::MOST {
            repeated.push(Fault::new(format!("/{name}"), "is there more than once"));
        }
        members.insert(name, Value::String(value));
    }
    (Value::Object(members), repeated)
}

fn names_of<T: Type>() -> Vec<&'static str> {
    let mut registry = Registry::new();
    T::register(&mut registry);
    match T::schema_ref() {
        MetaSchemaRef::Inline(schema) => schema.properties.iter().map(|(name, _)| *name).collect(),
        MetaSchemaRef::Reference(name) => registry
            .schemas
            .get(&name)
            .map(|schema| schema.properties.iter().map(|(name, _)| *name).collect())
            .unwrap_or_default(),
    }
}
