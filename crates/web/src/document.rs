//! The API document. The framework writes a good first version; what it cannot say is put right here, once.

mod bodies;
mod keep;
pub(crate) mod placeholders;
mod polish;

use std::sync::{Mutex, PoisonError};

use application::App;
use poem_openapi::{LicenseObject, OpenApi, OpenApiService};
use serde_json::Value;

use crate::{aidbox, api, oauth, orion};

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

/// How much of the document there is: which parts of the service are switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Edition {
    /// The authorization server.
    oauth: bool,
    /// The Orion profile.
    orion: bool,
    /// The Aidbox profile.
    aidbox: bool,
}

impl Edition {
    /// All of it, as it is published.
    pub const WHOLE: Self = Self {
        oauth: true,
        orion: true,
        aidbox: true,
    };

    /// What this service offers.
    pub fn of(app: &App) -> Self {
        let policies = &app.core.policies;
        Self {
            oauth: policies.oauth.enabled,
            orion: policies.orion.is_some(),
            aidbox: policies.aidbox.is_some(),
        }
    }

    /// Whether an address is there.
    pub fn has(self, pattern: &str) -> bool {
        (self.oauth || !oauth::owns(pattern))
            && (self.orion || !orion::owns(pattern))
            && (self.aidbox || !aidbox::owns(pattern))
    }
}

/// Every operation as a service of the framework.
pub(crate) fn service() -> OpenApiService<impl OpenApi, ()> {
    OpenApiService::new(api::all_operations(), TITLE, env!("CARGO_PKG_VERSION"))
        .description(DESCRIPTION)
        .license(LicenseObject::new("MIT OR Apache-2.0"))
        .server("/")
}

/// The whole document as a value. It is large and seldom asked for, so it is not kept.
pub(crate) fn value() -> Value {
    polish::polish(serde_json::from_str(&service().spec()).unwrap_or_default())
}

/// An edition as a text: JSON, indented, with a newline at the end. Each is written when it is first asked for, and kept.
pub(crate) fn text(edition: Edition) -> &'static str {
    static WRITTEN: Mutex<Vec<(Edition, &'static str)>> = Mutex::new(Vec::new());
    let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, text)) = written.iter().find(|(known, _)| *known == edition) {
        return text;
    }
    let mut document = value();
    if edition != Edition::WHOLE {
        keep::keep(&mut document, |pattern| edition.has(pattern));
    }
    // There are a handful of editions, and a service has one.
    let text: &'static str = polish::write(&document).leak();
    written.push((edition, text));
    text
}
