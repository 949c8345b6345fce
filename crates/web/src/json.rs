//! JSON in and out: bodies that are checked against their documented schema before anything is made of them, and answers.

mod answer;
mod number;
mod schema;
pub(crate) mod text;
mod value;

use std::ops::Deref;

use poem::http::header::CONTENT_TYPE;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::{ParseFromJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::Value;

pub(crate) use self::answer::{Answer, Created, Done, NoContent, Prepared};
pub(crate) use self::number::{DigitCount, PeriodSeconds};
pub(crate) use self::text::{
    AuthenticatorNameText, DateTime, DisplayNameText, EmailText, Id, ScopeText, SecretText, UsernameText, write_instant,
};
use crate::problem::{Code, Fault, Problem};

const MEDIA_TYPE: &str = "application/json";

/// A JSON body that is exactly what its schema says: nothing is missing, unknown, repeated, of another type or out of range.
/// All that is wrong with it is reported at once.
pub(crate) struct Strict<T>(pub T);

/// As [`Strict`], but no body at all counts as an empty object.
pub(crate) struct Optional<T>(pub T);

impl<T> Deref for Strict<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Reads a body into `T`.
pub(crate) fn read<T: ParseFromJSON + 'static>(bytes: &[u8]) -> Result<T, Problem> {
    let parsed = value::parse(bytes)?;
    admit(parsed.value, parsed.repeated)
}

/// Reads a body whose members are for the caller to judge; no name is there twice.
pub(crate) fn any(bytes: &[u8]) -> Result<Value, Problem> {
    let parsed = value::parse(bytes)?;
    if parsed.repeated.is_empty() {
        Ok(parsed.value)
    } else {
        Err(Problem::faults(Code::InvalidRequest, parsed.repeated))
    }
}

/// Makes `T` of a value, unless something is wrong with it besides what was found wrong already.
pub(crate) fn admit<T: ParseFromJSON + 'static>(value: Value, mut faults: Vec<Fault>) -> Result<T, Problem> {
    schema::check::<T>(&value, &mut faults);
    if !faults.is_empty() {
        return Err(Problem::faults(Code::InvalidRequest, faults));
    }
    // The schema admits it, so this succeeds; its own text would repeat what was sent.
    T::parse_from_json(Some(value)).map_err(|_| {
        Problem::fault(
            Code::InvalidRequest,
            "",
            "does not have the form that is documented for it",
        )
    })
}

/// Reads a body that is an object, whose members are anything.
pub(crate) fn object(bytes: &[u8]) -> Result<serde_json::Map<String, Value>, Problem> {
    let parsed = value::parse(bytes)?;
    if !parsed.repeated.is_empty() {
        return Err(Problem::faults(Code::InvalidRequest, parsed.repeated));
    }
    match parsed.value {
        Value::Object(members) => Ok(members),
        _ => Err(body_fault("must be a JSON object")),
    }
}

/// Whether a body says that it is JSON.
pub(crate) fn check_media_type(request: &Request) -> Result<(), Problem> {
    let mut values = request.headers().get_all(CONTENT_TYPE).iter();
    let first = values.next().and_then(|value| value.to_str().ok());
    match (first, values.next()) {
        (Some(text), None) if is_json(text) => Ok(()),
        _ => Err(Problem::new(Code::UnsupportedMediaType)),
    }
}

/// JSON has one encoding (RFC 8259 section 8.1), so no other `charset` is accepted. Other parameters mean nothing.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case(MEDIA_TYPE));
    is_json
        && parts
            .filter_map(|parameter| parameter.split_once('='))
            .filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
            .all(|(_, charset)| charset.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"))
}

fn request_meta<T: Type>(required: Presence) -> MetaRequest {
    MetaRequest {
        description: None,
        content: vec![MetaMediaType {
            content_type: MEDIA_TYPE,
            schema: T::schema_ref(),
        }],
        required: required == Presence::Required,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    Optional,
}

impl<'a, T: ParseFromJSON + 'static> ApiExtractor<'a> for Strict<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(request_meta::<T>(Presence::Required))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        check_media_type(request)?;
        let bytes = <Vec<u8> as FromRequest>::from_request(request, body).await?;
        Ok(Self(read(&bytes)?))
    }
}

impl<'a, T: ParseFromJSON + 'static> ApiExtractor<'a> for Optional<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(request_meta::<T>(Presence::Optional))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let bytes = <Vec<u8> as FromRequest>::from_request(request, body).await?;
        if bytes.is_empty() && !request.headers().contains_key(CONTENT_TYPE) {
            return Ok(Self(read(b"{}")?));
        }
        check_media_type(request)?;
        Ok(Self(read(&bytes)?))
    }
}

/// The schema of an answer.
pub(crate) fn answer_content<T: Type>() -> Vec<MetaMediaType> {
    vec![MetaMediaType {
        content_type: MEDIA_TYPE,
        schema: T::schema_ref(),
    }]
}

/// A fault of a whole body.
fn body_fault(detail: impl Into<String>) -> Problem {
    Problem::faults(Code::InvalidRequest, vec![Fault::new("", detail)])
}
