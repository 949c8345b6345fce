//! Query parameters that say in their own words what they must be. The framework's words would repeat what was sent.

/// How a parameter's own words are told from the framework's.
pub(crate) const OWN_WORDS: &str = "\u{1}";

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
                    .ok_or_else(|| poem_openapi::types::ParseError::custom(concat!("\u{1}", $fault)))
            }
        }
    )*};
}

pub(crate) use parameters;
