//! Answers: a status and a JSON body, or none.

use std::marker::PhantomData;

use poem::http::header::CONTENT_TYPE;
use poem::http::{HeaderValue, StatusCode};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{ToJSON, Type};

use super::{MEDIA_TYPE, answer_content};

/// A body with a status.
pub(crate) struct Answer<T, const STATUS: u16 = 200>(pub T);

/// A body with the status 201.
pub(crate) type Created<T> = Answer<T, 201>;

/// A body that is written already, with the schema of `T`: for the one operation that is called all the time.
pub(crate) struct Prepared<T> {
    body: Vec<u8>,
    schema: PhantomData<T>,
}

impl<T> Prepared<T> {
    /// Takes a body.
    pub const fn new(body: Vec<u8>) -> Self {
        Self {
            body,
            schema: PhantomData,
        }
    }
}

/// The status 204.
pub(crate) struct NoContent;

/// The status 200 without a body.
pub(crate) struct Done;

fn meta(status: u16, content: Vec<poem_openapi::registry::MetaMediaType>) -> MetaResponses {
    MetaResponses {
        responses: vec![MetaResponse {
            description: match status {
                201 => "Done; this is what was made.",
                204 => "Done.",
                _ => "The answer.",
            },
            status: Some(status),
            status_range: None,
            content,
            headers: Vec::new(),
        }],
    }
}

impl<T: ToJSON, const STATUS: u16> IntoResponse for Answer<T, STATUS> {
    fn into_response(self) -> Response {
        let value = self.0.to_json().unwrap_or_default();
        Response::builder()
            .status(StatusCode::from_u16(STATUS).unwrap_or_default())
            .content_type(MEDIA_TYPE)
            .body(value.to_string())
    }
}

impl<T: ToJSON, const STATUS: u16> ApiResponse for Answer<T, STATUS> {
    fn meta() -> MetaResponses {
        meta(STATUS, answer_content::<T>())
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Send> IntoResponse for Prepared<T> {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        response.set_body(self.body);
        response
    }
}

impl<T: Type> ApiResponse for Prepared<T> {
    fn meta() -> MetaResponses {
        meta(200, answer_content::<T>())
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        Response::builder().status(StatusCode::NO_CONTENT).finish()
    }
}

impl ApiResponse for NoContent {
    fn meta() -> MetaResponses {
        meta(204, Vec::new())
    }

    fn register(_: &mut Registry) {}
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        Response::default()
    }
}

impl ApiResponse for Done {
    fn meta() -> MetaResponses {
        meta(200, Vec::new())
    }

    fn register(_: &mut Registry) {}
}
