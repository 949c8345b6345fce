//! A relying party on the crate `openidconnect`. It speaks lines of JSON with whoever started it.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClientAuthMethod,
    CoreErrorResponseType, CoreGenderClaim, CoreGrantType, CoreIdToken, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode,
    CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse, CoreSubjectIdentifierType,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AdditionalProviderMetadata, AuthorizationCode, Client, ClientId, ClientSecret,
    CsrfToken, EmptyExtraTokenFields, EndSessionUrl, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IdTokenFields, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PostLogoutRedirectUrl, ProviderMetadata, RedirectUrl, RequestTokenError, Scope, StandardErrorResponse,
    StandardTokenResponse, TokenResponse as _, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What the service adds to the standard's claims.
#[derive(Debug, Serialize, Deserialize)]
struct Additional {
    sid: Option<String>,
    username: Option<String>,
}

impl AdditionalClaims for Additional {}

/// What the crate does not read from the metadata by itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Endpoints {
    end_session_endpoint: EndSessionUrl,
}

impl AdditionalProviderMetadata for Endpoints {}

type Metadata = ProviderMetadata<
    Endpoints,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Additional,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type Party = Client<
    Additional,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

fn main() {
    if let Err(error) = run() {
        let mut causes = vec![error.to_string()];
        let mut cause = error.source();
        while let Some(error) = cause {
            causes.push(error.to_string());
            cause = error.source();
        }
        say(&json!({"event": "failed", "message": causes}));
        std::process::exit(1);
    }
}

fn run() -> Outcome<()> {
    let here = Loopback::listen()?;
    let (callback, goodbye) = (here.url("/callback"), here.url("/goodbye"));
    say(&json!({"event": "listening", "redirect_uri": callback, "post_logout_redirect_uri": goodbye}));
    let told = hear()?;
    let text = |name: &str| told[name].as_str().map(str::to_owned).ok_or(format!("no {name}"));

    let metadata = Metadata::discover(&IssuerUrl::new(text("issuer")?)?, &send)?;
    let endpoints = metadata.additional_metadata().clone();
    let (id, secret) = (
        ClientId::new(text("client_id")?),
        ClientSecret::new(text("client_secret")?),
    );
    let client =
        Party::from_provider_metadata(metadata, id, Some(secret)).set_redirect_uri(RedirectUrl::new(callback)?);

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let mut request = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .set_pkce_challenge(challenge)
        .set_max_age(std::time::Duration::from_secs(3600));
    // The crate adds `openid` itself.
    for scope in text("scope")?.split(' ').filter(|scope| *scope != "openid") {
        request = request.add_scope(Scope::new(scope.to_owned()));
    }
    let (url, state, nonce) = request.url();
    say(&json!({"event": "authorize", "url": url}));

    let answer = here.visit("/callback")?;
    if parameter(&answer, "state")? != *state.secret() {
        return Err("another state came back".into());
    }
    let code = AuthorizationCode::new(parameter(&answer, "code")?);
    let tokens = client.exchange_code(code)?.set_pkce_verifier(verifier).request(&send)?;
    let id_token = tokens.id_token().ok_or("no ID token")?;
    let believed = client.id_token_verifier();
    let claims = id_token.claims(&believed, &nonce)?;
    claims.auth_time().ok_or("no auth_time, which max_age demands")?;
    if let Some(expected) = claims.access_token_hash() {
        let (algorithm, key) = (id_token.signing_alg()?, id_token.signing_key(&believed)?);
        if AccessTokenHash::from_token(tokens.access_token(), algorithm, key)? != *expected {
            return Err("at_hash is of another access token".into());
        }
    }
    let userinfo: UserInfoClaims<Additional, CoreGenderClaim> = client
        .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))?
        .request(&send)?;

    let refresh = tokens.refresh_token().ok_or("no refresh token")?;
    let refreshed = client.exchange_refresh_token(refresh)?.request(&send)?;
    let no_nonce = |_: Option<&Nonce>| Ok(());
    let again = match refreshed.id_token() {
        Some(token) => Some(token.claims(&believed, no_nonce)?),
        None => None,
    };
    // Revoking is not tried: the crate insists on HTTPS for it. What was used must be useless all the same.
    let afterwards = refusal(client.exchange_refresh_token(refresh)?.request(&send))?;
    let scopes = tokens.scopes().map(|scopes| {
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        scopes.join(" ")
    });
    say(&json!({
        "event": "result",
        "claims": claims,
        "userinfo": userinfo,
        "scope": scopes,
        "expires_in": tokens.expires_in().map(|life| life.as_secs()),
        "access_token": tokens.access_token().secret(),
        "refreshed": {"access_token": refreshed.access_token().secret(), "claims": again},
        "afterwards": afterwards,
    }));

    // The hint of a logout is of the crate's own kind of ID token.
    let hint: CoreIdToken = id_token.to_string().parse()?;
    let bye = LogoutRequest::from(endpoints.end_session_endpoint)
        .set_id_token_hint(&hint)
        .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(goodbye)?)
        .set_state(state.clone());
    say(&json!({"event": "logout", "url": bye.http_get_url()}));
    let back = here.visit("/goodbye")?;
    say(&json!({"event": "logged_out", "state_returned": parameter(&back, "state")? == *state.secret()}));
    Ok(())
}

/// The error code of a token request that must be refused.
fn refusal<E: Error + 'static>(
    answer: Result<Tokens, RequestTokenError<E, StandardErrorResponse<CoreErrorResponseType>>>,
) -> Outcome<String> {
    match answer {
        Err(RequestTokenError::ServerResponse(refusal)) => Ok(refusal.error().as_ref().to_owned()),
        Err(other) => Err(other.into()),
        Ok(_) => Err("a used refresh token was not refused".into()),
    }
}

/// Sends a request of the crate, without following redirects.
fn send(request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .into();
    let (parts, mut body) = agent.run(request)?.into_parts();
    Ok(HttpResponse::from_parts(parts, body.read_to_vec()?))
}

fn parameter(address: &Url, name: &str) -> Outcome<String> {
    let mut pairs = address.query_pairs();
    let found = pairs.find(|(key, _)| key == name);
    Ok(found.ok_or(format!("no {name} in {address}"))?.1.into_owned())
}

fn say(line: &Value) {
    println!("{line}");
}

fn hear() -> Outcome<Value> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

/// A server on a free port, which takes one visit after the other.
struct Loopback {
    listener: TcpListener,
    base: Url,
}

impl Loopback {
    fn listen() -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let base = Url::parse(&format!("http://{}", listener.local_addr()?))?;
        Ok(Self { listener, base })
    }

    fn url(&self, path: &str) -> String {
        self.base.join(path).map(String::from).unwrap_or_default()
    }

    /// The whole address at which the browser came to this path.
    fn visit(&self, path: &str) -> Outcome<Url> {
        loop {
            let (stream, _) = self.listener.accept()?;
            // Browsers open connections that they may never use.
            stream.set_read_timeout(Some(std::time::Duration::from_secs(5)))?;
            let Some(address) = answer(stream) else { continue };
            let address = self.base.join(&address)?;
            if address.path() == path {
                return Ok(address);
            }
        }
    }
}

fn answer(mut stream: TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let first = lines.next()?.ok()?;
    for line in lines {
        if line.ok()?.is_empty() {
            break;
        }
    }
    let target = first.split(' ').nth(1)?.to_owned();
    let path = target.split('?').next()?.trim_start_matches('/').to_owned();
    let page = format!("<!doctype html><title>Relying party</title><link rel=icon href=data:,><p id=here>{path}</p>");
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        page.len()
    );
    stream.write_all(format!("{head}{page}").as_bytes()).ok()?;
    Some(target)
}
