//! The HTTP client: one request, one answer, within bounds.

use std::error::Error;
use std::time::Duration;

use application::ports::{Outbound, OutboundAnswer, OutboundError, OutboundPost, OutboundRefusal};
use async_trait::async_trait;
use bytes::Bytes;
use domain::webhook::WebhookHeaders;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder, redirect, retry};
use url::Url;
use zeroize::Zeroizing;

use crate::resolver::{CheckedResolver, NotPublic};
use crate::{OpenError, Options, endpoint};

/// How much of an answer is read, in bytes. None of it is of use.
const ANSWER_MAX: usize = 64 * 1024;
/// Connections to one receiver that are kept for the next request.
const IDLE_CONNECTIONS: usize = 2;
/// How long they are.
const IDLE: Duration = Duration::from_secs(30);

/// Sends over HTTP/1.1, with TLS 1.2 or 1.3.
pub struct HttpOutbound {
    client: Client,
    options: Options,
}

impl HttpOutbound {
    /// Reads the authorities that are believed. A system that has none is no fault: nothing over `https` is believed then.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let authorities = authorities(&options)?;
        let builder = || {
            Client::builder()
                .user_agent("Countersign")
                .dns_resolver(CheckedResolver {
                    allow_private_networks: options.allow_private_networks,
                })
                .https_only(!options.allow_http)
                .http1_only()
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                .no_proxy()
                .referer(false)
                .pool_max_idle_per_host(IDLE_CONNECTIONS)
                .pool_idle_timeout(IDLE)
        };
        let without_system = |builder: ClientBuilder| builder.tls_certs_only([]).build();
        let client = match builder().tls_certs_merge(authorities.clone()).build() {
            Err(error) if authorities.is_empty() => {
                tracing::warn!(
                    error = causes(&error),
                    "this system has no certificate authorities: no receiver is believed over https"
                );
                without_system(builder())
            }
            built => built,
        };
        let client = client.map_err(OpenError::Client)?;
        Ok(Self { client, options })
    }

    async fn send(&self, url: Url, headers: HeaderMap, body: Zeroizing<Vec<u8>>) -> Result<u16, OutboundError> {
        // The body is wiped when the request is done with it.
        let request = self.client.post(url).headers(headers).body(Bytes::from_owner(body));
        let mut answer = request.send().await.map_err(failure)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(OutboundError::Status(status.as_u16()));
        }
        let mut length = 0_usize;
        while let Some(chunk) = answer.chunk().await.map_err(failure)? {
            length = length.saturating_add(chunk.len());
            if length > ANSWER_MAX {
                return Err(OutboundError::TooLarge);
            }
        }
        Ok(status.as_u16())
    }
}

#[async_trait]
impl Outbound for HttpOutbound {
    async fn post(&self, post: OutboundPost) -> Result<OutboundAnswer, OutboundError> {
        let url = endpoint::checked(&post.endpoint, &self.options).map_err(OutboundError::Refused)?;
        let headers =
            headers(&post.content_type, post.headers).ok_or(OutboundError::Refused(OutboundRefusal::Header))?;
        let sending = self.send(url, headers, post.body);
        let status = tokio::time::timeout(post.timeout, sending)
            .await
            .unwrap_or(Err(OutboundError::Timeout))?;
        Ok(OutboundAnswer { status })
    }
}

/// The certificates in the file, if there is one.
fn authorities(options: &Options) -> Result<Vec<Certificate>, OpenError> {
    let Some(path) = &options.ca_file else {
        return Ok(Vec::new());
    };
    let pem = std::fs::read(path).map_err(|cause| OpenError::Unreadable {
        path: path.clone(),
        cause,
    })?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(OpenError::NoCertificate(path.clone())),
    }
}

/// The headers of the request, those that were configured last. They were checked when they were configured, and are again.
fn headers(content_type: &str, configured: Vec<(String, String)>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).ok()?);
    for (name, value) in WebhookHeaders::parse(configured).ok()?.iter() {
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_bytes(name.as_bytes()).ok()?, value);
    }
    Some(headers)
}

/// What an error of the client means. The log gets its causes, without the URL, which may be a secret.
fn failure(error: reqwest::Error) -> OutboundError {
    let host = error.url().and_then(Url::host_str).unwrap_or_default().to_owned();
    let error = error.without_url();
    if sources(&error).any(<dyn Error>::is::<NotPublic>) {
        return OutboundError::Refused(OutboundRefusal::Address);
    }
    tracing::warn!(host, error = causes(&error), "a receiver could not be reached");
    OutboundError::Connection
}

fn sources<'error>(error: &'error (dyn Error + 'static)) -> impl Iterator<Item = &'error (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

fn causes(error: &(dyn Error + 'static)) -> String {
    let causes: Vec<_> = sources(error).map(ToString::to_string).collect();
    causes.join(": ")
}
