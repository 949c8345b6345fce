//! The API document against the service: everything that is declared is there, and protected as it says.

use std::collections::HashSet;

use serde_json::Value;
use tests::Service;

const STATUSES: [&str; 20] = [
    "200", "201", "204", "302", "400", "401", "403", "404", "405", "408", "409", "412", "413", "415", "422", "429",
    "431", "500", "503", "default",
];
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

struct Operation<'a> {
    path: &'a str,
    method: &'a str,
    definition: &'a Value,
}

fn document() -> Value {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/v1.json");
    serde_json::from_str(&std::fs::read_to_string(committed).unwrap()).unwrap()
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, definition) in methods.as_object().unwrap() {
            assert!(METHODS.contains(&method.as_str()), "{path} {method}");
            operations.push(Operation {
                path,
                method,
                definition,
            });
        }
    }
    assert!(operations.len() > 25, "the walk found too little to mean anything");
    operations
}

/// Whether a token must be there; an empty alternative means that it may be left out.
fn needs_bearer(operation: &Operation<'_>) -> bool {
    let alternatives = operation.definition["security"].as_array().cloned().unwrap_or_default();
    let bearer = alternatives
        .iter()
        .any(|alternative| alternative.get("bearer").is_some());
    bearer
        && alternatives
            .iter()
            .all(|alternative| alternative.as_object().is_some_and(|names| !names.is_empty()))
}

fn url(operation: &Operation<'_>) -> String {
    let nobody = "00000000-0000-4000-8000-000000000000";
    operation
        .path
        .replace("{id}", nobody)
        .replace("{authenticator}", nobody)
        .replace("{client}", nobody)
}

/// The document is that of a service that has everything switched on.
async fn with_every_profile() -> Service {
    Service::with(|setup| {
        setup
            .set("compat.orion.enabled", "true")
            .set("compat.aidbox.enabled", "true")
    })
    .await
}

#[tokio::test]
async fn every_protected_operation_refuses_without_a_token() {
    let (service, document) = (with_every_profile().await, document());
    let protected: Vec<_> = operations(&document).into_iter().filter(needs_bearer).collect();
    assert!(protected.len() >= 19, "{}", protected.len());
    for operation in protected {
        let what = format!("{} {}", operation.method, operation.path);
        let method = operation.method.to_uppercase();
        let answer = service.call(&method, &url(&operation)).await;
        assert_eq!(
            answer.header("www-authenticate"),
            Some(r#"Bearer realm="countersign""#),
            "{what}: {answer:?}"
        );
        answer.expect_problem(401, "token_required");
        let answer = service.call(&method, &url(&operation)).bearer("rubbish").await;
        assert!(
            answer
                .header("www-authenticate")
                .unwrap()
                .contains(r#"error="invalid_token""#),
            "{what}: {answer:?}"
        );
        answer.expect_problem(401, "invalid_token");
    }
}

#[tokio::test]
async fn everything_below_me_and_admin_is_protected() {
    let document = document();
    for operation in operations(&document) {
        let private = [
            "/v1/me",
            "/v1/admin",
            "/v1/resource",
            "/v1/token/step-up",
            "/AuthConfig",
            "/Client",
            "/User",
            "/Session",
            "/app/auth/two-factor",
        ]
        .iter()
        .any(|start| operation.path.starts_with(start));
        assert_eq!(
            needs_bearer(&operation),
            private,
            "{} {}",
            operation.method,
            operation.path
        );
    }
}

#[tokio::test]
async fn every_declared_operation_is_routed() {
    let (service, document) = (with_every_profile().await, document());
    for operation in operations(&document) {
        let answer = service.call(&operation.method.to_uppercase(), &url(&operation)).await;
        assert!(
            ![404, 405, 500, 501].contains(&answer.status),
            "{} {}: {answer:?}",
            operation.method,
            operation.path
        );
    }
}

#[test]
fn every_operation_has_a_name_of_its_own_a_summary_and_known_statuses() {
    let document = document();
    let mut names = HashSet::new();
    for operation in operations(&document) {
        let what = format!("{} {}", operation.method, operation.path);
        let name = operation.definition["operationId"]
            .as_str()
            .unwrap_or_else(|| panic!("{what} has no operationId"));
        assert!(names.insert(name.to_owned()), "{name} is there twice");
        assert!(
            operation.definition["summary"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{what} has no summary"
        );
        assert!(
            operation.definition["tags"]
                .as_array()
                .is_some_and(|tags| tags.len() == 1),
            "{what} has no chapter"
        );
        let responses = operation.definition["responses"].as_object().unwrap();
        for status in responses.keys() {
            assert!(STATUSES.contains(&status.as_str()), "{what} declares {status}");
        }
        assert!(
            responses.keys().any(|status| status.starts_with('2')),
            "{what} declares no success"
        );
        if needs_bearer(&operation) {
            assert!(responses.contains_key("401"), "{what} does not declare 401");
        }
    }
}

#[test]
fn every_body_has_an_example() {
    let document = document();
    for operation in operations(&document) {
        let Some(body) = operation.definition.get("requestBody") else {
            continue;
        };
        for (media_type, content) in body["content"].as_object().unwrap() {
            let schema = content["schema"]["$ref"]
                .as_str()
                .and_then(|name| name.rsplit('/').next());
            let of_schema = schema.map_or(&Value::Null, |name| &document["components"]["schemas"][name]["example"]);
            let has_example =
                content.get("example").is_some() || content.get("examples").is_some() || !of_schema.is_null();
            assert!(
                has_example,
                "{} {} has no example of {media_type}",
                operation.method, operation.path
            );
        }
    }
}

#[tokio::test]
async fn examples_are_admitted_as_they_stand() {
    let (service, document) = (Service::sqlite().await, document());
    let (_, tokens) = service.logged_in("somebody").await;
    for operation in operations(&document) {
        let content = &operation.definition["requestBody"]["content"]["application/json"];
        let schema = content["schema"]["$ref"]
            .as_str()
            .and_then(|name| name.rsplit('/').next());
        let Some(schema) = schema else { continue };
        let inline = content
            .get("example")
            .or_else(|| content["examples"].as_object()?.values().next()?.get("value"));
        let example = inline
            .unwrap_or(&document["components"]["schemas"][schema]["example"])
            .clone();
        if example.is_null() {
            continue;
        }
        let method = operation.method.to_uppercase();
        let call = service.call(&method, &url(&operation)).json(&example);
        let call = if needs_bearer(&operation) {
            call.bearer(&tokens.access)
        } else {
            call
        };
        let answer = call.await;
        // Its secrets may be nobody's; its form is right.
        let code = if answer.status < 400 {
            String::new()
        } else {
            answer.json()["code"].to_string()
        };
        assert!(
            !code.contains("invalid_request"),
            "{method} {}: {answer:?}",
            operation.path
        );
    }
}

#[tokio::test]
async fn examples_of_forms_are_admitted_as_they_stand() {
    let (service, document) = (with_every_profile().await, document());
    let mut sent = 0;
    for operation in operations(&document) {
        let content = &operation.definition["requestBody"]["content"]["application/x-www-form-urlencoded"];
        let Some(schema) = content["schema"]["$ref"].as_str() else {
            continue;
        };
        // Without a token, which comes first, nothing is known of the form.
        if operation.definition.get("security").is_some() {
            continue;
        }
        let name = schema.rsplit('/').next().unwrap();
        let example = document["components"]["schemas"][name]["example"].as_object().unwrap();
        let fields: Vec<(&str, &str)> = example
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let answer = service.post(operation.path).form(&fields).await;
        assert_eq!(
            answer.header("validation-exception"),
            None,
            "{}: {answer:?}",
            operation.path
        );
        sent += 1;
    }
    assert!(sent >= 18, "{sent}");
}
