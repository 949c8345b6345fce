//! The function `t` of the templates: a message of the reader's language by its key.

use std::sync::Arc;

use fluent_bundle::{FluentArgs, FluentValue};
use minijinja::value::{Kwargs, Object, Rest, Value, ValueKind};
use minijinja::{Error, State, value::from_args};

use super::locale::Locale;

/// Says messages in one language: `t("key", name=value)`, or `t(message.key, message.arguments)`. What it says is text, and is
/// escaped where it is written.
#[derive(Debug)]
pub(crate) struct Translator(pub Locale);

impl Object for Translator {
    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let (key, maps, named): (&str, Rest<Value>, Kwargs) = from_args(args)?;
        let mut arguments = FluentArgs::new();
        for map in maps.iter() {
            for name in map.try_iter()? {
                let value = map.get_item(&name)?;
                arguments.set(name.to_string(), fluent(&value));
            }
        }
        for name in named.args() {
            let value: Value = named.get(name)?;
            arguments.set(name.to_owned(), fluent(&value));
        }
        Ok(Value::from(self.0.message(key, &arguments)))
    }
}

fn fluent(value: &Value) -> FluentValue<'static> {
    match (value.kind(), i64::try_from(value.clone())) {
        (ValueKind::Number, Ok(number)) => FluentValue::from(number),
        _ => FluentValue::from(without_direction_marks(&value.to_string())),
    }
}

/// A name without the characters that turn the direction of the text around them (Unicode Technical Report 36, section 2.5): an
/// application could turn a sentence of ours into another one with them.
fn without_direction_marks(text: &str) -> String {
    text.chars()
        .filter(|character| !matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}'))
        .collect()
}
