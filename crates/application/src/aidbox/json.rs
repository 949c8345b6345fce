//! Documents as they are stored and sent: JSON.

use domain::aidbox::node::Node;
use serde_json::{Map, Number, Value};

use crate::ports::StoreError;

/// What a stored text says.
pub(super) fn parse(text: &str) -> Result<Node, StoreError> {
    let value = serde_json::from_str(text);
    let value: Value = value.map_err(|cause| StoreError::new("read a document of the Aidbox profile", cause))?;
    Ok(node_of(value))
}

/// A value as JSON text.
pub(super) fn write(node: &Node) -> String {
    value_of(node).to_string()
}

/// A value that was sent.
pub fn node_of(value: Value) -> Node {
    match value {
        Value::Null => Node::Null,
        Value::Bool(value) => Node::Boolean(value),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Node::Integer(number),
            None => Node::Number(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Node::Text(text),
        Value::Array(values) => Node::List(values.into_iter().map(node_of).collect()),
        Value::Object(members) => Node::Map(
            members
                .into_iter()
                .map(|(name, value)| (name, node_of(value)))
                .collect(),
        ),
    }
}

/// A value to be sent.
pub fn value_of(node: &Node) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Boolean(value) => Value::Bool(*value),
        Node::Integer(number) => Value::from(*number),
        Node::Number(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        Node::Text(text) => Value::String(text.clone()),
        Node::List(values) => Value::Array(values.iter().map(value_of).collect()),
        Node::Map(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), value_of(value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
    }
}
