//! Checking a value against the schema that the API document shows, so that the two cannot differ.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use domain::authenticator::AuthenticatorName;
use domain::email::Email;
use domain::user::is_display_name;
use domain::username::Username;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use serde_json::{Map, Value};

use super::text;
use super::value::pointer;
use crate::problem::Fault;

/// Adds everything about `value` that the schema of `T` does not admit.
pub(super) fn check<T: Type + 'static>(value: &Value, faults: &mut Vec<Fault>) {
    let schema = known::<T>();
    Checker {
        schemas: &schema.registry,
        faults,
    }
    .reference(value, &schema.root, "");
}

struct Known {
    root: MetaSchemaRef,
    registry: Registry,
}

/// The schema of a type is made once.
fn known<T: Type + 'static>() -> Arc<Known> {
    static KNOWN: RwLock<Option<HashMap<TypeId, Arc<Known>>>> = RwLock::new(None);
    let id = TypeId::of::<T>();
    let found = KNOWN
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .as_ref()
        .and_then(|known| known.get(&id).cloned());
    found.unwrap_or_else(|| {
        let mut registry = Registry::new();
        T::register(&mut registry);
        let made = Arc::new(Known {
            root: T::schema_ref(),
            registry,
        });
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert_default().insert(id, Arc::clone(&made));
        made
    })
}

struct Checker<'a> {
    schemas: &'a Registry,
    faults: &'a mut Vec<Fault>,
}

impl Checker<'_> {
    fn fault(&mut self, place: &str, detail: impl Into<String>) {
        self.faults.push(Fault::new(place, detail));
    }

    /// Whether more was found than is told.
    const fn has_enough(&self) -> bool {
        self.faults.len() > Fault::MOST
    }

    fn reference(&mut self, value: &Value, schema: &MetaSchemaRef, place: &str) {
        match schema {
            MetaSchemaRef::Inline(schema) => self.value(value, schema, place),
            MetaSchemaRef::Reference(name) => {
                let schemas = self.schemas;
                if let Some(schema) = schemas.schemas.get(name) {
                    self.value(value, schema, place);
                }
            }
        }
    }

    fn value(&mut self, value: &Value, schema: &MetaSchema, place: &str) {
        // A field with a description of its own refers to its type this way.
        for part in &schema.all_of {
            self.reference(value, part, place);
        }
        match (schema.ty, value) {
            ("", _) | ("boolean", Value::Bool(_)) => {}
            ("object", Value::Object(members)) => self.object(members, schema, place),
            ("object", _) => self.fault(place, "must be a JSON object"),
            ("string", Value::String(text)) => self.string(text, schema, place),
            ("string", _) => self.fault(place, "must be a string"),
            ("boolean", _) => self.fault(place, "must be true or false"),
            ("integer", value) => self.integer(value, schema, place),
            ("array", Value::Array(values)) => {
                if let Some(items) = &schema.items {
                    for (index, item) in values.iter().enumerate() {
                        if self.has_enough() {
                            return;
                        }
                        self.reference(item, items, &format!("{place}/{index}"));
                    }
                }
            }
            ("array", _) => self.fault(place, "must be an array"),
            // No body has another type; one that gets one is refused until this file knows it.
            _ => self.fault(place, "cannot be checked"),
        }
    }

    fn object(&mut self, members: &Map<String, Value>, schema: &MetaSchema, place: &str) {
        for (name, property) in &schema.properties {
            if self.has_enough() {
                return;
            }
            let required = schema.required.contains(name);
            let here = pointer(place, name);
            match members.get(*name) {
                None if required => self.fault(&here, "is missing"),
                Some(Value::Null) if required => self.fault(&here, "must not be null"),
                // For an optional field, null is as good as absent.
                None | Some(Value::Null) => {}
                Some(value) => self.reference(value, property, &here),
            }
        }
        let known: Vec<&str> = schema.properties.iter().map(|(name, _)| *name).collect();
        for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
            if self.has_enough() {
                return;
            }
            self.fault(
                &pointer(place, name),
                format!("is not known here; known are {}", known.join(", ")),
            );
        }
    }

    fn string(&mut self, text: &str, schema: &MetaSchema, place: &str) {
        if !schema.enum_items.is_empty() {
            if !schema.enum_items.iter().any(|item| item.as_str() == Some(text)) {
                let items: Vec<&str> = schema.enum_items.iter().filter_map(Value::as_str).collect();
                self.fault(place, format!("must be one of: {}", items.join(", ")));
            }
            return;
        }
        if let Some(detail) = schema.format.and_then(|format| form_fault(format, text)) {
            self.fault(place, detail);
            return;
        }
        let length = text.chars().count();
        if let Some(least) = schema.min_length.filter(|least| length < *least) {
            self.fault(place, format!("must have at least {least} characters"));
        }
        if let Some(most) = schema.max_length.filter(|most| length > *most) {
            self.fault(place, format!("must have at most {most} characters"));
        }
    }

    fn integer(&mut self, value: &Value, schema: &MetaSchema, place: &str) {
        let number = value
            .as_i64()
            .map(i128::from)
            .or_else(|| value.as_u64().map(i128::from));
        let Some(number) = number else {
            self.fault(place, "must be a whole number");
            return;
        };
        if !schema.enum_items.is_empty() {
            if !schema.enum_items.contains(value) {
                let items: Vec<String> = schema.enum_items.iter().map(Value::to_string).collect();
                self.fault(place, format!("must be one of: {}", items.join(", ")));
            }
            return;
        }
        let (least, most) = range(schema);
        if number < least || number > most {
            self.fault(place, format!("must be a whole number from {least} to {most}"));
        }
    }
}

/// What a whole number may be: what the type holds, and what the field says.
fn range(schema: &MetaSchema) -> (i128, i128) {
    let (least, most) = match schema.format {
        Some("uint32") => (0, i128::from(u32::MAX)),
        Some("uint64") => (0, i128::from(u64::MAX)),
        _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
    };
    // Bounds in schemas are small whole numbers, written as floating-point ones.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast saturates, and the bounds are small"
    )]
    let bound = |bound: f64| bound as i128;
    (
        schema.minimum.map_or(least, |own| bound(own).max(least)),
        schema.maximum.map_or(most, |own| bound(own).min(most)),
    )
}

/// What is wrong with a text of a form that a rule of the domain decides about.
fn form_fault(format: &str, value: &str) -> Option<String> {
    match format {
        text::USERNAME => Username::new(value).err().map(|fault| fault.to_string()),
        text::EMAIL => Email::new(value).err().map(|fault| fault.to_string()),
        text::DISPLAY_NAME => {
            (!is_display_name(value)).then(|| String::from("must have 1 to 128 characters, no control characters"))
        }
        text::AUTHENTICATOR_NAME => AuthenticatorName::new(value).err().map(|fault| fault.to_string()),
        _ => None,
    }
}
