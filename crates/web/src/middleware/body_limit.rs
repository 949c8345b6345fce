//! How large a body may be. The framework reads whatever comes.

use poem::Request;
use poem::error::ReadBodyError;
use poem::http::header::CONTENT_LENGTH;

use crate::problem::{Code, Fault, Problem};

/// Reads the body into memory, if it is not too large.
pub(crate) async fn read(request: &mut Request, limit: usize) -> Result<(), Problem> {
    refuse_announced(request, limit)?;
    let body = request.take_body().into_bytes_limit(limit).await;
    match body {
        Ok(bytes) => {
            request.set_body(bytes);
            Ok(())
        }
        Err(ReadBodyError::PayloadTooLarge) => Err(Problem::new(Code::BodyTooLarge)),
        Err(ReadBodyError::BodyHasBeenTaken | ReadBodyError::Utf8(_) | ReadBodyError::Io(_)) => Err(Problem::faults(
            Code::InvalidRequest,
            vec![Fault::new("", "could not be read to its end")],
        )),
    }
}

/// Refuses a body that says itself that it is too large, before a byte of it is read.
fn refuse_announced(request: &Request, limit: usize) -> Result<(), Problem> {
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<u64>().ok());
    match announced {
        Some(length) if usize::try_from(length).map_or(true, |length| length > limit) => {
            Err(Problem::new(Code::BodyTooLarge))
        }
        _ => Ok(()),
    }
}
