//! Tokens for client applications: client credentials and refreshes, each a durable commit, beside what their signatures and
//! their commits cost alone.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::load::{self, Request, Script};
use crate::service::{Account, PASSWORD, Service};

/// A confidential client with a generated secret.
pub struct Client {
    authorization: String,
}

impl Client {
    /// Makes one that may ask for itself, and for accounts whose password it is given.
    pub async fn register(service: &Service) -> Self {
        let token = service.administrator().token(service).await;
        let body = json!({
            "client_id": "bench", "client_name": "Bench", "authentication": "client_secret", "scope": "openid profile",
            "grant_types": ["client_credentials", "password", "refresh_token"],
        });
        let request = Request::post_as("/v1/admin/clients", &format!("Bearer {token}"), &body.to_string());
        let answer: Value = serde_json::from_str(&load::once(service.address, &request).await).unwrap();
        let secret = answer["client_secret"].as_str().unwrap();
        Self {
            authorization: format!("Basic {}", STANDARD.encode(format!("bench:{secret}"))),
        }
    }

    fn token_request(&self, body: &str) -> Request {
        Request::form_as("/auth/token", &self.authorization, body)
    }

    /// Asks for a token for itself, over and over.
    pub fn credentials(&self) -> Script {
        let request = self.token_request("grant_type=client_credentials");
        Box::new(move |_| request.clone())
    }

    /// Refreshes a session of this account, over and over: each request sends what the answer before it gave. With `openid`
    /// there is an ID token in each answer, signed with RS256.
    pub async fn refreshes(self: &Arc<Self>, service: &Service, account: &Account, scope: &str) -> Script {
        let login = format!(
            "grant_type=password&username={}&password={}&secret_key={}&scope={scope}",
            account.name,
            PASSWORD.replace(' ', "+"),
            account.key
        );
        let first = load::once(service.address, &self.token_request(&login)).await;
        let client = Arc::clone(self);
        Box::new(move |before| {
            let before = if before.is_empty() { first.as_str() } else { before };
            let answer: Value = serde_json::from_str(before).unwrap();
            let token = answer["refresh_token"].as_str().unwrap();
            client.token_request(&format!("grant_type=refresh_token&refresh_token={token}"))
        })
    }
}
