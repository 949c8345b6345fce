//! Query parameters that say in their own words what they must be. The framework's words would repeat what was sent.

use std::collections::HashMap;

use poem::web::Query;
use poem::{FromRequest, Request, RequestBody};

use crate::problem::{Code, Fault, Problem};

/// What stands around a parameter's own words, by which they are told from the framework's.
pub(crate) const OWN_WORDS: &str = "\u{1}";

/// A query that names each parameter once. RFC 3986 leaves open what a repeated name means, and the framework would take one
/// of them without a word.
pub(crate) struct NamesOnce;

impl<'a> FromRequest<'a> for NamesOnce {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let Ok(Query(parameters)) = Query::<Vec<(String, String)>>::from_request_without_body(request).await else {
            return Err(Problem::fault(Code::InvalidRequest, "query:", "cannot be read").into());
        };
        let mut times = HashMap::new();
        let mut faults = Vec::new();
        for (name, _) in &parameters {
            let times = times.entry(name.as_str()).or_insert(0_usize);
            *times += 1;
            if *times == 2 && faults.len() <= Fault::MOST {
                let name: String = name.chars().filter(|each| !each.is_control()).take(64).collect();
                faults.push(Fault::new(format!("query:{name}"), "must be sent once"));
            }
        }
        if faults.is_empty() {
            Ok(Self)
        } else {
            Err(Problem::faults(Code::InvalidRequest, faults).into())
        }
    }
}

/// Defines types of parameters: the text they are read from, and what a wrong one is told.
macro_rules! parameters {
    ($(
        $(#[$doc:meta])*
        $name:ident($inner:ty): $type:literal, $fault:literal, $(minimum $minimum:literal, maximum $maximum:literal,)?
            |$text:ident| $read:expr;
    )*) => {$(
        $(#[$doc])*
        pub(crate) struct $name(pub $inner);

        impl poem_openapi::types::Type for $name {
            const IS_REQUIRED: bool = true;

            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
                let schema = poem_openapi::registry::MetaSchema {
                    $(
                        minimum: Some(f64::from($minimum)),
                        maximum: Some(f64::from($maximum)),
                    )?
                    ..poem_openapi::registry::MetaSchema::new($type)
                };
                poem_openapi::registry::MetaSchemaRef::Inline(Box::new(schema))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl poem_openapi::types::ParseFromParameter for $name {
            fn parse_from_parameter($text: &str) -> poem_openapi::types::ParseResult<Self> {
                let read: Option<$inner> = $read;
                read.map(Self)
                    .ok_or_else(|| poem_openapi::types::ParseError::custom(concat!("\u{1}", $fault, "\u{1}")))
            }
        }
    )*};
}

pub(crate) use parameters;
