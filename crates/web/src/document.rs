//! The API document. The framework writes a good first version; what it cannot say is put right here, once.

pub(crate) mod placeholders;
mod polish;

use std::sync::LazyLock;

use application::App;
use poem_openapi::{LicenseObject, OpenApi, OpenApiService};
use serde_json::Value;

use crate::api;

const TITLE: &str = "Countersign";

const DESCRIPTION: &str = "\
Countersign puts a second factor in front of any REST API.\n\
\n\
**Try it here, in four steps:**\n\
\n\
1. *Register* an account with `POST /v1/users`, and copy the `secret_key` of the answer: it is shown once.\n\
2. *Get a token* with `POST /v1/token`: user name, password, and the secret key.\n\
3. Copy the `access_token`, press **Authorize**, and paste it under *bearer*.\n\
4. *Call the resource* with `GET /v1/resource`: it tells what your token proves.\n\
\n\
Every error is a problem as in RFC 9457 (`application/problem+json`) with a stable `code`.";

/// How much of the document there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edition {
    /// All of it, as it is published.
    Whole,
    /// Without the Orion profile, for a service that does not have it switched on.
    WithoutOrion,
}

impl Edition {
    /// What this service offers.
    pub fn of(app: &App) -> Self {
        match app.core.policies.orion {
            Some(_) => Self::Whole,
            None => Self::WithoutOrion,
        }
    }
}

/// Every operation as a service of the framework.
pub(crate) fn service() -> OpenApiService<impl OpenApi, ()> {
    service_of(api::all_operations())
}

fn service_of<T: OpenApi>(operations: T) -> OpenApiService<T, ()> {
    OpenApiService::new(operations, TITLE, env!("CARGO_PKG_VERSION"))
        .description(DESCRIPTION)
        .license(LicenseObject::new("MIT OR Apache-2.0"))
        .server("/")
}

/// The whole document as a value. It is large and seldom asked for, so it is not kept.
pub(crate) fn value() -> Value {
    polished(&service().spec())
}

fn polished(spec: &str) -> Value {
    polish::polish(serde_json::from_str(spec).unwrap_or_default())
}

/// An edition as a text: JSON, indented, with a newline at the end.
pub(crate) fn text(edition: Edition) -> &'static str {
    static WHOLE: LazyLock<String> = LazyLock::new(|| polish::write(&value()));
    static WITHOUT_ORION: LazyLock<String> =
        LazyLock::new(|| polish::write(&polished(&service_of(api::operations()).spec())));
    match edition {
        Edition::Whole => &WHOLE,
        Edition::WithoutOrion => &WITHOUT_ORION,
    }
}
