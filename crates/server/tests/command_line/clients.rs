//! `countersign client`: applications, by the operator.

use std::fs;

use serde_json::json;

use super::operator::Operator;

fn operator() -> Operator {
    let operator = Operator::new();
    operator.succeed("migrate");
    operator
}

#[test]
fn an_application_is_registered_shown_given_a_new_secret_and_deleted() {
    let operator = operator();
    let added = operator.succeed_json(
        "client add shop --redirect-uri https://shop.example/cb --redirect-uri https://shop.example/cb2 --first-party",
    );
    let secret = added["client_secret"].as_str().unwrap();
    assert!(secret.starts_with("ccs_"), "{added}");
    assert_eq!(
        (&added["client_name"], &added["party"]),
        (&json!("shop"), &json!("first"))
    );
    assert_eq!(added["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(added["scope"], "openid profile email offline_access");

    let shown = operator.succeed("client show shop");
    assert!(shown.contains("https://shop.example/cb2"), "{shown}");
    assert!(!shown.contains("ccs_"), "{shown}");
    let rotated = operator.succeed_json("client rotate-secret shop");
    let new = rotated["client_secret"].as_str().unwrap();
    assert!(new.starts_with("ccs_") && new != secret, "{rotated}");
    assert!(operator.succeed("client list").contains("shop"));

    assert_eq!(operator.succeed("client delete shop"), "shop is deleted.\n");
    assert_eq!(operator.succeed("client list"), "There is no application.\n");
    for line in ["client show shop", "client delete shop", "client rotate-secret shop"] {
        assert!(operator.fail(1, line).contains("no application \"shop\""), "{line}");
    }
}

#[test]
fn every_kind_of_application_can_be_registered() {
    let operator = operator();
    let device =
        operator.succeed_json("client add tv --public --grant device_code --grant refresh_token --scope openid");
    assert_eq!(device["authentication"], "none");
    assert_eq!(device.get("client_secret"), None);
    let grants = json!(["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"]);
    assert_eq!((&device["grant_types"], &device["scope"]), (&grants, &json!("openid")));
    let service = operator.succeed_json(
        "client add reports --grant client_credentials --scope reports.read --audience https://reports.example --opaque",
    );
    assert_eq!(service["token_format"], "opaque");
    assert_eq!(service["audiences"], json!(["https://reports.example"]));

    let key = json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "1",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]});
    fs::write(operator.data().join("keys.json"), key.to_string()).unwrap();
    let signed =
        operator.succeed_json("client add bank --jwks keys.json --require-par --redirect-uri https://bank.example/cb");
    assert_eq!(
        (&signed["authentication"], &signed["jwks"]),
        (&json!("private_key_jwt"), &key)
    );
    assert_eq!(signed["require_pushed_authorization_requests"], true);
    assert!(
        operator
            .fail(1, "client rotate-secret bank")
            .contains("does not prove itself with a secret")
    );
}

#[test]
fn what_is_wrong_is_said_by_its_name_and_nothing_is_registered() {
    let operator = operator();
    let faults = operator.fail(
        1,
        "client add shop --public --optional-pkce --redirect-uri http://shop.example/cb --grant authorization_code",
    );
    assert!(
        faults.contains("pkce must be required") && faults.contains("redirect_uris/0 must begin with https"),
        "{faults}"
    );
    assert!(operator.fail(1, "client add shop").contains("redirect_uris must hold"));
    assert!(
        operator
            .fail(1, "client add shop! --grant password")
            .contains("the client_id must be")
    );
    assert!(
        operator
            .fail(1, "client add shop --jwks nowhere.json")
            .contains("nowhere.json cannot be read")
    );
    assert!(
        operator
            .fail(2, "client add shop --grant implicit")
            .contains("client_credentials")
    );
    assert!(
        operator
            .fail(2, "client add shop --public --jwks keys.json")
            .contains("cannot be used with")
    );
    assert_eq!(operator.succeed_json("client list"), json!([]));
    operator.succeed("client add shop --grant password");
    assert!(operator.fail(1, "client add shop --grant password").contains("already"));
}
