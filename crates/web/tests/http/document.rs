//! The API document and its page, and that the service is what they say.

use std::collections::BTreeMap;

use crate::service::{Call, PASSWORD, Service};
use domain::user::Role;
use poem::http::Method;
use serde_json::json;

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let service = Service::open().await;
    let start = service.call(Call::new(Method::GET, "/")).await;
    assert_eq!((start.status.as_u16(), start.header("location")), (302, "docs"));
    let page = service.call(Call::new(Method::GET, "/docs")).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(
        !page
            .header("content-security-policy")
            .contains("script-src 'self' 'unsafe-inline'")
    );
    assert!(
        !page.text.contains("http://") && !page.text.contains("https://"),
        "{}",
        page.text
    );
    for path in [
        "docs/swagger-ui.css",
        "docs/swagger-ui.js",
        "docs/start.js",
        "openapi.json",
    ] {
        assert!(page.text.contains(path) || path == "openapi.json");
        let file = service.call(Call::new(Method::GET, &format!("/{path}"))).await;
        assert_eq!(file.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_served_document_is_the_published_one() {
    let service = Service::whole().await;
    let answer = service.call(Call::new(Method::GET, "/openapi.json")).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.text, web::document());
    let without = Service::open().await;
    let answer = without.call(Call::new(Method::GET, "/openapi.json")).await.json();
    let mut whole: serde_json::Value = serde_json::from_str(&web::document()).unwrap();
    let paths = whole["paths"].as_object_mut().unwrap();
    paths.retain(|path, _| !path.starts_with("/users/") && !path.starts_with("/api/users/"));
    let of_aidbox = ["/AuthConfig", "/Client", "/User", "/Session", "/app/"];
    paths.retain(|path, _| !of_aidbox.iter().any(|base| path.starts_with(base)));
    assert_eq!(answer["paths"], whole["paths"], "what is not there is not in it");
    let names = answer["components"]["schemas"].as_object().unwrap().keys();
    assert!(
        names
            .into_iter()
            .all(|name| !name.starts_with("Orion") && !name.starts_with("AidboxTwoFactor")),
        "nor what belongs to it"
    );
    assert!(answer["components"]["securitySchemes"].get("orion").is_none());
    let chapters = answer["tags"].as_array().unwrap();
    assert!(chapters.iter().all(|chapter| chapter["name"] != "Orion"));
}

#[test]
fn every_operation_has_a_name_a_chapter_and_words() {
    let document: serde_json::Value = serde_json::from_str(&web::document()).unwrap();
    let mut names = BTreeMap::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let place = format!("{method} {path}");
            let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{place}"));
            assert_eq!(names.insert(name.to_owned(), place.clone()), None, "{place}");
            assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{place}");
            assert!(
                operation["summary"].as_str().is_some_and(|text| !text.ends_with('.')),
                "{place}"
            );
            let is_public = operation.get("security").is_none();
            let declares_401 = operation["responses"].get("401").is_some();
            assert!(is_public || declares_401, "{place}");
            if let Some(body) = operation.get("requestBody") {
                // A form may have fields that mean nothing.
                if let Some(json) = body["content"].get("application/json") {
                    // A resource may have any attributes.
                    let Some(name) = json["schema"]["$ref"].as_str() else {
                        assert!(place.starts_with("put /"), "{place}");
                        continue;
                    };
                    let name = name.rsplit('/').next().unwrap();
                    let schema = &document["components"]["schemas"][name];
                    assert_eq!(schema["additionalProperties"], false, "{name}");
                }
                for status in ["400", "408", "413", "415"] {
                    assert!(operation["responses"].get(status).is_some(), "{place} {status}");
                }
            }
        }
    }
    assert!(names.len() >= 27, "{names:?}");
}

#[tokio::test]
async fn no_operation_that_needs_a_token_answers_without_one() {
    let service = Service::whole().await;
    let user = service.token("carol", Role::User).await;
    let document: serde_json::Value = serde_json::from_str(&web::document()).unwrap();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let needs_token = operation["security"] == json!([{ "bearer": [] }]);
            if !needs_token {
                continue;
            }
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let nobody = "00000000-0000-4000-8000-000000000000";
            let path = path.replace("{id}", nobody).replace("{authenticator}", nobody);
            let call = || Call::new(method.clone(), &path).json("{}");
            service.call(call()).await.assert_problem(401, "token_required");
            service
                .call(call().bearer("abc"))
                .await
                .assert_problem(401, "invalid_token");
            if path.starts_with("/v1/admin") {
                let answer = service.call(call().bearer(&user)).await;
                answer.assert_problem(403, "insufficient_scope");
                assert_eq!(
                    answer.header("www-authenticate"),
                    r#"Bearer realm="countersign", error="insufficient_scope", scope="admin""#
                );
            }
        }
    }
    let key = service.account("root", Role::Admin).await;
    let body = json!({ "username": "root", "password": PASSWORD, "secret_key": key, "scope": "admin" });
    let tokens = service.post("/v1/token", &body).await.json();
    let answer = service.get("/v1/me", tokens["access_token"].as_str().unwrap()).await;
    answer.assert_problem(403, "insufficient_scope");
    assert!(answer.header("www-authenticate").contains(r#"scope="account""#));
}

#[tokio::test]
async fn identifiers_that_cannot_be_lead_nowhere() {
    let service = Service::open().await;
    let token = service.token("root", Role::Admin).await;
    for id in [
        "x",
        "%FF",
        "00000000000040008000000000000000",
        "00000000-0000-4000-8000-000000000000",
        "%00",
    ] {
        let answer = service.get(&format!("/v1/admin/users/{id}"), &token).await;
        answer.assert_problem(404, "not_found");
    }
}
