//! `AuthConfig`: settings of logging in.

use std::time::Duration;

use super::node::Node;
use super::reading::{AttributeFault, Part, Reading, is_label};
use crate::totp::PAST_STEPS_MAX;
use crate::webhook::{WebhookHeaderFault, WebhookHeaders};

/// How long a webhook may take, if the document does not say.
pub const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(2);
/// The longest that a webhook may take, in milliseconds: somebody waits for it.
pub const WEBHOOK_TIMEOUT_MAX: i64 = 10_000;
/// The shortest and the longest life of a session that a browser can be given, in seconds.
pub const COOKIE_AGE: (i64, i64) = (60, 30 * 24 * 3_600);
/// The place of the headers of a webhook.
pub const HEADERS: [&str; 3] = ["twoFactor", "webhook", "headers"];

/// Settings of logging in.
#[derive(Clone, Default)]
pub struct AuthConfig {
    /// `asidCookieMaxAge`: how long a browser stays logged in.
    pub cookie_max_age: Option<Duration>,
    /// `theme.brand`.
    pub brand: Option<String>,
    /// `theme.title`.
    pub title: Option<String>,
    /// `theme.styleUrl`.
    pub style_url: Option<String>,
    /// `theme.forgotPasswordUrl`.
    pub forgot_password_url: Option<String>,
    /// `twoFactor.issuerName`: what apps show.
    pub issuer_name: Option<String>,
    /// `twoFactor.validPastTokensCount`: how many codes before the present one are accepted.
    pub past_steps: Option<u8>,
    /// `twoFactor.webhook`.
    pub webhook: Option<Webhook>,
}

/// Where one-time codes are sent.
#[derive(Clone)]
pub struct Webhook {
    /// The URL.
    pub endpoint: String,
    /// How long a call may take.
    pub timeout: Duration,
    /// What is sent besides.
    pub headers: WebhookHeaders,
}

/// A document that was read.
pub struct AuthConfigRead {
    /// What it says.
    pub config: AuthConfig,
    /// What is wrong with it.
    pub faults: Vec<AttributeFault>,
    /// Attributes that mean nothing here.
    pub idle: Vec<String>,
}

impl AuthConfig {
    /// Reads a document. Style sheets may be loaded from `style_origins` only.
    pub fn read(document: &Node, style_origins: &[String]) -> AuthConfigRead {
        let mut reading = Reading::default();
        let names = ["id", "resourceType", "meta", "asidCookieMaxAge", "theme", "twoFactor"];
        let all = reading.document(document, &names);
        let cookie_max_age = reading.seconds(&all, "asidCookieMaxAge", COOKIE_AGE);
        let theme = reading.part(&all, "theme", &["brand", "title", "styleUrl", "forgotPasswordUrl"]);
        let second = reading.part(&all, "twoFactor", &["issuerName", "validPastTokensCount", "webhook"]);
        let past = reading.integer(&second, "validPastTokensCount", (0, i64::from(PAST_STEPS_MAX)));
        let config = Self {
            cookie_max_age,
            brand: brand(&mut reading, &theme),
            title: reading.label(&theme, "title").map(str::to_owned),
            style_url: style_url(&mut reading, &theme, style_origins),
            forgot_password_url: page_url(&mut reading, &theme),
            issuer_name: issuer_name(&mut reading, &second),
            past_steps: past.and_then(|past| u8::try_from(past).ok()),
            webhook: webhook(&mut reading, &second),
        };
        AuthConfigRead {
            config,
            faults: reading.faults,
            idle: reading.idle,
        }
    }
}

fn style_url(reading: &mut Reading, theme: &Part<'_>, origins: &[String]) -> Option<String> {
    let url = reading.text(theme, "styleUrl")?;
    let is_of = |origin: &String| {
        let rest = url.strip_prefix(origin.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_plain = url
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"\"'<>\\;,".contains(&byte));
    if is_plain && origins.iter().any(is_of) {
        return Some(url.to_owned());
    }
    let detail = "must be a URL of one of the origins that the setting pages.style_origins names";
    reading.fault(theme.name_of("styleUrl"), detail);
    None
}

/// An address that a person follows: no script, and nothing of another scheme.
fn page_url(reading: &mut Reading, theme: &Part<'_>) -> Option<String> {
    let name = "forgotPasswordUrl";
    let text = reading.text(theme, name)?;
    let url = url::Url::parse(text).ok();
    if url.is_some_and(|url| url.scheme() == "https" && url.has_host()) {
        return Some(text.to_owned());
    }
    reading.fault(theme.name_of(name), "must be an absolute https URL");
    None
}

/// A name, or the address of a picture.
fn brand(reading: &mut Reading, theme: &Part<'_>) -> Option<String> {
    let text = reading.text(theme, "brand")?;
    let is_right = match url::Url::parse(text) {
        Ok(url) if url.has_host() => url.scheme() == "https",
        Ok(_) | Err(_) => is_label(text),
    };
    if !is_right {
        let detail = "must be a name of 1 to 64 characters, or an https URL of a picture";
        reading.fault(theme.name_of("brand"), detail);
    }
    is_right.then(|| text.to_owned())
}

fn issuer_name(reading: &mut Reading, second: &Part<'_>) -> Option<String> {
    let name = reading.label(second, "issuerName")?.trim();
    if name.contains(':') {
        // It stands before a colon in key URIs.
        reading.fault(second.name_of("issuerName"), "must not contain a colon");
        return None;
    }
    Some(name.to_owned())
}

fn webhook(reading: &mut Reading, second: &Part<'_>) -> Option<Webhook> {
    let webhook = reading.part(second, "webhook", &["endpoint", "timeout", "headers"]);
    if !webhook.is_there() {
        return None;
    }
    let timeout = reading.integer(&webhook, "timeout", (1, WEBHOOK_TIMEOUT_MAX));
    let timeout = timeout.and_then(|timeout| u64::try_from(timeout).ok());
    let headers = headers(reading, &webhook);
    let Some(endpoint) = reading.text(&webhook, "endpoint") else {
        if Reading::node(&webhook, "endpoint").is_none() {
            reading.fault(webhook.name_of("endpoint"), "is needed");
        }
        return None;
    };
    let url = url::Url::parse(endpoint).ok();
    let is_address = |url: &url::Url| {
        let is_bare = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && url.has_host() && is_bare
    };
    if !url.as_ref().is_some_and(is_address) {
        let detail = "must be an absolute http or https URL without a user and a password";
        reading.fault(webhook.name_of("endpoint"), detail);
        return None;
    }
    Some(Webhook {
        endpoint: endpoint.to_owned(),
        timeout: timeout.map_or(WEBHOOK_TIMEOUT, Duration::from_millis),
        headers: headers?,
    })
}

/// Whether the webhooks of two documents are called at the same scheme, host and port.
pub fn is_same_receiver(one: &Node, other: &Node) -> bool {
    let origin = |document: &Node| {
        let webhook = document.get("twoFactor")?.get("webhook")?;
        let url = url::Url::parse(webhook.get("endpoint")?.as_text()?).ok()?;
        Some(url.origin())
    };
    origin(one).is_some_and(|receiver| origin(other) == Some(receiver))
}

fn headers(reading: &mut Reading, webhook: &Part<'_>) -> Option<WebhookHeaders> {
    let place = webhook.name_of("headers");
    let members = match Reading::node(webhook, "headers") {
        None => return Some(WebhookHeaders::default()),
        Some(Node::Map(members)) => members,
        Some(_) => {
            reading.fault(place, "must be header values by header name");
            return None;
        }
    };
    let mut pairs = Vec::new();
    for (name, value) in members {
        match value {
            Node::Text(value) => pairs.push((name.clone(), value.clone())),
            Node::Integer(value) => pairs.push((name.clone(), value.to_string())),
            Node::Null => {
                let detail = "is not stored for this receiver: send the value";
                reading.fault(format!("{place}.{name}"), detail);
            }
            _ => reading.fault(format!("{place}.{name}"), "must be a text"),
        }
    }
    match WebhookHeaders::parse(pairs) {
        Ok(headers) => Some(headers),
        Err(fault) => {
            let attribute = match &fault {
                WebhookHeaderFault::TooMany | WebhookHeaderFault::Name(_) => place,
                WebhookHeaderFault::Value(name)
                | WebhookHeaderFault::Framing(name)
                | WebhookHeaderFault::Twice(name) => format!("{place}.{name}"),
            };
            reading.fault(attribute, fault.to_string());
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(members: &[(&str, Node)]) -> Node {
        Node::Map(
            members
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        )
    }

    fn webhook_of(members: &[(&str, Node)]) -> Node {
        map(&[("twoFactor", map(&[("webhook", map(members))]))])
    }

    fn places(document: &Node) -> Vec<String> {
        let read = AuthConfig::read(document, &["https://style.example".to_owned()]);
        read.faults.into_iter().map(|fault| fault.attribute).collect()
    }

    #[test]
    fn what_it_says_is_read() {
        let headers = map(&[("Authorization", Node::from("Basic x")), ("X-Number", Node::Integer(1))]);
        let webhook = map(&[
            ("endpoint", Node::from("https://my-app.com")),
            ("timeout", Node::Integer(500)),
            ("headers", headers),
        ]);
        let second = map(&[
            ("issuerName", Node::from("my-app")),
            ("validPastTokensCount", Node::Integer(3)),
            ("webhook", webhook),
        ]);
        let theme = map(&[
            ("brand", Node::from("Mine")),
            ("styleUrl", Node::from("https://style.example/a.css")),
            ("colour", Node::from("red")),
        ]);
        let document = map(&[
            ("asidCookieMaxAge", Node::Integer(3_600)),
            ("theme", theme),
            ("twoFactor", second),
            ("other", Node::Null),
        ]);
        let read = AuthConfig::read(&document, &["https://style.example".to_owned()]);
        assert!(read.faults.is_empty(), "{:?}", read.faults);
        assert_eq!(read.idle, ["other", "theme.colour"]);
        let config = read.config;
        assert_eq!(config.cookie_max_age, Some(Duration::from_hours(1)));
        assert_eq!(
            (config.past_steps, config.issuer_name.as_deref()),
            (Some(3), Some("my-app"))
        );
        let webhook = config.webhook.unwrap();
        assert_eq!(
            (webhook.endpoint.as_str(), webhook.timeout.as_millis()),
            ("https://my-app.com", 500)
        );
        assert_eq!(webhook.headers.to_pairs().len(), 2);
    }

    #[test]
    fn every_fault_names_its_attribute() {
        let second = |name: &str, value: Node| map(&[("twoFactor", map(&[(name, value)]))]);
        let theme = |name: &str, value: &str| map(&[("theme", map(&[(name, Node::from(value))]))]);
        let endpoint = ("endpoint", Node::from("https://a.example"));
        for (document, place) in [
            (map(&[("asidCookieMaxAge", Node::Integer(0))]), "asidCookieMaxAge"),
            (map(&[("theme", Node::from("dark"))]), "theme"),
            (theme("brand", ""), "theme.brand"),
            (theme("brand", "http://a.example/logo.png"), "theme.brand"),
            (theme("styleUrl", "https://evil.example/a.css"), "theme.styleUrl"),
            (theme("styleUrl", "https://style.example.evil/a.css"), "theme.styleUrl"),
            (
                theme("forgotPasswordUrl", "javascript:alert(1)"),
                "theme.forgotPasswordUrl",
            ),
            (
                second("validPastTokensCount", Node::Integer(11)),
                "twoFactor.validPastTokensCount",
            ),
            (
                second("validPastTokensCount", Node::Integer(-1)),
                "twoFactor.validPastTokensCount",
            ),
            (
                second("validPastTokensCount", Node::from("3")),
                "twoFactor.validPastTokensCount",
            ),
            (second("issuerName", Node::from("a:b")), "twoFactor.issuerName"),
            (second("webhook", map(&[])), "twoFactor.webhook.endpoint"),
            (
                webhook_of(&[("endpoint", Node::from("ftp://a.example"))]),
                "twoFactor.webhook.endpoint",
            ),
            (
                webhook_of(&[("endpoint", Node::from("https://u:p@a.example"))]),
                "twoFactor.webhook.endpoint",
            ),
            (
                webhook_of(&[endpoint.clone(), ("timeout", Node::Integer(0))]),
                "twoFactor.webhook.timeout",
            ),
            (
                webhook_of(&[endpoint.clone(), ("timeout", Node::Integer(60_000))]),
                "twoFactor.webhook.timeout",
            ),
            (
                webhook_of(&[endpoint.clone(), ("headers", map(&[("Host", Node::from("x"))]))]),
                "twoFactor.webhook.headers.Host",
            ),
            (
                webhook_of(&[endpoint, ("headers", map(&[("X-A", Node::from("a\r\nB: c"))]))]),
                "twoFactor.webhook.headers.X-A",
            ),
        ] {
            assert_eq!(places(&document), [place]);
        }
    }
}
