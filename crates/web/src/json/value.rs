//! Reading JSON text: strictly, with repeated names found. RFC 8259 section 4 leaves their meaning open, and two readers of one
//! body must not come to two results.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::body_fault;
use crate::problem::{Fault, Problem};

/// How deep a body may be nested. None that is documented comes near.
const DEPTH: usize = 8;

/// How long a pointer in an answer may be, in bytes.
const POINTER: usize = 256;

/// What a text says, and which names it repeats.
pub(super) struct Parsed {
    pub value: Value,
    pub repeated: Vec<Fault>,
}

/// Reads a text.
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, Problem> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(body_fault("is empty; a JSON object is expected"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| body_fault("is not valid UTF-8"))?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut path = Path::default();
    let outcome = Node(&mut path)
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    match outcome {
        Ok(value) => Ok(Parsed {
            value,
            repeated: path.repeated,
        }),
        Err(_) if path.is_too_deep => Err(body_fault(format!("is nested deeper than {DEPTH} levels"))),
        // The place only: the reader's own words may repeat what was sent.
        Err(error) => Err(body_fault(format!(
            "is not JSON: line {}, column {}",
            error.line(),
            error.column()
        ))),
    }
}

/// A pointer to a member (RFC 6901). Names that nobody sends in good faith are cut: they would only fill logs.
pub(super) fn pointer(parent: &str, name: &str) -> String {
    let mut place = parent.to_owned();
    point(&mut place, name);
    place
}

/// Makes `place` point to its member `name`, as far as there is room.
fn point(place: &mut String, name: &str) {
    if place.len() < POINTER {
        place.push('/');
    }
    for character in name.chars().take(64) {
        let mut bytes = [0; 4];
        let written = match character {
            '~' => "~0",
            '/' => "~1",
            // Written as JSON, one of them would be six bytes.
            control if control.is_control() => "\u{fffd}",
            other => other.encode_utf8(&mut bytes),
        };
        if place.len() + written.len() > POINTER {
            return;
        }
        place.push_str(written);
    }
}

#[derive(Default)]
struct Path {
    here: String,
    depth: usize,
    is_too_deep: bool,
    repeated: Vec<Fault>,
}

struct Node<'a>(&'a mut Path);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Node<'_> {
    /// Enters an array or an object.
    fn enter<E: Error>(&mut self) -> Result<(), E> {
        if self.0.depth == DEPTH {
            self.0.is_too_deep = true;
            return Err(E::custom("too deep"));
        }
        self.0.depth += 1;
        Ok(())
    }

    /// Reads what is at `name` below this place.
    fn below<T>(&mut self, name: &str, read: impl FnOnce(Node<'_>) -> T) -> T {
        let above = self.0.here.len();
        point(&mut self.0.here, name);
        let value = read(Node(self.0));
        self.0.here.truncate(above);
        value
    }

    fn repeats(&mut self, name: &str) {
        if self.0.repeated.len() <= Fault::MOST {
            let place = pointer(&self.0.here, name);
            self.0.repeated.push(Fault::new(place, "is there more than once"));
        }
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut sequence: A) -> Result<Value, A::Error> {
        self.enter()?;
        let mut values = Vec::new();
        loop {
            let place = values.len().to_string();
            match self.below(&place, |node| sequence.next_element_seed(node))? {
                Some(value) => values.push(value),
                None => break,
            }
        }
        self.0.depth -= 1;
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Value, A::Error> {
        self.enter()?;
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = self.below(&name, |node| members.next_value_seed(node))?;
            if map.contains_key(&name) {
                self.repeats(&name);
            }
            map.insert(name, value);
        }
        self.0.depth -= 1;
        Ok(Value::Object(map))
    }
}
