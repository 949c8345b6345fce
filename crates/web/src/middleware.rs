//! The edge: what happens to every request before and after its operation, in one place and one order.

pub(crate) mod access_log;
pub(crate) mod body_limit;
pub(crate) mod client_address;
pub(crate) mod cors;
pub(crate) mod host;
pub(crate) mod metrics;
pub(crate) mod rate_limit;
pub(crate) mod request_id;
pub(crate) mod security_headers;

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use application::App;
use futures_util::FutureExt;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body as _, Bytes};
use poem::http::header::{ACCESS_CONTROL_REQUEST_METHOD, ALLOW, CONTENT_LENGTH, TRANSFER_ENCODING};
use poem::http::{HeaderValue, Method, StatusCode};
use poem::{Body, Endpoint, IntoResponse, Request, Response};
use tokio::time::{Instant, timeout_at};

use self::body_limit::Bodies;
use self::client_address::{Addresses, Client};
use self::cors::Cors;
use self::metrics::Meter;
use self::rate_limit::{Admission, Left, RateLimits};
use self::request_id::{REQUEST_ID, RequestIds};
use self::security_headers::Transport;
use crate::Options;
use crate::api::resource;
use crate::context::Context;
use crate::docs;
use crate::document::Edition;
use crate::oauth;
use crate::pages::{Look, paths};
use crate::problem::{Cause, Code, Problem, translate};
use crate::routes::{Route, Routes};

/// The label of requests that no route of ours matches.
const UNMATCHED: &str = "unmatched";

/// Stands in front of the operations.
pub(crate) struct Edge<E> {
    inner: E,
    app: Arc<App>,
    routes: &'static Routes,
    edition: Edition,
    addresses: Addresses,
    request_ids: RequestIds,
    rate_limits: Option<RateLimits>,
    meters: Vec<Meter>,
    unmatched: Meter,
    cors: Cors,
    transport: Transport,
    bodies: Bodies,
    timeout: Duration,
    jwks_max_age: Duration,
    look: Arc<Look>,
}

impl<E: Endpoint<Output = Response>> Edge<E> {
    /// Puts the edge in front of `inner`.
    pub fn new(inner: E, app: Arc<App>, routes: &'static Routes, options: Options) -> Self {
        metrics::describe();
        let look = Arc::new(Look::of(&options));
        Self {
            look,
            inner,
            routes,
            edition: Edition::of(&app),
            request_ids: RequestIds::new(app.core.random_id()),
            app,
            addresses: Addresses::new(options.trusted_proxies, options.forwarded_header),
            rate_limits: options.rate_limit.map(RateLimits::new),
            meters: routes.patterns().into_iter().map(Meter::new).collect(),
            unmatched: Meter::new(UNMATCHED),
            cors: Cors::new(&options.cors_origins),
            transport: Transport::of(&options.public_url),
            bodies: Bodies::new(options.body_limit),
            timeout: options.request_timeout,
            jwks_max_age: options.jwks_max_age,
        }
    }

    /// The address that this path is, if this service has it.
    fn find(&self, path: &str) -> Option<&'static Route> {
        let is_offered = |route: &&Route| self.edition.has(route.pattern);
        self.routes.find(path).filter(is_offered)
    }

    async fn answer(&self, request: Request, route: Option<&Route>, is_admitted: bool, context: Context) -> Response {
        if let Err(problem) = host::check(&request) {
            return problem.into_response();
        }
        let Some(route) = route else {
            return Problem::new(Code::NotFound).into_response();
        };
        let method = request.method().clone();
        if !route.knows(&method) {
            return Problem::new(Code::MethodNotAllowed)
                .header(ALLOW, route.allow.clone())
                .into_response();
        }
        if method == Method::OPTIONS {
            return Self::options(&request, route, is_admitted);
        }
        let left = match self.count(&method, route, context.client) {
            None => None,
            Some(Admission::Admitted(left)) => Some(left),
            Some(Admission::Refused(left)) => {
                let refusal = if route.is_page() {
                    paths::too_many(&request, &context, left.seconds())
                } else {
                    left.problem().into_response()
                };
                return self.with_left(Some(left), refusal);
            }
        };
        let response = match docs::page(route.pattern, self.edition) {
            Some(page) => page,
            None => self.operate(request, route, context).await,
        };
        let response = if method == Method::HEAD {
            without_body(response)
        } else {
            response
        };
        self.with_left(left, response)
    }

    fn count(&self, method: &Method, route: &Route, client: Client) -> Option<Admission> {
        let limits = self.rate_limits.as_ref()?;
        route.takes_credentials(method).then(|| limits.admit(client.network()))
    }

    fn with_left(&self, left: Option<Left>, mut response: Response) -> Response {
        if let (Some(limits), Some(left)) = (&self.rate_limits, left) {
            limits.describe(left, &mut response);
        }
        response
    }

    /// What an address knows; for a preflight of an admitted origin, what its scripts may do there.
    fn options(request: &Request, route: &Route, is_admitted: bool) -> Response {
        let mut response = Response::builder().status(StatusCode::NO_CONTENT).finish();
        response.headers_mut().insert(ALLOW, route.allow.clone());
        let is_preflight = request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if is_preflight && is_admitted {
            cors::describe_preflight(route.allow.clone(), &mut response);
        }
        response
    }

    /// Answers a good call of the resource, which needs nothing of the framework. Everything else goes the long way.
    async fn shortcut(&self, request: &Request, route: Option<&Route>) -> Option<Response> {
        let is_resource = route.is_some_and(Route::is_resource) && request.method() == Method::GET;
        if !is_resource || has_body(request) || host::check(request).is_err() {
            return None;
        }
        let work = resource::answer(request.headers(), &self.app);
        Some(in_time(|| Instant::now() + self.timeout, work).await)
    }

    /// Runs the operation: in time, with a body that is not too large, and whatever becomes of it.
    async fn operate(&self, mut request: Request, route: &Route, context: Context) -> Response {
        if request.method() == Method::HEAD {
            request.set_method(Method::GET);
        }
        request.extensions_mut().insert(context.clone());
        let deadline = Instant::now() + self.timeout;
        // Kept to the end: the operation holds the body, too.
        let _room = if has_body(&request) {
            match timeout_at(deadline, self.bodies.read(&mut request)).await {
                Ok(Ok(room)) => Some(room),
                Ok(Err(problem)) => return problem.into_response(),
                Err(_) => return Problem::new(Code::RequestTimeout).into_response(),
            }
        } else {
            None
        };
        if route.is_page() {
            let work = async { Ok(Box::pin(paths::answer(route.pattern, request, context)).await) };
            return in_time(|| deadline, work).await;
        }
        in_time(|| deadline, self.inner.call(request)).await
    }
}

/// Does the work until the deadline, and answers whatever becomes of it.
async fn in_time(
    deadline: impl FnOnce() -> Instant,
    work: impl Future<Output = poem::Result<Response>> + Send,
) -> Response {
    let mut work = pin!(AssertUnwindSafe(work).catch_unwind());
    // Most work waits for nothing, so no timer is made for it.
    let outcome = match poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await {
        Poll::Ready(outcome) => Ok(outcome),
        Poll::Pending => timeout_at(deadline(), work).await,
    };
    match outcome {
        Ok(Ok(Ok(response))) => response,
        Ok(Ok(Err(error))) => translate(error),
        // The panic hook has logged where; nothing of it is for the caller.
        Ok(Err(_)) => Problem::new(Code::InternalError).because("it panicked").into_response(),
        Err(_) => Problem::new(Code::Unavailable)
            .because("it took longer than a request may")
            .into_response(),
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Edge<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the duration of a request is measured at this edge and decides nothing"
        )]
        let now = std::time::Instant::now;
        let began = now();
        let peer = request.remote_addr().as_socket_addr().map(std::net::SocketAddr::ip);
        let (peer, client) = self.addresses.client(peer, request.headers());
        let request_id = self.request_ids.name(peer, request.headers());
        let method = request.method().clone();
        let route = self.find(request.uri().path());
        let admitted = self.cors.admitted(request.headers(), route, &self.app).await;
        let mut response = match self.shortcut(&request, route).await {
            Some(response) => response,
            None => {
                let context = Context {
                    app: Arc::clone(&self.app),
                    request_id: request_id.clone(),
                    client,
                    jwks_max_age: self.jwks_max_age,
                    look: Arc::clone(&self.look),
                };
                // Boxed, because every request would have to carry the room that it takes.
                Box::pin(self.answer(request, route, admitted.is_some(), context)).await
            }
        };
        if route.is_some_and(Route::is_oauth) {
            response = oauth::reshape(response);
        }
        self.cors.describe(admitted, route, &mut response);
        security_headers::add(&mut response, self.transport);

        let (label, status, duration) = (
            route.map_or(UNMATCHED, |route| route.pattern),
            response.status(),
            now().duration_since(began),
        );
        let meter = route.and_then(|route| self.meters.get(route.number));
        meter.unwrap_or(&self.unmatched).count(&method, status, duration);
        access_log::write(&access_log::Line {
            request_id: &request_id,
            method: &method,
            route: label,
            status,
            duration,
            cause: response.data::<Cause>(),
        });
        response.headers_mut().insert(REQUEST_ID, request_id);
        Ok(response)
    }
}

fn has_body(request: &Request) -> bool {
    // Over HTTP/2 neither header is needed; the framework knows the end of a body there.
    let announced = request.headers().contains_key(CONTENT_LENGTH) || request.headers().contains_key(TRANSFER_ENCODING);
    announced || !matches!(*request.method(), Method::GET | Method::DELETE)
}

/// The answer to HEAD: what GET answers, with the length of its body and without the body (RFC 9110 section 9.3.2).
fn without_body(mut response: Response) -> Response {
    let body: BoxBody<Bytes, std::io::Error> = response.take_body().into();
    if let Some(length) = body.size_hint().exact() {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response.set_body(Body::empty());
    response
}
