//! The failures of the framework, in our shape. Its own texts repeat what was sent, so none of them is passed on.

use poem::error::{MethodNotAllowedError, NotFoundError, ReadBodyError};
use poem::http::StatusCode;
use poem::{Error, IntoResponse, Response};
use poem_openapi::error::{ContentTypeError, ParseParamError, ParsePathError};

use super::{Code, Problem};
use crate::parameter::OWN_WORDS;

/// The answer to an error that reached the edge.
pub(crate) fn translate(error: Error) -> Response {
    if error.is_from_response() {
        return error.into_response();
    }
    of_framework(&error).into_response()
}

fn of_framework(error: &Error) -> Problem {
    if let Some(parameter) = error.downcast_ref::<ParseParamError>() {
        return Problem::fault(
            Code::InvalidRequest,
            format!("query:{}", parameter.name),
            expected(&parameter.reason),
        );
    }
    // A path that is not valid UTF-8 after decoding, or whose parameter has another form, leads nowhere.
    if error.is::<ParsePathError>() || error.is::<NotFoundError>() {
        return Problem::new(Code::NotFound);
    }
    if error.is::<MethodNotAllowedError>() {
        return Problem::new(Code::MethodNotAllowed);
    }
    if error.is::<ContentTypeError>() {
        return Problem::new(Code::UnsupportedMediaType);
    }
    if let Some(read) = error.downcast_ref::<ReadBodyError>() {
        return match read {
            ReadBodyError::PayloadTooLarge => Problem::new(Code::BodyTooLarge),
            ReadBodyError::Utf8(_) => Problem::fault(Code::InvalidRequest, "", "must be valid UTF-8"),
            ReadBodyError::Io(_) => Problem::fault(Code::InvalidRequest, "", "could not be read to its end"),
            ReadBodyError::BodyHasBeenTaken => defect(error),
        };
    }
    of_status(error)
}

fn of_status(error: &Error) -> Problem {
    match error.status() {
        StatusCode::NOT_FOUND => Problem::new(Code::NotFound),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(Code::MethodNotAllowed),
        StatusCode::REQUEST_TIMEOUT => Problem::new(Code::RequestTimeout),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::BodyTooLarge),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(Code::UnsupportedMediaType),
        status if status.is_client_error() => Problem::new(Code::InvalidRequest),
        _ => defect(error),
    }
}

fn defect(error: &Error) -> Problem {
    Problem::new(Code::InternalError).because(format!("the framework failed: {error}"))
}

/// What a parameter must be, if it says so in its own words; the framework's words may repeat the value.
fn expected(reason: &str) -> &str {
    reason
        .split(OWN_WORDS)
        .nth(1)
        .unwrap_or("does not have the form that is documented for it")
}
