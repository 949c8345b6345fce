//! Reading a login: what was sent, each thing once, and which of the two kinds of login it makes.

use application::sign_in::{ContinuedLogin, LoginName, LoginTerms, PasswordLogin};
use application::tokens::TokenForm;
use domain::claims::Use;
use domain::scope::Scopes;
use domain::secret::{AuthSessionHandle, PASSWORD_MAX, Password};

use super::second_factor::Sent;
use super::{TokenRequest, TokenUse};
use crate::api::users::username;
use crate::basic::Credentials;
use crate::context::Source;
use crate::header::SECRET_KEY_HEADER;
use crate::json::SecretText;
use crate::problem::{Code, Fault, Problem};

/// A login that may be tried.
pub(super) enum Login {
    /// With a user name and a password.
    Password(PasswordLogin),
    /// That goes on where an earlier call stopped.
    Continued(ContinuedLogin),
}

struct Found<T> {
    place: &'static str,
    value: T,
}

impl Login {
    /// Reads it from the body and the two headers.
    pub fn read(
        body: TokenRequest,
        basic: Option<Credentials>,
        header: Option<SecretText>,
        source: Source,
    ) -> Result<Self, Problem> {
        let mut faults = Vec::new();
        let key = one_way(body.secret_key, "/secret_key", header, SECRET_KEY_HEADER, &mut faults);
        let sent = Sent {
            secret_key: key.map(|found| (found.place, found.value)),
            otp: body.otp,
            next_otp: body.next_otp,
            authenticator: body.authenticator,
            recovery_code: body.recovery_code,
        };
        sent.check(&mut faults);
        let (basic_name, basic_password) =
            basic.map_or((None, None), |found| (Some(found.username), Some(found.password)));
        let name = one_way(
            body.username.map(|text| text.0),
            "/username",
            basic_name,
            AUTHORIZATION,
            &mut faults,
        );
        let password = one_way(body.password, "/password", basic_password, AUTHORIZATION, &mut faults);
        match &body.auth_session {
            Some(_) => {
                for place in [
                    name.as_ref().map(|name| name.place),
                    password.as_ref().map(|found| found.place),
                ] {
                    faults.extend(place.map(|place| Fault::new(place, "must not be sent together with auth_session")));
                }
                if sent.is_empty() {
                    faults.push(Fault::new("/otp", Sent::MISSING));
                }
            }
            None => {
                for (missing, place) in [(name.is_none(), "/username"), (password.is_none(), "/password")] {
                    faults.extend(missing.then(|| Fault::new(place, "is missing")));
                }
            }
        }
        if !faults.is_empty() {
            faults.dedup();
            return Err(Problem::faults(Code::InvalidRequest, faults));
        }
        let terms = terms(body.scope.as_ref().map(|scope| scope.0.as_str()), body.usage, source)?;
        let second = sent.read()?;
        match (body.auth_session, second, name, password) {
            (Some(auth_session), Some(second), _, _) => Ok(Self::Continued(ContinuedLogin {
                auth_session: handle(&auth_session)?,
                second,
                terms,
            })),
            (None, second, Some(name), Some(password)) => Ok(Self::Password(PasswordLogin {
                name: LoginName::Username(username(name.place, &name.value)?),
                password: password_of(&password)?,
                second,
                terms,
            })),
            // Whatever is missing was found above.
            (Some(_), None, _, _) | (None, _, None, _) | (None, _, _, None) => Err(Problem::new(Code::InvalidRequest)),
        }
    }
}

const AUTHORIZATION: &str = "header:Authorization";

fn one_way<T>(
    body: Option<T>,
    in_body: &'static str,
    header: Option<T>,
    in_header: &'static str,
    faults: &mut Vec<Fault>,
) -> Option<Found<T>> {
    match (body, header) {
        (Some(value), None) => Some(Found { place: in_body, value }),
        (None, Some(value)) => Some(Found {
            place: in_header,
            value,
        }),
        (None, None) => None,
        (Some(value), Some(_)) => {
            faults.push(Fault::new(in_body, format!("is sent twice: here and in {in_header}")));
            Some(Found { place: in_body, value })
        }
    }
}

pub(crate) fn terms(scope: Option<&str>, usage: Option<TokenUse>, source: Source) -> Result<LoginTerms, Problem> {
    let scopes = scope
        .map(Scopes::parse_own)
        .transpose()
        .map_err(|unknown| Problem::fault(Code::InvalidScope, "/scope", unknown.to_string()))?;
    Ok(LoginTerms {
        scopes,
        usage: match usage {
            Some(TokenUse::Once) => Use::Once,
            None => Use::Many,
        },
        form: TokenForm::AccessToken,
        client: None,
        otp: None,
        origin: source.origin,
        network: source.network,
    })
}

fn handle(text: &SecretText) -> Result<AuthSessionHandle, Problem> {
    AuthSessionHandle::parse(&text.0)
        .map_err(|malformed| Problem::fault(Code::InvalidRequest, "/auth_session", malformed.to_string()))
}

fn password_of(found: &Found<SecretText>) -> Result<Password, Problem> {
    present_password(found.place, &found.value)
}

/// A present password that was sent at `place`. It is right or wrong whatever the rules for new ones; only its length is
/// bounded.
pub(crate) fn present_password(place: &'static str, text: &SecretText) -> Result<Password, Problem> {
    Password::new(&text.0).ok_or_else(|| {
        let detail = format!("must have at most {PASSWORD_MAX} characters");
        Problem::fault(Code::InvalidRequest, place, detail)
    })
}
