//! Tokens of the profile in `Authorization: Bearer`. Access tokens of the service itself are none of them, and the reverse.

use application::actor::Actor;
use application::tokens::Caller;
use domain::factor::Assurance;
use poem::Request;

use super::refusal::{Challenge, Refusal};
use crate::bearer::{bearer_extractors, token_of};
use crate::context::Context;
use crate::problem::{Code, Problem};

const SCHEME: &str = "orion";
const DESCRIPTION: &str = "The token that a login of the Orion profile answers. Paste it without the word Bearer.";

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

bearer_extractors! {
    SCHEME, DESCRIPTION;
    Bearer, fallback: false, request => Ok(Self(caller_of(request).await?));
    Administrator, fallback: false, request => {
        let caller = caller_of(request).await?;
        Ok(Self(administrator(&caller, "Only administrators can do this")?))
    };
}
