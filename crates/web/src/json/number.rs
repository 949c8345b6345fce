//! Numbers of which there are a few: each is a JSON number, and the document lists them.

use std::borrow::Cow;

use domain::one_time_code::Digits;
use domain::totp::Period;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde_json::Value;

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident($inner:ty) = [$($number:literal),+], $from:expr, $into:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name(pub $inner);

        impl Type for $name {
            const IS_REQUIRED: bool = true;

            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> Cow<'static, str> {
                concat!("integer_", stringify!($name)).into()
            }

            fn schema_ref() -> MetaSchemaRef {
                let schema = MetaSchema {
                    enum_items: vec![$(Value::from($number)),+],
                    ..MetaSchema::new("integer")
                };
                MetaSchemaRef::Inline(Box::new(schema))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl ParseFromJSON for $name {
            fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
                let number = value.as_ref().and_then(Value::as_u64);
                let number = number.and_then(|number| u8::try_from(number).ok());
                number.and_then($from).map(Self).ok_or_else(ParseError::expected_input)
            }
        }

        impl ToJSON for $name {
            fn to_json(&self) -> Option<Value> {
                Some(Value::from($into(self.0)))
            }
        }
    )*};
}

numbers! {
    /// How many digits a code has.
    DigitCount(Digits) = [6, 8], Digits::from_number, Digits::number;
    /// For how many seconds a code is the present one.
    PeriodSeconds(Period) = [30, 60], Period::from_seconds, Period::seconds;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_that_is_listed_reads_back() {
        fn read_back<T: ParseFromJSON + ToJSON>() {
            let MetaSchemaRef::Inline(schema) = T::schema_ref() else {
                panic!("it is no reference")
            };
            for number in schema.enum_items {
                let read = T::parse_from_json(Some(number.clone())).ok();
                assert_eq!(read.and_then(|read| read.to_json()), Some(number));
            }
            for other in [
                Value::from(7),
                Value::from(262),
                Value::from("6"),
                Value::from(6.0),
                Value::from(-6),
            ] {
                assert!(T::parse_from_json(Some(other)).is_err());
            }
        }
        read_back::<DigitCount>();
        read_back::<PeriodSeconds>();
    }
}
