//! Tokens of the profile in `Authorization: Bearer`. Access tokens of the service itself are none of them, and the reverse.

use application::actor::Actor;
use application::tokens::Caller;
use domain::factor::Assurance;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::refusal::{Challenge, Refusal};
use crate::bearer::token_of;
use crate::context::Context;
use crate::problem::{Code, Problem};

const SCHEME: &str = "orion";

/// What a caller is told whose token proves too little.
pub(super) const PROVE_AGAIN: &str = "Log in again with your password and a 2FA code";

/// A call with a token of the profile.
pub(crate) struct Bearer(pub Caller);

/// A call with an administrator's token of the profile.
pub(crate) struct Administrator(pub Actor);

async fn caller_of(request: &Request) -> Result<Caller, Refusal> {
    let token = token_of(request.headers()).map_err(in_their_words)?;
    let context = Context::of(request).map_err(|_| Problem::new(Code::InternalError))?;
    believe(context, token).await
}

/// Decides whether to believe a token.
pub(super) async fn believe(context: &Context, token: &str) -> Result<Caller, Refusal> {
    let caller = context.app.orion_tokens.authenticate(token).await;
    caller.map_err(|error| in_their_words(error.into()))
}

/// The administrator behind a call; anybody else is told `otherwise`. Where a code alone logs in, it makes no administrator:
/// that takes two factors everywhere. Its session has no such rights either; who may be one is told here how to get them.
pub(super) fn administrator(caller: &Caller, otherwise: &str) -> Result<Actor, Refusal> {
    if caller.proved.assurance() < Assurance::PasswordAndKey {
        return Err(Refusal::unauthorized(Challenge::FreshProof, PROVE_AGAIN));
    }
    Actor::admin(caller).ok_or_else(|| Refusal::forbidden(otherwise).for_want_of_scope())
}

fn in_their_words(problem: Problem) -> Refusal {
    match problem.code() {
        Code::TokenRequired => Refusal::unauthorized(Challenge::Login, "A token is required"),
        Code::InvalidToken => Refusal::unauthorized(Challenge::InvalidToken, "The token is not accepted"),
        _ => problem.into(),
    }
}

fn register(registry: &mut Registry) {
    let scheme = MetaSecurityScheme {
        ty: "http",
        description: Some("The token that a login of the Orion profile answers. Paste it without the word Bearer."),
        name: None,
        key_in: None,
        scheme: Some("bearer"),
        bearer_format: Some("JWT"),
        flows: None,
        openid_connect_url: None,
    };
    registry.create_security_scheme(SCHEME, scheme);
}

macro_rules! extractors {
    ($($name:ident: $request:ident => $read:expr;)*) => {$(
        impl<'a> ApiExtractor<'a> for $name {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut Registry) {
                register(registry);
            }

            fn security_schemes() -> Vec<&'static str> {
                vec![SCHEME]
            }

            async fn from_request(
                $request: &'a Request,
                _: &mut RequestBody,
                _: ExtractParamOptions<()>,
            ) -> poem::Result<Self> {
                $read
            }
        }
    )*};
}

extractors! {
    Bearer: request => Ok(Self(caller_of(request).await?));
    Administrator: request => {
        let caller = caller_of(request).await?;
        Ok(Self(administrator(&caller, "Only administrators can do this")?))
    };
}
