//! Access tokens in `Authorization: Bearer` (RFC 6750): reading the header, and what a call is allowed by its token.
//!
//! Tokens in the query or in a form are not read (RFC 9700 section 4.3.2).

use application::App;
use application::actor::Actor;
use application::tokens::Caller;
use domain::scope::Scope;
use poem::Request;
use poem::http::HeaderMap;
use poem::http::header::AUTHORIZATION;
use poem_openapi::registry::{MetaSecurityScheme, Registry};

use crate::context::Context;
use crate::problem::{Code, Problem};

const SCHEME: &str = "bearer";
const DESCRIPTION: &str = "The `access_token` that `POST /v1/token` answers. Paste it without the word Bearer.";

/// A call with a token that is believed, whatever its scopes.
pub(crate) struct Bearer(pub Caller);

/// A call with a token of any resource, as it was sent: whether it is believed is for the operation to find out.
pub(crate) struct AnyBearer(pub String);

/// A call with a token for the caller's own account.
pub(crate) struct Owner(pub Caller);

/// A call with a token for administration.
pub(crate) struct Administrator(pub Actor);

/// A call that may come without a token; one that is there must be good. An actor only if it is an administrator's.
pub(crate) struct MaybeAdministrator(pub Option<Actor>);

/// The token in the header.
pub(crate) fn token_of(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Err(Problem::new(Code::TokenRequired));
    };
    if values.next().is_some() {
        return Err(Problem::repeated_authorization());
    }
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| Problem::new(Code::InvalidToken))?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    // The scheme's letter case does not matter (RFC 9110 section 11.1).
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(Problem::new(Code::TokenRequired));
    }
    let token = token.trim_matches(' ');
    if is_token68(token) {
        Ok(token)
    } else {
        Err(Problem::new(Code::InvalidToken))
    }
}

/// RFC 9110 section 11.2.
fn is_token68(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    // Without a way out in between: tokens are long, and the processor looks at many bytes at once this way.
    !body.is_empty() && body.bytes().fold(true, |all, byte| all & is_token68_byte(byte))
}

/// Looked up, because it is asked hundreds of times for each call.
fn is_token68_byte(byte: u8) -> bool {
    const ADMITTED: [bool; 256] = {
        let mut admitted = [false; 256];
        let mut rest: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/";
        while let [byte, others @ ..] = rest {
            #[expect(clippy::indexing_slicing, reason = "a byte is less than 256, and a compiler runs it")]
            {
                admitted[*byte as usize] = true;
            }
            rest = others;
        }
        admitted
    };
    ADMITTED.get(usize::from(byte)).copied().unwrap_or(false)
}

/// The one check of a call's token.
pub(crate) async fn caller(headers: &HeaderMap, app: &App) -> Result<Caller, Problem> {
    Ok(app.authenticate.execute(token_of(headers)?).await?)
}

async fn caller_of(request: &Request) -> poem::Result<Caller> {
    Ok(caller(request.headers(), &Context::of(request)?.app).await?)
}

/// Describes tokens in the header in the document; `description` says where one comes from.
pub(crate) fn register(registry: &mut Registry, scheme: &'static str, description: &'static str) {
    let meta = MetaSecurityScheme {
        ty: "http",
        description: Some(description),
        name: None,
        key_in: None,
        scheme: Some("bearer"),
        bearer_format: Some("JWT"),
        flows: None,
        openid_connect_url: None,
    };
    registry.create_security_scheme(scheme, meta);
}

/// Extractors under one security scheme. With a fallback, a call may also come without a token.
macro_rules! bearer_extractors {
    (
        $scheme:expr, $description:expr;
        $($name:ident, fallback: $fallback:literal, $request:ident => $read:expr;)*
    ) => {$(
        impl<'a> ::poem_openapi::ApiExtractor<'a> for $name {
            const TYPES: &'static [::poem_openapi::ApiExtractorType] =
                &[::poem_openapi::ApiExtractorType::SecurityScheme];

            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut ::poem_openapi::registry::Registry) {
                $crate::bearer::register(registry, $scheme, $description);
            }

            fn security_schemes() -> Vec<&'static str> {
                vec![$scheme]
            }

            fn has_security_fallback() -> bool {
                $fallback
            }

            async fn from_request(
                $request: &'a ::poem::Request,
                _: &mut ::poem::RequestBody,
                _: ::poem_openapi::ExtractParamOptions<()>,
            ) -> ::poem::Result<Self> {
                $read
            }
        }
    )*};
}
pub(crate) use bearer_extractors;

bearer_extractors! {
    SCHEME, DESCRIPTION;
    Bearer, fallback: false, request => Ok(Self(caller_of(request).await?));
    AnyBearer, fallback: false, request => Ok(Self(token_of(request.headers())?.to_owned()));
    Owner, fallback: false, request => {
        let caller = caller_of(request).await?;
        if caller.scopes.contains(&Scope::Account) {
            Ok(Self(caller))
        } else {
            Err(Problem::insufficient_scope(&Scope::Account).into())
        }
    };
    Administrator, fallback: false, request => {
        let actor = Actor::admin(&caller_of(request).await?);
        Ok(Self(actor.ok_or_else(|| Problem::insufficient_scope(&Scope::Admin))?))
    };
    MaybeAdministrator, fallback: true, request => {
        if request.headers().contains_key(AUTHORIZATION) {
            Ok(Self(Actor::admin(&caller_of(request).await?)))
        } else {
            Ok(Self(None))
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<String, Code> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(
                AUTHORIZATION,
                poem::http::HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        token_of(&headers).map(str::to_owned).map_err(|problem| problem.code())
    }

    #[test]
    fn a_token_is_read_whatever_the_letter_case_of_the_scheme() {
        for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
            assert_eq!(
                read(&[&format!("{scheme} a.b-c_d~e+f/g==")]).unwrap(),
                "a.b-c_d~e+f/g=="
            );
        }
    }

    #[test]
    fn spaces_around_a_token_mean_nothing() {
        assert_eq!(read(&["Bearer   abc  "]).unwrap(), "abc");
    }

    #[test]
    fn what_is_no_bearer_token_is_refused_as_rfc_6750_says() {
        let cases: &[(&[&str], Code)] = &[
            (&[], Code::TokenRequired),
            (&[""], Code::TokenRequired),
            (&["Basic YTpi"], Code::TokenRequired),
            (&["abc"], Code::TokenRequired),
            (&["Bearerabc"], Code::TokenRequired),
            (&["Bearer"], Code::InvalidToken),
            (&["Bearer "], Code::InvalidToken),
            (&["Bearer ==="], Code::InvalidToken),
            (&["Bearer a b"], Code::InvalidToken),
            (&["Bearer a,b"], Code::InvalidToken),
            (&["Bearer a=b"], Code::InvalidToken),
            (&["Bearer \"abc\""], Code::InvalidToken),
            (&["Bearer \u{e9}"], Code::InvalidToken),
            (&["Bearer abc\tdef"], Code::InvalidToken),
            (&["Bearer abc", "Bearer abc"], Code::InvalidRequest),
            (&["Basic YTpi", "Bearer abc"], Code::InvalidRequest),
        ];
        for (values, code) in cases {
            assert_eq!(read(values).unwrap_err(), *code, "{values:?}");
        }
    }
}
