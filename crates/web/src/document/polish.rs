//! What the framework cannot say, or says wrongly, about the operations.

use serde_json::{Map, Value, json};

use super::placeholders::{AUTH_SESSION, SECRET_KEY};
use crate::{aidbox, oauth, orion};

/// The order of the document's parts and chapters, for people who read it.
const PARTS: [&str; 6] = ["openapi", "info", "servers", "tags", "paths", "components"];
const CHAPTERS: [&str; 10] = [
    "Register",
    "Token",
    "Resource",
    "Authenticators",
    "Account",
    "Administration",
    "Service",
    oauth::CHAPTER,
    orion::CHAPTER,
    aidbox::CHAPTER,
];

/// Puts the document right.
pub(super) fn polish(mut document: Value) -> Value {
    refuse_unknown_fields(&mut document);
    admit_null(&mut document);
    add_headers(&mut document);
    order_chapters(&mut document);
    for_each_operation(&mut document, |path, method, operation| {
        let limited = match operation.pointer("/responses/429") {
            Some(_) => Limited::Yes,
            None => Limited::No,
        };
        if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
            for (status, response) in responses.iter_mut() {
                describe_headers(status, limited, response);
            }
        }
        rename_headers(operation);
        if orion::owns(path) {
            say_where_it_is(operation, "Only where `compat.orion` is enabled.");
        } else if aidbox::owns(path) {
            say_where_it_is(operation, "Only where `compat.aidbox` is enabled.");
        } else if oauth::owns(path) {
            say_where_it_is(operation, "Only where `oauth.enabled` is set.");
        }
        if let Some((as_json, as_yaml)) = super::bodies::of_aidbox(path, method) {
            set(operation, "/requestBody/content/application~1json", "example", as_json);
            set(operation, "/requestBody/content/text~1yaml", "example", as_yaml);
        }
        if let Some(examples) = examples(path, method) {
            set(
                operation,
                "/requestBody/content/application~1json",
                "examples",
                examples,
            );
        }
    });
    tidy(&mut document);
    document
}

/// The document as a text. The order of names does not depend on how the JSON library was built.
pub(super) fn write(document: &Value) -> String {
    let parts: Vec<String> = PARTS
        .iter()
        .filter_map(|part| document.get(part).map(|value| (part, sorted(value))))
        .map(|(part, value)| {
            let text = serde_json::to_string_pretty(&value).unwrap_or_default();
            format!("  \"{part}\": {}", text.replace('\n', "\n  "))
        })
        .collect();
    format!("{{\n{}\n}}\n", parts.join(",\n"))
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_unstable();
            let in_order = names
                .into_iter()
                .filter_map(|name| members.get(name).map(|member| (name.clone(), sorted(member))));
            Value::Object(in_order.collect())
        }
        Value::Array(values) => Value::Array(values.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

fn for_each_operation(document: &mut Value, mut change: impl FnMut(&str, &str, &mut Value)) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, operations) in paths.into_iter().flatten() {
        for (method, operation) in operations.as_object_mut().into_iter().flatten() {
            change(path, method, operation);
        }
    }
}

fn set(value: &mut Value, place: &str, name: &str, member: Value) {
    if let Some(object) = value.pointer_mut(place).and_then(Value::as_object_mut) {
        object.insert(name.to_owned(), member);
    }
}

/// Bodies have no other fields than these, and null in an optional one is as good as leaving it out.
fn refuse_unknown_fields(document: &mut Value) {
    let mut names = Vec::new();
    for_each_operation(document, |_, _, operation| {
        let reference = operation.pointer("/requestBody/content/application~1json/schema/$ref");
        names.extend(
            reference
                .and_then(Value::as_str)
                .and_then(|text| text.rsplit('/').next())
                .map(str::to_owned),
        );
    });
    for name in names {
        let place = format!("/components/schemas/{name}");
        let named = document.pointer("/components/schemas").cloned().unwrap_or_default();
        let Some(schema) = document.pointer_mut(&place) else {
            continue;
        };
        set(schema, "", "additionalProperties", Value::Bool(false));
        admit_null_in(schema, &named);
    }
}

/// Null in a property that need not be there is as good as leaving it out.
fn admit_null_in(schema: &mut Value, named: &Value) {
    let required: Vec<String> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        if !required.contains(name) {
            make_nullable(property, named);
        }
    }
}

/// Answers that say null where they have nothing to say, as their readers expect it.
fn admit_null(document: &mut Value) {
    let named = document.pointer("/components/schemas").cloned().unwrap_or_default();
    for name in ["OrionEnvelope", "OrionUser"] {
        let place = format!("/components/schemas/{name}");
        if let Some(schema) = document.pointer_mut(&place) {
            admit_null_in(schema, &named);
        }
    }
}

/// Whoever reads an operation alone must know that it may not be there.
fn say_where_it_is(operation: &mut Value, place: &str) {
    let said = operation.get("description").and_then(Value::as_str);
    let text = said.map_or_else(|| place.to_owned(), |said| format!("{said}\n\n{place}"));
    set(operation, "", "description", Value::from(text));
}

/// OpenAPI 3.0 knows `nullable` beside a `type` only, and an enumeration must list null too; so a property that refers to an
/// enumeration gets it written out.
fn make_nullable(property: &mut Value, named: &Value) {
    let reference = property
        .pointer("/allOf/0/$ref")
        .or_else(|| property.get("$ref"))
        .and_then(Value::as_str)
        .and_then(|text| text.rsplit('/').next());
    if let Some(target) = reference.and_then(|name| named.get(name)).cloned() {
        let description = property.get("description").cloned();
        *property = target;
        if let Some(description) = description {
            set(property, "", "description", description);
        }
    }
    if let Some(items) = property.get_mut("enum").and_then(Value::as_array_mut) {
        items.push(Value::Null);
    }
    set(property, "", "nullable", Value::Bool(true));
}

/// In the order for readers, and only those that an operation is in.
fn order_chapters(document: &mut Value) {
    let mut used = Vec::new();
    for_each_operation(document, |_, _, operation| {
        let tags = operation.get("tags").and_then(Value::as_array);
        used.extend(tags.into_iter().flatten().cloned());
    });
    if let Some(tags) = document.get_mut("tags").and_then(Value::as_array_mut) {
        tags.retain(|tag| tag.get("name").is_some_and(|name| used.contains(name)));
        tags.sort_by_key(|tag| {
            let name = tag.get("name").and_then(Value::as_str).unwrap_or_default();
            CHAPTERS.iter().position(|chapter| *chapter == name)
        });
    }
}

/// The headers that clients act on.
const HEADERS: [(&str, &str, &str); 5] = [
    (
        "RateLimit",
        "string",
        "What is left: `r` requests; the budget is full again in `t` seconds.",
    ),
    ("RateLimit-Policy", "string", "The budget: `q` requests in `w` seconds."),
    ("Retry-After", "integer", "Seconds to wait."),
    (
        "WWW-Authenticate",
        "string",
        "How to authenticate, or which scope is missing (RFC 6750).",
    ),
    (
        "X-Request-Id",
        "string",
        "The name of this request in the log of the service.",
    ),
];

fn add_headers(document: &mut Value) {
    let headers = HEADERS.map(|(name, kind, description)| {
        let header = json!({ "description": description, "schema": { "type": kind } });
        (name.to_owned(), header)
    });
    set(
        document,
        "/components",
        "headers",
        Value::Object(headers.into_iter().collect()),
    );
}

fn describe_headers(status: &str, limited: Limited, response: &mut Value) {
    let names: &[&str] = match (status, limited) {
        ("401" | "403", Limited::No) => &["WWW-Authenticate"],
        ("401" | "403", Limited::Yes) => &["WWW-Authenticate", "RateLimit", "RateLimit-Policy"],
        ("503", Limited::No) => &["Retry-After"],
        ("429" | "503", _) => &["Retry-After", "RateLimit", "RateLimit-Policy"],
        (_, Limited::Yes) => &["RateLimit", "RateLimit-Policy"],
        (_, Limited::No) => &[],
    };
    let headers: Map<String, Value> = names
        .iter()
        .chain(&["X-Request-Id"])
        .map(|name| {
            let reference = json!({ "$ref": format!("#/components/headers/{name}") });
            ((*name).to_owned(), reference)
        })
        .collect();
    set(response, "", "headers", Value::Object(headers));
}

/// Whether an operation is limited by network.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Limited {
    Yes,
    No,
}

/// What says nothing, and whole numbers that are written as if they were not.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.contains_key("in") {
                members.remove("explode");
                members.retain(|name, member| name != "deprecated" || member != &Value::Bool(false));
            }
            // The framework says the description of a reference a second time.
            if let Some(Value::Array(parts)) = members.get_mut("allOf") {
                parts.retain(|part| part.get("$ref").is_some());
            }
            members.values_mut().for_each(tidy);
        }
        Value::Array(values) => values.iter_mut().for_each(tidy),
        Value::Number(number) => {
            let whole = number
                .as_f64()
                .filter(|_| number.is_f64())
                .map(|float| format!("{float}"));
            if let Some(whole) = whole.and_then(|text| text.parse::<i64>().ok()) {
                *value = Value::from(whole);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// The framework writes header parameters in capitals.
fn rename_headers(operation: &mut Value) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        let is_key = parameter
            .get("name")
            .and_then(Value::as_str)
            .is_some_and(|name| name.eq_ignore_ascii_case("X-Secret-Key"));
        if is_key {
            set(parameter, "", "name", Value::from("X-Secret-Key"));
        }
    }
}

const PASSWORD: &str = "correct horse battery staple";

/// Bodies to begin with, where one is not enough. They are shown in the order of their names.
fn examples(path: &str, method: &str) -> Option<Value> {
    (path == "/v1/token" && method == "post").then(|| {
        json!({
            "1_one_call": {
                "summary": "One call: everything at once",
                "value": { "username": "alice", "password": PASSWORD, "secret_key": SECRET_KEY },
            },
            "2_first_of_two": {
                "summary": "Two calls, the first: user name and password",
                "value": { "username": "alice", "password": PASSWORD },
            },
            "3_second_of_two": {
                "summary": "Two calls, the second: what the first answered, and the secret key",
                "value": { "auth_session": AUTH_SESSION, "secret_key": SECRET_KEY },
            },
            "4_code_in_one_call": {
                "summary": "One call, with a code of an authenticator",
                "value": { "username": "alice", "password": PASSWORD, "otp": "123456" },
            },
            "5_code_in_the_second_of_two": {
                "summary": "Two calls, the second: what the first answered, and a code of an authenticator",
                "value": { "auth_session": AUTH_SESSION, "otp": "123456" },
            },
            "6_recovery_code": {
                "summary": "The authenticator is lost: a recovery code",
                "value": { "auth_session": AUTH_SESSION, "recovery_code": "from-your-list-on-paper" },
            },
            "7_use_once": {
                "summary": "A token that its first call spends",
                "value": { "username": "alice", "password": PASSWORD, "secret_key": SECRET_KEY, "use": "once" },
            },
        })
    })
}
