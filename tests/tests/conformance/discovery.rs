//! What the provider says of itself.

use reqwest::Url;
use serde_json::Value;
use tests::Service;

async fn metadata(service: &Service) -> Value {
    let answer = service.get("/.well-known/openid-configuration").await;
    assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
    answer.expect(200).json()
}

/// The values of a member that is a list of texts.
#[track_caller]
fn list<'a>(metadata: &'a Value, name: &str) -> Vec<&'a str> {
    let values = metadata[name].as_array().unwrap_or_else(|| panic!("no list {name}"));
    assert!(!values.is_empty(), "{name} is empty, which it must not be");
    values.iter().map(|value| value.as_str().unwrap()).collect()
}

/// An address of the provider's own.
#[track_caller]
fn assert_own_address(metadata: &Value, name: &str) {
    let address = metadata[name].as_str().unwrap_or_else(|| panic!("no {name}"));
    let (address, issuer) = (
        Url::parse(address).unwrap(),
        Url::parse(metadata["issuer"].as_str().unwrap()).unwrap(),
    );
    assert_eq!(address.origin(), issuer.origin(), "{name}");
    assert_eq!(address.fragment(), None, "{name}");
}

#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    let service = Service::sqlite().await;
    let metadata = metadata(&service).await;
    assert_eq!(metadata["issuer"], service.issuer());
    let addresses = [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "revocation_endpoint",
        "introspection_endpoint",
        "pushed_authorization_request_endpoint",
    ];
    for name in addresses {
        assert_own_address(&metadata, name);
    }
    assert_eq!(list(&metadata, "response_types_supported"), ["code"]);
    assert_eq!(list(&metadata, "subject_types_supported"), ["public"]);
    assert!(list(&metadata, "scopes_supported").contains(&"openid"));
    assert!(list(&metadata, "grant_types_supported").contains(&"authorization_code"));
    let algorithms = list(&metadata, "id_token_signing_alg_values_supported");
    assert!(
        algorithms.contains(&"RS256") && !algorithms.contains(&"none"),
        "{algorithms:?}"
    );
    assert_eq!(list(&metadata, "code_challenge_methods_supported"), ["S256"]);
    let methods = list(&metadata, "token_endpoint_auth_methods_supported");
    for method in ["client_secret_basic", "client_secret_post", "private_key_jwt"] {
        assert!(methods.contains(&method), "{methods:?}");
    }
    let claims = list(&metadata, "claims_supported");
    for claim in ["sub", "iss", "auth_time", "acr", "name", "email"] {
        assert!(claims.contains(&claim), "{claims:?}");
    }
    assert_eq!(metadata["claims_parameter_supported"], true);
    // Absent means true for the second (OpenID Connect Discovery section 3).
    assert_eq!(metadata["request_parameter_supported"], false);
    assert_eq!(metadata["request_uri_parameter_supported"], false);

    let keys = service.get("/.well-known/jwks.json").await.expect(200).json();
    let keys = keys["keys"].as_array().unwrap();
    assert!(
        keys.iter().any(|key| key["kty"] == "RSA" && key["alg"] == "RS256"),
        "{keys:?}"
    );
    for key in keys {
        for secret in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(secret).is_none(), "the key {} shows its {secret}", key["kid"]);
        }
    }
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    let service = Service::sqlite().await;
    assert_own_address(&metadata(&service).await, "end_session_endpoint");
}

#[tokio::test]
async fn oidcc_backchannel_logout_discovery_endpoint_verification() {
    let service = Service::sqlite().await;
    let metadata = metadata(&service).await;
    assert_eq!(metadata["backchannel_logout_supported"], true);
    assert_eq!(metadata["backchannel_logout_session_supported"], true);
}

#[tokio::test]
async fn both_descriptions_of_the_server_say_the_same() {
    let service = Service::sqlite().await;
    let other = service.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(other.expect_json(200), metadata(&service).await);
}
