//! The header `X-Secret-Key`.

use poem::http::HeaderMap;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaParamIn, MetaSchemaRef};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::json::SecretText;
use crate::problem::{Code, Problem};

const NAME: &str = "x-secret-key";
/// The place of the header in a problem.
pub(crate) const SECRET_KEY_HEADER: &str = "header:X-Secret-Key";

/// A secret key in the header `X-Secret-Key`.
pub(crate) struct SecretKeyHeader(pub Option<SecretText>);

fn read(headers: &HeaderMap) -> Result<Option<SecretText>, Problem> {
    let mut values = headers.get_all(NAME).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        let fault = Problem::fault(Code::InvalidRequest, SECRET_KEY_HEADER, "must be sent once");
        return Err(fault);
    }
    // Bytes beyond ASCII are in no secret key; as an empty text they are told to be malformed.
    Ok(Some(SecretText(value.to_str().unwrap_or_default().to_owned())))
}

impl<'a> ApiExtractor<'a> for SecretKeyHeader {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];

    type ParamType = ();
    type ParamRawType = ();

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(SecretText::schema_ref())
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        Ok(Self(read(request.headers())?))
    }
}
