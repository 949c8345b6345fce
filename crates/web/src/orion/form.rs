//! Forms as that service reads them: names that it does not know mean nothing, an empty value is none, and everything that is
//! wrong is reported at once, each as `method.parameter`.

use std::marker::PhantomData;

use domain::email::Email;
use domain::user::is_display_name;
use poem::web::Form;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::{Map, Value};

use super::refusal::{Refusal, Violation};
use crate::form::{self, is_form};
use crate::json::text::{DISPLAY_NAME, EMAIL};
use crate::json::{EmailText, SecretText};
use crate::problem::{Code, Problem};

/// A form that was sent and not looked at yet. Which method of that service it is for, only the operation knows.
pub(crate) struct Posted<T> {
    fields: Vec<(String, String)>,
    form: PhantomData<T>,
}

impl<T: ParseFromJSON + 'static> Posted<T> {
    /// Reads the form, for a method of that service.
    pub fn read(self, method: &str) -> Result<T, Refusal> {
        read(method, &self.fields)
    }
}

/// Reads what is needed to fill `T`.
pub(crate) fn read<T: ParseFromJSON + 'static>(method: &str, fields: &[(String, String)]) -> Result<T, Refusal> {
    let (mut members, mut violations) = (Map::new(), Vec::new());
    for (name, schema, is_required) in parameters_of::<T>() {
        match one(name, fields).and_then(|text| value_of(name, &schema, text, is_required)) {
            Ok(Some(value)) => {
                members.insert(name.to_owned(), value);
            }
            Ok(None) => {}
            Err(message) => violations.push(Violation::new(method, name, message)),
        }
    }
    if !violations.is_empty() {
        return Err(Refusal::report(violations));
    }
    // Every parameter was found to be what it must be, so this succeeds.
    T::parse_from_json(Some(Value::Object(members))).map_err(|_| Problem::new(Code::InternalError).into())
}

/// The value that was sent under a name. Which of two is meant, nobody can know.
fn one<'a>(name: &str, fields: &'a [(String, String)]) -> Result<&'a str, &'static str> {
    let mut values = fields.iter().filter(|(sent, _)| sent == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Ok(value),
        (None, _) => Ok(""),
        (Some(_), Some(_)) => Err("must be sent once"),
    }
}

fn value_of(name: &str, schema: &MetaSchema, text: &str, is_required: bool) -> Result<Option<Value>, &'static str> {
    // A password may be made of spaces, and is taken as it stands.
    let is_password = name.to_ascii_lowercase().ends_with("password");
    if text.is_empty() || (!is_password && text.trim().is_empty()) {
        return if is_required {
            Err("must not be empty")
        } else {
            Ok(None)
        };
    }
    match (schema.ty, schema.format, text) {
        ("boolean", _, "true") => Ok(Value::Bool(true)),
        ("boolean", _, "false") => Ok(Value::Bool(false)),
        ("boolean", ..) => Err("must be true or false"),
        (_, Some(EMAIL), _) if Email::new(text).is_err() => Err("must be a well-formed email address"),
        (_, Some(DISPLAY_NAME), _) if !is_display_name(text) => {
            Err("must have at most 128 characters, none of them a control character")
        }
        _ => Ok(Value::String(text.to_owned())),
    }
    .map(Some)
}

/// The parameters of a form: their names, what they must be, and whether they must be there.
fn parameters_of<T: Type>() -> Vec<(&'static str, MetaSchema, bool)> {
    let mut registry = Registry::new();
    T::register(&mut registry);
    let schema = match T::schema_ref() {
        MetaSchemaRef::Inline(schema) => Some(*schema),
        MetaSchemaRef::Reference(name) => registry.schemas.remove(&name),
    };
    let Some(schema) = schema else { return Vec::new() };
    let required = schema.required;
    let properties = schema.properties.into_iter();
    properties
        .filter_map(|(name, property)| match property {
            MetaSchemaRef::Inline(property) => Some((name, *property, required.contains(&name))),
            MetaSchemaRef::Reference(_) => None,
        })
        .collect()
}

/// An address whose form was checked with the form that it came in.
pub(crate) fn email(text: &EmailText) -> Result<Email, Refusal> {
    Email::new(&text.0).map_err(|_| Problem::new(Code::InternalError).into())
}

/// The text of an optional secret.
pub(crate) fn text_of(secret: Option<&SecretText>) -> Option<&str> {
    secret.map(|secret| secret.0.as_str())
}

impl<'a, T: ParseFromJSON + 'static> ApiExtractor<'a> for Posted<T> {
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
        if !is_form(request) {
            let place = "header:Content-Type";
            let detail = "must be application/x-www-form-urlencoded";
            return Err(Problem::fault(Code::UnsupportedMediaType, place, detail).into());
        }
        let Form(fields) = <Form<Vec<(String, String)>> as FromRequest>::from_request(request, body).await?;
        Ok(Self {
            fields,
            form: PhantomData,
        })
    }
}
