//! What is known of a request besides what it says: which one it is and where it comes from.

use std::sync::Arc;
use std::time::Duration;

use application::App;
use domain::session::Origin;
use poem::error::GetDataError;
use poem::http::HeaderValue;
use poem::http::header::USER_AGENT;
use poem::{FromRequest, Request, RequestBody};

use crate::middleware::client_address::Client;
use crate::pages::Look;
use crate::problem::{Code, Problem};

/// Put into every request by the edge.
#[derive(Clone)]
pub(crate) struct Context {
    /// The use cases.
    pub app: Arc<App>,
    /// The request's name in logs.
    pub request_id: HeaderValue,
    /// Where it comes from.
    pub client: Client,
    /// How long others may cache the published keys.
    pub jwks_max_age: Duration,
    /// How pages look.
    pub look: Arc<Look>,
}

impl Context {
    /// The context of a request.
    pub fn of(request: &Request) -> poem::Result<&Self> {
        // Its absence is a defect of this crate, and the edge answers it as one.
        request
            .data::<Self>()
            .ok_or_else(|| GetDataError("the request's context").into())
    }
}

/// Does work to its end, also when its caller hangs up meanwhile: a guess that was charged is then on record, too.
pub(crate) async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Problem> {
    tokio::spawn(work)
        .await
        .map_err(|_| Problem::new(Code::InternalError).because("it panicked"))
}

/// Where a request comes from, for the audit log.
pub(crate) struct Source {
    /// As the audit log keeps it.
    pub origin: Origin,
    /// The network that guesses are charged to.
    pub network: String,
}

const USER_AGENT_MAX: usize = 256;

impl<'a> FromRequest<'a> for Source {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::of(request, Context::of(request)?))
    }
}

impl Source {
    /// Of a request.
    pub fn of(request: &Request, context: &Context) -> Self {
        let user_agent = request
            .headers()
            .get(USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .map(|text| text.chars().take(USER_AGENT_MAX).collect());
        Self {
            origin: Origin {
                address: context.client.address().map(|address| address.to_string()),
                user_agent,
                request_id: context.request_id.to_str().ok().map(str::to_owned),
            },
            network: context.client.network().to_string(),
        }
    }
}
