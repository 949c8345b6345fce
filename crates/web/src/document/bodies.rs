//! Examples of the documents of the Aidbox profile, in both notations.

use serde_json::{Value, json};

/// The example for what is written at this address, as JSON and as YAML.
pub(super) fn of_aidbox(path: &str, method: &str) -> Option<(Value, Value)> {
    if method != "put" {
        return None;
    }
    match path {
        "/AuthConfig/{id}" => Some((
            json!({
                "twoFactor": {
                    "issuerName": "my-app",
                    "validPastTokensCount": 3,
                    "webhook": { "endpoint": "https://my-app.example/codes", "timeout": 500 },
                },
            }),
            json!("twoFactor:\n  issuerName: my-app\n  validPastTokensCount: 3\n"),
        )),
        "/Client/{id}" => Some((
            json!({
                "secret": "a long secret of your choice",
                "first_party": true,
                "grant_types": ["code"],
                "auth": {
                    "authorization_code": {
                        "redirect_uri": "http://localhost:3001",
                        "access_token_expiration": 360,
                        "token_format": "jwt",
                        "secret_required": true,
                        "refresh_token": true,
                    },
                },
            }),
            json!(
                "secret: a long secret of your choice\nfirst_party: true\ngrant_types:\n  - code\nauth:\n  authorization_code:\n    \
                 redirect_uri: 'http://localhost:3001'\n    secret_required: true\n"
            ),
        )),
        "/User/{id}" => Some((
            json!({ "userName": "my-user", "password": "correct horse battery staple" }),
            json!("userName: my-user\npassword: correct horse battery staple\n"),
        )),
        _ => None,
    }
}
