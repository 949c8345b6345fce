//! Client applications, as an administrator registers them.

use serde_json::{Value, json};

use crate::service::Service;

/// A registered client.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its `client_id`.
    pub id: String,
    /// Its secret, if it has one.
    pub secret: Option<String>,
}

impl Client {
    /// What it proves itself with, as HTTP Basic wants it. Identities and secrets made by the service need no escapes.
    #[track_caller]
    pub fn basic(&self) -> (&str, &str) {
        (&self.id, self.secret.as_deref().expect("a secret"))
    }
}

/// The registration of a web application of somebody else's; put other members over it.
pub fn registration(redirect_uri: &str) -> Value {
    json!({
        "client_name": "A relying party",
        "authentication": "client_secret",
        "redirect_uris": [redirect_uri],
    })
}

impl Service {
    /// Registers a client: [`registration`] with these changes; `null` takes a member away.
    pub async fn client(&self, admin_token: &str, redirect_uri: &str, changes: &Value) -> Client {
        let mut body = registration(redirect_uri);
        let members = body.as_object_mut().unwrap();
        for (name, value) in changes.as_object().unwrap() {
            if value.is_null() {
                members.remove(name);
            } else {
                members.insert(name.clone(), value.clone());
            }
        }
        let call = self.post("/v1/admin/clients").bearer(admin_token).json(&body);
        let made = call.await.expect_json(201);
        Client {
            id: made["client_id"].as_str().expect("a client_id").to_owned(),
            secret: made["client_secret"].as_str().map(str::to_owned),
        }
    }
}
