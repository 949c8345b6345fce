//! Which client a request is of: HTTP Basic in the header, or parameters in the body.

use std::sync::Arc;

use application::clients::{AuthenticatedClient, ClientRefusal, PresentedClient};
use application::ports::StoreError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poem::http::HeaderMap;
use poem::http::header::AUTHORIZATION;
use poem::{FromRequest, Request, RequestBody};
use zeroize::Zeroizing;

use super::parameters::Parameters;
use super::refusal::OAuthError;
use crate::context::{Context, Source, to_its_end};
use crate::problem::Problem;

/// What the header says of the client.
pub(super) struct ClientHeader(Header);

enum Header {
    Absent,
    Basic(String, Zeroizing<String>),
    /// It cannot be read, or is of another scheme.
    Unreadable,
}

impl<'a> FromRequest<'a> for ClientHeader {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self(read(request.headers())))
    }
}

fn read(headers: &HeaderMap) -> Header {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Header::Absent;
    };
    if values.next().is_some() {
        return Header::Unreadable;
    }
    basic(value.to_str().unwrap_or_default()).map_or(Header::Unreadable, |(id, secret)| Header::Basic(id, secret))
}

/// RFC 6749 section 2.3.1: each of the two is encoded as in a form before they are put together.
fn basic(text: &str) -> Option<(String, Zeroizing<String>)> {
    let (scheme, encoded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let decoded = Zeroizing::new(STANDARD.decode(encoded.trim_matches(' ')).ok()?);
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((decode(id)?, Zeroizing::new(decode(secret)?)))
}

fn decode(text: &str) -> Option<String> {
    // What would end the value in a form is part of it here: clients that do not encode send it as it is.
    let text = text.replace('&', "%26").replace('=', "%3D");
    let pair = format!("v={text}");
    let (_, value) = url::form_urlencoded::parse(pair.as_bytes()).next()?;
    (!value.contains('\u{fffd}')).then(|| value.into_owned())
}

/// The client of a request. Whatever is wrong with it is answered in one way.
pub(super) async fn authenticate(
    context: &Context,
    header: ClientHeader,
    parameters: &Parameters,
    source: &Source,
) -> Result<AuthenticatedClient, OAuthError> {
    let (basic, used_header) = match header.0 {
        Header::Absent => (None, false),
        Header::Basic(id, secret) => (Some((id, secret)), true),
        Header::Unreadable => return Err(OAuthError::invalid_client(true)),
    };
    let text = |name: &str| parameters.one(name).map(str::to_owned);
    let presented = PresentedClient {
        basic,
        client_id: text("client_id"),
        client_secret: text("client_secret").map(Zeroizing::new),
        assertion_type: text("client_assertion_type"),
        assertion: text("client_assertion"),
    };
    let app = Arc::clone(&context.app);
    let (origin, network) = (source.origin.clone(), source.network.clone());
    let outcome = to_its_end(async move {
        let authenticate = &app.oauth.authenticate_client;
        authenticate.execute(presented, &origin, &network).await
    });
    match outcome.await? {
        Ok(client) => Ok(client),
        Err(ClientRefusal::Malformed(detail)) => Err(OAuthError::invalid_request(detail)),
        Err(ClientRefusal::Refused) => Err(OAuthError::invalid_client(used_header)),
        Err(ClientRefusal::Busy(busy)) => Err(Problem::from(busy).into()),
        Err(ClientRefusal::Store(error)) => Err(unavailable(error)),
    }
}

fn unavailable(error: StoreError) -> OAuthError {
    Problem::from(error).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(String, String)> {
        basic(&format!("Basic {}", STANDARD.encode(text))).map(|(id, secret)| (id, secret.to_string()))
    }

    #[test]
    fn both_parts_are_decoded_as_in_a_form() {
        let pair = |id: &str, secret: &str| Some((id.to_owned(), secret.to_owned()));
        assert_eq!(of("app:secret"), pair("app", "secret"));
        assert_eq!(of("app%3A1:a+b%25%26:c"), pair("app:1", "a b%&:c"));
        assert_eq!(of("app:a&b=c"), pair("app", "a&b=c"));
        assert_eq!(of("app:"), pair("app", ""));
        assert_eq!(of("app"), None);
        assert_eq!(of("app:%FF"), None);
        assert_eq!(basic("Bearer abc"), None);
    }
}
