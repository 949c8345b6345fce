//! The claims of logout tokens as JSON (OpenID Connect Back-Channel Logout section 2.4). Only clients read them.

use domain::id_token::LogoutClaims;
use serde::Serialize;

/// The claims. A `nonce` must never be among them.
#[derive(Serialize)]
pub(super) struct WireLogout<'claims> {
    iss: &'claims str,
    sub: String,
    aud: &'claims str,
    iat: i64,
    exp: i64,
    jti: String,
    sid: String,
    events: Events,
}

#[derive(Serialize)]
struct Events {
    #[serde(rename = "http://schemas.openid.net/event/backchannel-logout")]
    logout: Nothing,
}

/// An empty object.
#[derive(Serialize)]
struct Nothing {}

impl<'claims> From<&'claims LogoutClaims> for WireLogout<'claims> {
    fn from(claims: &'claims LogoutClaims) -> Self {
        Self {
            iss: &claims.issuer,
            sub: claims.subject.to_string(),
            aud: claims.client.as_str(),
            iat: claims.issued_at.seconds(),
            exp: claims.expires_at.seconds(),
            jti: claims.token.to_string(),
            sid: claims.session.to_string(),
            events: Events { logout: Nothing {} },
        }
    }
}
