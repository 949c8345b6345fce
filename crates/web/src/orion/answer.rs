//! What the profile answers when all is well: the user, the envelope of a login, a token as text, a picture.

use application::accounts::queries::UserView;
use application::tokens::{Caller, IssuedTokens};
use domain::authenticator::Authenticator;
use domain::user::User;
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::{ApiResponse, Object};

use super::bearer::believe;
use super::refusal::{Challenge, Refusal};
use crate::context::Context;
use crate::json::{EmailText, Id, SecretText};
use crate::problem::{Code, Problem};

/// An account, with the names of that service.
#[derive(Object)]
#[oai(rename = "OrionUser", rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "that service tells it so")]
pub(crate) struct OrionUser {
    /// Its identity; the `c_hash` of its tokens.
    hash: Id,
    /// What to call it on screens.
    name: String,
    /// Its address.
    email: Option<EmailText>,
    /// Whether its address was verified. Addresses are not verified here.
    email_valid: bool,
    /// Whether it has an authenticator.
    #[oai(rename = "using2FA")]
    using_2fa: bool,
    /// Always null: a secret is shown once, as a QR code.
    #[oai(rename = "secret2FA")]
    secret_2fa: Option<SecretText>,
    /// Always true: two factors are the rule here.
    #[oai(rename = "require2FAForBasicLogin")]
    basic: bool,
    /// Always true, and without a meaning: there is no such login.
    #[oai(rename = "require2FAForSocialLogin")]
    social: bool,
}

/// Whether an account has an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Using2Fa {
    Yes,
    No,
}

impl OrionUser {
    pub fn new(user: &User, using: Using2Fa) -> Self {
        let name = user.display_name.as_deref().unwrap_or(user.username.as_str());
        Self {
            hash: Id::from(&user.id),
            name: name.to_owned(),
            email: user.email.as_ref().map(|email| EmailText(email.as_str().to_owned())),
            email_valid: false,
            using_2fa: using == Using2Fa::Yes,
            secret_2fa: None,
            basic: true,
            social: true,
        }
    }
}

impl From<&UserView> for OrionUser {
    fn from(view: &UserView) -> Self {
        let is_using = view.authenticators.iter().any(Authenticator::is_active);
        Self::new(&view.user, if is_using { Using2Fa::Yes } else { Using2Fa::No })
    }
}

/// Who logged in, and the token.
#[derive(Object)]
pub(crate) struct OrionAuthentication {
    /// The account.
    user: OrionUser,
    /// The token: a JWT.
    token: SecretText,
}

/// What a login came to.
#[derive(Object)]
#[oai(rename = "OrionEnvelope")]
pub(crate) struct Envelope {
    /// Who logged in, and the token; null if something is missing yet.
    authentication: Option<OrionAuthentication>,
    /// Whether something is missing yet.
    #[oai(rename = "requires2FA")]
    requires_2fa: bool,
    /// What to do; null if there is nothing.
    message: Option<String>,
}

impl Envelope {
    /// Nothing is missing.
    pub async fn of(context: &Context, issued: IssuedTokens) -> Result<Self, Refusal> {
        let caller = believe(context, &issued.access_token).await?;
        let user = own(context, &caller).await?;
        let message = issued.user.password_is_weak.then(|| "Change your password".to_owned());
        Ok(Self {
            authentication: Some(OrionAuthentication {
                user: OrionUser::from(&user),
                token: SecretText(issued.access_token),
            }),
            requires_2fa: false,
            message,
        })
    }

    /// Something is missing.
    pub fn awaiting(message: &str) -> Self {
        Self {
            authentication: None,
            requires_2fa: true,
            message: Some(message.to_owned()),
        }
    }

    /// It is done, and there is no token for the caller.
    pub fn done(message: &str) -> Self {
        Self {
            authentication: None,
            requires_2fa: false,
            message: Some(message.to_owned()),
        }
    }
}

/// The caller's own account.
pub(super) async fn own(context: &Context, caller: &Caller) -> Result<UserView, Refusal> {
    let found = context.app.queries.me(caller).await?;
    // Deleted since the token was believed, a moment ago.
    found.ok_or_else(|| Refusal::unauthorized(Challenge::InvalidToken, "The token is not accepted"))
}

/// A token, and nothing around it.
pub(crate) struct TokenText(pub String);

/// A picture.
pub(crate) struct Picture(pub Vec<u8>);

fn answer(content_type: &'static str, schema: MetaSchema) -> MetaResponses {
    MetaResponses {
        responses: vec![MetaResponse {
            description: "The answer.",
            status: Some(200),
            status_range: None,
            content: vec![MetaMediaType {
                content_type,
                schema: MetaSchemaRef::Inline(Box::new(schema)),
            }],
            headers: Vec::new(),
        }],
    }
}

const TEXT: &str = "text/plain";
const PNG: &str = "image/png";

impl IntoResponse for TokenText {
    fn into_response(self) -> Response {
        Response::builder().content_type(TEXT).body(self.0)
    }
}

impl ApiResponse for TokenText {
    fn meta() -> MetaResponses {
        answer(TEXT, MetaSchema::new("string"))
    }

    fn register(_: &mut Registry) {}
}

impl IntoResponse for Picture {
    fn into_response(self) -> Response {
        Response::builder().content_type(PNG).body(self.0)
    }
}

impl ApiResponse for Picture {
    fn meta() -> MetaResponses {
        answer(PNG, MetaSchema::new_with_format("string", "binary"))
    }

    fn register(_: &mut Registry) {}
}

/// What was asked for cannot be drawn.
pub(super) fn cannot_draw() -> Refusal {
    Problem::new(Code::InternalError)
        .because("a QR code could not be drawn")
        .into()
}
