//! A small HTTP client: one request, one answer, no redirects.

use std::borrow::Cow;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::time::timeout;

const LARGEST_ANSWER: usize = 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

/// What is asked.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: Cow<'static, str>,
    pub(crate) bearer: Option<String>,
    pub(crate) body: Option<Value>,
}

/// What is answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Value>,
}

/// There was no answer.
#[derive(Debug, thiserror::Error)]
#[error("no answer: {0}")]
pub(crate) struct Silence(String);

impl Silence {
    fn because(cause: impl std::fmt::Display) -> Self {
        Self(cause.to_string())
    }
}

/// A client of one service.
pub(crate) struct Caller {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
}

impl Caller {
    pub(crate) fn new(base: &str) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            base: base.to_owned(),
        }
    }

    pub(crate) async fn call(&self, call: &Call) -> Result<Answer, Silence> {
        let body = call.body.as_ref().map(Value::to_string).unwrap_or_default();
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(format!("{}{}", self.base, call.path));
        if call.body.is_some() {
            request = request.header("content-type", "application/json");
        }
        if let Some(token) = &call.bearer {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Full::from(body)).map_err(Silence::because)?;
        let answered = async {
            let (head, body) = self
                .client
                .request(request)
                .await
                .map_err(Silence::because)?
                .into_parts();
            let body = Limited::new(body, LARGEST_ANSWER)
                .collect()
                .await
                .map_err(Silence::because)?
                .to_bytes();
            Ok(Answer {
                status: head.status,
                headers: head.headers,
                body: serde_json::from_slice(&body).ok(),
            })
        };
        timeout(PATIENCE, answered)
            .await
            .map_err(|_| Silence::because("it took too long"))?
    }
}
