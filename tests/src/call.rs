//! One call, from its parts to its answer.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use crate::answer::Answer;

/// A call that is being put together. Await it to send it.
#[must_use = "nothing is sent until it is awaited"]
pub struct Call(RequestBuilder);

impl Call {
    /// A call of `url`.
    pub fn new(http: &Client, method: Method, url: &str) -> Self {
        Self(http.request(method, url))
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        Self(self.0.json(body))
    }

    /// With a body of this media type.
    pub fn body(self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self(self.0.header("content-type", media_type).body(body.into()))
    }

    /// With a body as an HTML form sends it.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        Self(self.0.form(fields))
    }

    /// With one more header.
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        Self(self.0.header(name, value.as_ref()))
    }

    /// With an access token (RFC 6750 section 2.1).
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// With HTTP Basic (RFC 7617), in UTF-8.
    pub fn basic(self, username: &str, password: &str) -> Self {
        self.header("authorization", basic(username, password))
    }

    /// Sends it. An error means that no whole answer came.
    pub async fn try_send(self) -> reqwest::Result<Answer> {
        Answer::read(self.0.send().await?).await
    }
}

/// The value of `Authorization` for HTTP Basic.
pub fn basic(username: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{username}:{password}")))
}

impl IntoFuture for Call {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async {
            self.try_send()
                .await
                .unwrap_or_else(|error| panic!("no answer: {error:?}"))
        })
    }
}
