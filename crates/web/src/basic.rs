//! User name and password by HTTP Basic (RFC 7617), as an alternative to the body of a login.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poem::http::HeaderMap;
use poem::http::header::AUTHORIZATION;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::json::SecretText;
use crate::problem::{Code, Problem};

/// What HTTP Basic carries.
pub(crate) struct Credentials {
    pub username: String,
    pub password: SecretText,
}

/// A call that may come with HTTP Basic.
pub(crate) struct MaybeBasic(pub Option<Credentials>);

const SCHEME: &str = "basic";
const PLACE: &str = "header:Authorization";

fn credentials_of(headers: &HeaderMap) -> Result<Option<Credentials>, Problem> {
    let bad = |detail: &'static str| Problem::fault(Code::InvalidRequest, PLACE, detail);
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(bad("must be sent once"));
    }
    let text = value.to_str().unwrap_or_default();
    let (scheme, encoded) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("Basic") {
        return Err(bad("only HTTP Basic means something here; a login needs no token"));
    }
    let decoded = STANDARD
        .decode(encoded.trim_matches(' '))
        .map_err(|_| bad("is not the Base64 of a user name, a colon and a password"))?;
    let decoded = String::from_utf8(decoded).map_err(|_| bad("must be encoded in UTF-8"))?;
    // The first colon ends the user name, which cannot hold one; the password can.
    let (username, password) = decoded
        .split_once(':')
        .ok_or_else(|| bad("is not the Base64 of a user name, a colon and a password"))?;
    Ok(Some(Credentials {
        username: username.to_owned(),
        password: SecretText(password.to_owned()),
    }))
}

impl<'a> ApiExtractor<'a> for MaybeBasic {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = MetaSecurityScheme {
            ty: "http",
            description: Some(
                "User name and password, for `POST /v1/token` only: instead of sending them in the body.",
            ),
            name: None,
            key_in: None,
            scheme: Some("basic"),
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(SCHEME, scheme);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    fn has_security_fallback() -> bool {
        true
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        Ok(Self(credentials_of(request.headers())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<Option<(String, String)>, Code> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, poem::http::HeaderValue::from_str(value).unwrap());
        credentials_of(&headers)
            .map(|found| found.map(|credentials| (credentials.username, credentials.password.0)))
            .map_err(|problem| problem.code())
    }

    fn encoded(bytes: &[u8]) -> String {
        format!("Basic {}", STANDARD.encode(bytes))
    }

    #[test]
    fn the_first_colon_divides_and_text_is_utf_8() {
        let expected = Some(("zoë".to_owned(), "pass:wörd".to_owned()));
        assert_eq!(read(&encoded("zoë:pass:wörd".as_bytes())).unwrap(), expected);
        let empty = Some((String::new(), String::new()));
        assert_eq!(read(&encoded(b":")).unwrap(), empty);
    }

    #[test]
    fn what_is_not_basic_is_a_bad_request() {
        let cases = [
            encoded(b"no colon"),
            encoded(b"latin-1:\xe9"),
            "Basic !!!".to_owned(),
            "Basic".to_owned(),
            "Bearer abc".to_owned(),
        ];
        for value in cases {
            assert_eq!(read(&value).unwrap_err(), Code::InvalidRequest, "{value}");
        }
    }
}
