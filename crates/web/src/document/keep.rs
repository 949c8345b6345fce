//! Leaving out of the document what a service does not offer, with everything that only that needs.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Keeps the addresses that `has` knows, and the schemas, chapters and security schemes that these need.
pub(super) fn keep(document: &mut Value, has: impl Fn(&str) -> bool) {
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        paths.retain(|pattern, _| has(pattern));
    }
    let paths = document.get("paths").cloned().unwrap_or_default();
    let mut schemas = BTreeSet::new();
    let named = document.pointer("/components/schemas").and_then(Value::as_object);
    if let Some(named) = named {
        reach(&paths, named, &mut schemas);
    }
    let (mut chapters, mut security) = (BTreeSet::new(), BTreeSet::new());
    let operations = paths.as_object().into_iter().flat_map(Map::values);
    for operation in operations.filter_map(Value::as_object).flat_map(Map::values) {
        let tags = operation.get("tags").and_then(Value::as_array);
        chapters.extend(tags.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        let alternatives = operation.get("security").and_then(Value::as_array);
        let alternatives = alternatives.into_iter().flatten().filter_map(Value::as_object);
        security.extend(alternatives.flat_map(Map::keys).cloned());
    }
    retain(document, "/components/schemas", &schemas);
    retain(document, "/components/securitySchemes", &security);
    if let Some(tags) = document.get_mut("tags").and_then(Value::as_array_mut) {
        let is_used = |tag: &Value| {
            tag.get("name")
                .and_then(Value::as_str)
                .is_some_and(|name| chapters.contains(name))
        };
        tags.retain(is_used);
    }
}

fn retain(document: &mut Value, place: &str, names: &BTreeSet<String>) {
    if let Some(members) = document.pointer_mut(place).and_then(Value::as_object_mut) {
        members.retain(|name, _| names.contains(name));
    }
}

/// The names of schemas that a value refers to, and of those that they refer to.
fn reach(value: &Value, named: &Map<String, Value>, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let name = members
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|text| text.strip_prefix("#/components/schemas/"));
            if let Some(name) = name
                && found.insert(name.to_owned())
                && let Some(schema) = named.get(name)
            {
                reach(schema, named, found);
            }
            members.values().for_each(|member| reach(member, named, found));
        }
        Value::Array(values) => values.iter().for_each(|value| reach(value, named, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
