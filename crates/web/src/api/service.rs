//! `/livez` and `/readyz`: what orchestrators ask.

use poem::http::StatusCode;
use poem::web::Data;
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::Chapter;
use crate::context::Context;
use crate::json::{Answer, answer_content};

/// Whether the process runs.
#[derive(Object)]
pub(crate) struct Life {
    /// Always `ok`.
    status: String,
}

/// One thing that the service needs.
#[derive(Object)]
pub(crate) struct ReadinessCheck {
    /// What: `database`, `signing_key`, or `revocations`.
    name: String,
    /// Whether it is there.
    passed: bool,
}

/// Whether the service can serve.
#[derive(Object)]
pub(crate) struct Readiness {
    /// `ready` or `not_ready`.
    status: String,
    /// What it needs.
    checks: Vec<ReadinessCheck>,
}

impl IntoResponse for Readiness {
    fn into_response(self) -> Response {
        let status = if self.checks.iter().all(|check| check.passed) {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        let mut response = Answer::<_, 200>(self).into_response();
        response.set_status(status);
        response
    }
}

impl ApiResponse for Readiness {
    fn meta() -> MetaResponses {
        let response = |status, description| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: answer_content::<Self>(),
            headers: Vec::new(),
        };
        MetaResponses {
            responses: vec![
                response(200, "Everything is there."),
                response(503, "Something is missing; send requests to another node."),
            ],
        }
    }

    fn register(registry: &mut Registry) {
        <Self as Type>::register(registry);
    }
}

/// The state of the service.
pub(crate) struct ServiceApi;

#[OpenApi]
impl ServiceApi {
    /// Whether the process runs
    #[oai(
        path = "/livez",
        method = "get",
        operation_id = "getLiveness",
        tag = "Chapter::Service"
    )]
    #[expect(clippy::unused_async, reason = "the framework awaits every operation")]
    async fn live(&self) -> Answer<Life> {
        Answer(Life {
            status: String::from("ok"),
        })
    }

    /// Whether the service can serve
    #[oai(
        path = "/readyz",
        method = "get",
        operation_id = "getReadiness",
        tag = "Chapter::Service"
    )]
    async fn ready(&self, context: Data<&Context>) -> Readiness {
        let checks: Vec<ReadinessCheck> = context
            .app
            .readiness
            .checks()
            .await
            .into_iter()
            .map(|check| ReadinessCheck {
                name: check.name.to_owned(),
                passed: check.passed,
            })
            .collect();
        let status = if checks.iter().all(|check| check.passed) {
            "ready"
        } else {
            "not_ready"
        };
        Readiness {
            status: status.to_owned(),
            checks,
        }
    }
}
