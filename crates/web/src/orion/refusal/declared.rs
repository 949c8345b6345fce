//! What each operation of the profile can be refused with: one type per family of operations, from which the API document
//! takes its statuses, as for every other operation. A status that its family does not declare is a defect, and stops a debug
//! build.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use poem_openapi::ApiResponse;
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;

use super::{Objections, Refusal};
use crate::json::answer_content;
use crate::problem::{Document, ProblemJson};

/// A status in a shape of that service, and when it is answered.
type Said = (u16, &'static str);

const REPORT: Said = (
    400,
    "Fields are missing, empty or malformed (with the header `validation-exception: true`), or the request cannot be done.",
);
const REFUSED: Said = (
    401,
    "Something that was sent is not right. Which, is not told. A call without `code` whose password is right is told what is missing.",
);
const NO_TOKEN: Said = (401, "No token of this profile was sent, or it is not accepted.");
const NOT_ALLOWED: Said = (403, "The caller may not do this.");

/// The problems that a call with a body can end in.
const POSTED: &[u16] = &[400, 408, 413, 415, 429, 500, 503];
/// Those of a call without one.
const READ: &[u16] = &[400, 500, 503];

macro_rules! families {
    ($($(#[$doc:meta])* $name:ident = $problems:ident + [$($said:expr),* $(,)?];)+) => {$(
        $(#[$doc])*
        pub(crate) struct $name(Refusal);

        impl $name {
            const SAID: &'static [Said] = &[$($said),*];

            fn declares(refusal: &Refusal) -> bool {
                let status = refusal.status().as_u16();
                match refusal {
                    Refusal::Said { .. } => Self::SAID.iter().any(|(said, _)| *said == status),
                    Refusal::Problem(_) => $problems.contains(&status),
                }
            }
        }

        impl<T: Into<Refusal>> From<T> for $name {
            fn from(cause: T) -> Self {
                let refusal = cause.into();
                debug_assert!(
                    Self::declares(&refusal),
                    "{} is not declared by {}", refusal.status(), stringify!($name),
                );
                Self(refusal)
            }
        }

        impl From<$name> for poem::Error {
            fn from(family: $name) -> Self {
                family.0.into()
            }
        }

        impl ApiResponse for $name {
            fn meta() -> MetaResponses {
                static DECLARED: OnceLock<BTreeMap<u16, &'static str>> = OnceLock::new();
                declare(DECLARED.get_or_init(|| described(Self::SAID, $problems)), Self::SAID, $problems)
            }

            fn register(registry: &mut Registry) {
                <Objections as Type>::register(registry);
                <Document as Type>::register(registry);
            }
        }
    )+};
}

families! {
    /// Asking for a QR code.
    QrCodeRefusal = POSTED + [REPORT, REFUSED, (409, "The account has a second factor and no `code` was sent, or there is no room for another authenticator.")];
    /// Logging in.
    LoginRefusal = POSTED + [REPORT, REFUSED];
    /// Making an account.
    CreateRefusal = POSTED + [REPORT, (403, "Accounts are made by administrators here.")];
    /// Making an account and beginning a login.
    CreateLoginRefusal = POSTED + [REPORT, REFUSED, (403, "Accounts are made by administrators here.")];
    /// Looking at or changing one's own account.
    OwnRefusal = POSTED + [REPORT, NO_TOKEN, NOT_ALLOWED];
    /// Deleting an account.
    DeleteRefusal = POSTED + [REPORT, NO_TOKEN, NOT_ALLOWED, (409, "It is the last administrator.")];
    /// Reading as an administrator.
    ListRefusal = READ + [NO_TOKEN, NOT_ALLOWED];
    /// Reading one account as an administrator.
    FindRefusal = READ + [REPORT, NO_TOKEN, NOT_ALLOWED, (404, "No account has this address.")];
    /// What that service does and this one does not, by a form.
    AbsentRefusal = POSTED + [REPORT];
    /// The same, by a query.
    AbsentReadRefusal = READ + [REPORT];
}

fn described(said: &[Said], problems: &[u16]) -> BTreeMap<u16, &'static str> {
    let problems = problems.iter().map(|status| (*status, of_problem(*status)));
    problems.chain(said.iter().copied()).collect()
}

const fn of_problem(status: u16) -> &'static str {
    match status {
        408 => "The body did not arrive in time.",
        413 => "The body is too large.",
        415 => "The body is no form.",
        429 => "Too many requests came from one network.",
        503 => "The service is busy or not available.",
        500 => "The service failed.",
        _ => "The request cannot be read.",
    }
}

fn declare(described: &'static BTreeMap<u16, &'static str>, said: &[Said], problems: &[u16]) -> MetaResponses {
    let responses = described.iter().map(|(status, description)| {
        let mut content = Vec::new();
        if said.iter().any(|(said, _)| said == status) {
            content.extend(answer_content::<Objections>());
        }
        if problems.contains(status) {
            content.push(MetaMediaType {
                content_type: ProblemJson::CONTENT_TYPE,
                schema: ProblemJson::schema_ref(),
            });
        }
        MetaResponse {
            description,
            status: Some(*status),
            status_range: None,
            content,
            headers: Vec::new(),
        }
    });
    MetaResponses {
        responses: responses.collect(),
    }
}
