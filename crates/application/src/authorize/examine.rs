//! Judging the parameters of a request.

use std::sync::Arc;
use std::time::Duration;

use domain::authorization::{ClientRequest, CodeChallenge, NONCE_MAX};
use domain::client::{Client, GrantType, Pkce};
use domain::redirect_uri::RedirectUri;
use domain::scope::{Scope, Scopes};
use domain::secret::Digest;

use super::answer::{ResponseMode, ReturnTo};
use super::claims::{self, Asked};
use super::fault::{AuthorizationError, Fault, Invalid, PageFault};
use super::parameters::Parameters;
use super::prompt::Prompt;
use super::request::Request;

/// The longest `state`, in bytes.
const STATE_MAX: usize = 2_048;
/// The longest hint and other text that is only shown or passed on, in bytes.
const TEXT_MAX: usize = 256;
/// The longest list of `acr` values that is heeded.
const ACR_VALUES_MAX: usize = 16;

/// Parameters of which each may be there once. `resource` may be repeated (RFC 8707 section 2).
const KNOWN: [&str; 20] = [
    "client_id",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "acr_values",
    "claims",
    "login_hint",
    "id_token_hint",
    "ui_locales",
    "display",
    "response_mode",
    "request",
    "request_uri",
    "claims_locales",
];

/// How the parameters came.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// Through the browser.
    Query,
    /// From the client itself, under this digest.
    Pushed(Digest),
}

/// Finds a request good, or says why not, and to whom. Whatever can be judged without the store and the ring is judged here.
pub(crate) fn examine(
    client: &Arc<Client>,
    parameters: &Parameters,
    way: Way,
    issuer: &str,
) -> Result<Request, Invalid> {
    let redirect_uri = redirect_uri(client, parameters).ok_or(Invalid::Page(PageFault::RedirectUri))?;
    let mut to = ReturnTo {
        redirect_uri,
        mode: ResponseMode::Query,
        state: parameters.once("state").map(str::to_owned),
        issuer: issuer.to_owned(),
    };
    match response_mode(parameters, &to.redirect_uri) {
        Ok(mode) => to.mode = mode,
        Err(fault) => return Err(Invalid::Answer(to.fault(fault))),
    }
    match demands(Arc::clone(client), parameters, way, to.clone()) {
        Ok(request) => Ok(request),
        Err(fault) => Err(Invalid::Answer(to.fault(fault))),
    }
}

/// Finds a request good that its client pushes, or says what is wrong with it: there is nobody in between who must not be told
/// (RFC 9126 section 2.3).
pub(crate) fn examine_pushed(
    client: &Arc<Client>,
    parameters: &Parameters,
    digest: Digest,
    issuer: &str,
) -> Result<(), Fault> {
    let redirect_uri = redirect_uri(client, parameters).ok_or(Fault::invalid(
        "redirect_uri is missing, or none that the client has registered",
    ))?;
    let to = ReturnTo {
        mode: response_mode(parameters, &redirect_uri)?,
        redirect_uri,
        state: parameters.once("state").map(str::to_owned),
        issuer: issuer.to_owned(),
    };
    demands(Arc::clone(client), parameters, Way::Pushed(digest), to).map(drop)
}

/// The address for the answer: one that is registered. It may be left out if there is only one, and if nobody is logged in with
/// it (OpenID Connect Core section 3.1.2.1 demands it).
fn redirect_uri(client: &Client, parameters: &Parameters) -> Option<String> {
    let is_openid = parameters
        .all("scope")
        .any(|scope| scope.split(' ').any(|name| name == Scope::OpenId.name()));
    match (parameters.once("redirect_uri"), client.redirect_uris.as_slice()) {
        (Some(asked), registered) => registered
            .iter()
            .any(|known| known.admits(asked))
            .then(|| asked.to_owned()),
        (None, [only]) if !is_openid && !parameters.is_repeated("redirect_uri") => {
            Some(RedirectUri::as_str(only).to_owned())
        }
        (None, _) => None,
    }
}

fn response_mode(parameters: &Parameters, redirect_uri: &str) -> Result<ResponseMode, Fault> {
    let is_web = redirect_uri.starts_with("https:") || redirect_uri.starts_with("http:");
    match (parameters.once("response_mode"), is_web) {
        (None | Some("query"), _) => Ok(ResponseMode::Query),
        (Some("form_post"), true) => Ok(ResponseMode::FormPost),
        (Some("form_post"), false) => Err(Fault::invalid("response_mode form_post needs a web address")),
        // A fragment is for answers with tokens in them, and they are not given.
        (Some(_), _) => Err(Fault::invalid("response_mode must be query or form_post")),
    }
}

fn demands(client: Arc<Client>, parameters: &Parameters, way: Way, to: ReturnTo) -> Result<Request, Fault> {
    if KNOWN.iter().any(|name| parameters.is_repeated(name)) {
        return Err(Fault::invalid("a parameter is there more than once"));
    }
    check_form(&client, parameters, way)?;
    if to.state.as_ref().is_some_and(|state| state.len() > STATE_MAX) {
        return Err(Fault::invalid("state is too long"));
    }
    let nonce = parameters.once("nonce");
    if nonce.is_some_and(|nonce| nonce.len() > NONCE_MAX) {
        return Err(Fault::invalid("nonce is too long"));
    }
    let mut asked = parameters.once("claims").map_or(Ok(Asked::default()), claims::parse)?;
    asked.keep_within(&client.scopes);
    let by_name: Vec<Scope> = asked.scopes().collect();
    let max_age = max_age(parameters)?;
    let mut welcome_acr = asked.welcome_acr;
    let acr_values = parameters.once("acr_values").unwrap_or_default();
    welcome_acr.extend(
        acr_values
            .split(' ')
            .filter(|value| !value.is_empty())
            .take(ACR_VALUES_MAX)
            .map(str::to_owned),
    );
    let short = |name: &str| {
        let text = parameters.once(name).filter(|text| text.len() <= TEXT_MAX);
        text.map(str::to_owned)
    };
    Ok(Request {
        asked: ClientRequest {
            client: client.id.clone(),
            // What is told by name is allowed by the scope that it is part of.
            scopes: scopes(&client, parameters)?.iter().cloned().chain(by_name).collect(),
            audience: audience(&client, parameters)?,
            challenge: challenge(&client, parameters)?,
            nonce: nonce.map(str::to_owned),
            claims: asked.names,
            max_age,
        },
        sent_redirect_uri: parameters.once("redirect_uri").map(str::to_owned),
        prompt: Prompt::parse(parameters.once("prompt").unwrap_or_default())?,
        max_age,
        welcome_acr,
        essential_acr: asked.essential_acr,
        subject: asked.subject,
        login_hint: short("login_hint"),
        ui_locales: short("ui_locales"),
        hint: parameters.once("id_token_hint").map(str::to_owned),
        pushed: match way {
            Way::Query => None,
            Way::Pushed(digest) => Some(digest),
        },
        client,
        to,
    })
}

/// What kind of request it is, and whether the client may make it.
fn check_form(client: &Client, parameters: &Parameters, way: Way) -> Result<(), Fault> {
    if parameters.once("request").is_some() {
        return Err(Fault::new(
            AuthorizationError::RequestNotSupported,
            "request objects are not supported",
        ));
    }
    if parameters.once("request_uri").is_some() {
        return Err(Fault::new(
            AuthorizationError::RequestUriNotSupported,
            "request_uri must be the answer to a pushed authorization request",
        ));
    }
    if !client.may(GrantType::AuthorizationCode) {
        return Err(Fault::new(
            AuthorizationError::UnauthorizedClient,
            "this client may not use authorization codes",
        ));
    }
    if client.requires_pushed_requests && matches!(way, Way::Query) {
        return Err(Fault::invalid("this client must push its requests"));
    }
    match parameters.once("response_type") {
        Some("code") => Ok(()),
        Some(_) => Err(Fault::new(
            AuthorizationError::UnsupportedResponseType,
            "response_type must be code",
        )),
        None => Err(Fault::invalid("response_type is missing")),
    }
}

/// Those of the scopes that the client may ask for; others are ignored (OpenID Connect Core section 3.1.2.1) unless nothing is
/// left. Without the parameter: what the client may have, but for what must be asked for by name.
fn scopes(client: &Client, parameters: &Parameters) -> Result<Scopes, Fault> {
    let fault = |detail| Fault::new(AuthorizationError::InvalidScope, detail);
    let asked = match parameters.once("scope") {
        None => client.default_scopes(),
        Some(text) => Scopes::parse(text).map_err(|_| fault("scope is no list of scopes"))?,
    };
    let mut scopes = asked.within(&client.scopes);
    if !client.may(GrantType::RefreshToken) {
        // There would be nothing to act with (OpenID Connect Core section 11).
        scopes = scopes.without(&Scope::OfflineAccess);
    }
    if scopes.is_empty() {
        return Err(fault("this client may have none of these scopes"));
    }
    Ok(scopes)
}

fn audience(client: &Client, parameters: &Parameters) -> Result<Vec<String>, Fault> {
    let mut audience: Vec<String> = Vec::new();
    for resource in parameters.all("resource") {
        if !client.audiences.iter().any(|known| known == resource) {
            return Err(Fault::new(
                AuthorizationError::InvalidTarget,
                "resource is none that tokens of this client may be for",
            ));
        }
        if !audience.iter().any(|known| known == resource) {
            audience.push(resource.to_owned());
        }
    }
    Ok(audience)
}

/// The proof key. There is no falling back to `plain`, which is also the default of RFC 7636 section 4.3.
fn challenge(client: &Client, parameters: &Parameters) -> Result<Option<CodeChallenge>, Fault> {
    match (
        parameters.once("code_challenge"),
        parameters.once("code_challenge_method"),
    ) {
        (Some(challenge), Some("S256")) => CodeChallenge::parse(challenge)
            .map(Some)
            .ok_or(Fault::invalid("code_challenge must be a SHA-256 in base64url")),
        (Some(_), _) => Err(Fault::invalid("code_challenge_method must be S256")),
        (None, Some(_)) => Err(Fault::invalid("code_challenge is missing")),
        (None, None) if client.pkce == Pkce::Required || client.is_public() => Err(Fault::invalid(
            "code_challenge is missing, and this client must use PKCE",
        )),
        (None, None) => Ok(None),
    }
}

fn max_age(parameters: &Parameters) -> Result<Option<Duration>, Fault> {
    let read = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // More seconds than fit are as good as no limit at all.
        is_number.then(|| Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))))
    };
    match parameters.once("max_age") {
        None => Ok(None),
        Some(text) => read(text)
            .map(Some)
            .ok_or(Fault::invalid("max_age must be a number of seconds")),
    }
}
