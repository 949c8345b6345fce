//! Drawing: a page's view model through its template into an answer with strict headers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, Output, State, UndefinedBehavior, Value, context};
use poem::Response;
use poem::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use poem::http::{HeaderValue, StatusCode};
use serde::Serialize;
use url::Url;

use super::locale::Locale;
use super::theme::{Brand, Theme};
use super::translator::Translator;
use super::{assets, policy};

/// A page: what it shows, and the template that shows it.
pub trait Page: Serialize {
    /// The file in `crates/web/templates`.
    const TEMPLATE: &'static str;

    /// The status that it is answered with.
    fn status(&self) -> StatusCode {
        StatusCode::OK
    }
}

/// What is around every page.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The look.
    pub theme: &'a Theme,
    /// The language.
    pub locale: &'a Locale,
    /// Random, new for every answer, of the characters of Base64url; it lets our script run.
    pub nonce: &'a str,
    /// The value of the hidden field `csrf` of every form.
    pub csrf: &'a str,
    /// Where the browser may be sent after a form: the redirect address of the application, if the page is part of a login for
    /// one.
    pub form_target: Option<&'a Url>,
}

macro_rules! templates {
    ($($name:literal),+ $(,)?) => {
        const TEMPLATES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../templates/", $name)))),+];
    };
}

templates![
    "change_password.html",
    "consent.html",
    "device.html",
    "device_approval.html",
    "device_done.html",
    "disable_two_factor.html",
    "enable_two_factor.html",
    "enrol.html",
    "error.html",
    "factor.html",
    "forgot_password.html",
    "layout.html",
    "logged_out.html",
    "login.html",
    "logout.html",
    "macros.html",
    "name_authenticator.html",
    "new_recovery_codes.html",
    "recovery_codes.html",
    "reset_password.html",
    "settings.html",
    "two_factor.html",
];

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(write_escaped);
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    for (name, text) in TEMPLATES {
        // That all of them can be read is for a test to see; a page without its template is answered as a failure.
        if let Err(error) = environment.add_template(name, text) {
            tracing::error!(%error, name, "a template cannot be read");
        }
    }
    environment
});

/// Writes a value as text of HTML, everything escaped but what a template has made itself. `None` is nothing.
fn write_escaped(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), minijinja::Error> {
    if value.is_undefined() {
        return Err(minijinja::Error::from(ErrorKind::UndefinedError));
    }
    if value.is_none() {
        return Ok(());
    }
    let text = value.to_string();
    if value.is_safe() {
        return out.write_str(&text).map_err(minijinja::Error::from);
    }
    for character in text.chars() {
        let written = match character {
            '&' => out.write_str("&amp;"),
            '<' => out.write_str("&lt;"),
            '>' => out.write_str("&gt;"),
            '"' => out.write_str("&quot;"),
            '\'' => out.write_str("&#39;"),
            other => out.write_char(other),
        };
        written.map_err(minijinja::Error::from)?;
    }
    Ok(())
}

/// What the templates know of a theme.
fn theme_of(theme: &Theme) -> BTreeMap<&'static str, Option<&str>> {
    let (text, image) = match &theme.brand {
        Some(Brand::Text(text)) => (Some(text.as_str()), None),
        Some(Brand::Image(url)) => (None, Some(url.as_str())),
        None => (None, None),
    };
    BTreeMap::from([
        ("title", theme.title.as_deref()),
        ("brand_text", text),
        ("brand_image", image),
        ("style_url", theme.style_url.as_ref().map(super::SecureUrl::as_str)),
        (
            "forgot_password_url",
            theme.forgot_password_url.as_ref().map(super::SecureUrl::as_str),
        ),
    ])
}

/// The HTML of a page.
fn html<P: Page>(page: &P, frame: &Frame<'_>) -> Result<String, minijinja::Error> {
    ENVIRONMENT.get_template(P::TEMPLATE)?.render(context! {
        t => Value::from_object(Translator(frame.locale.clone())),
        lang => frame.locale.tag(),
        dir => frame.locale.direction(),
        theme => Value::from(Serde(theme_of(frame.theme))),
        nonce => frame.nonce,
        csrf => frame.csrf,
        style => assets::style_address(),
        script => assets::script_address(),
        page => Value::from(Serde(page)),
    })
}

/// Draws a page. The answer says itself what browsers may do with it: it is kept by nobody, runs our script alone, stands in no
/// frame, and sends forms only here and to `form_target`.
pub fn render<P: Page>(page: &P, frame: &Frame<'_>) -> Response {
    let (status, html) = match html(page, frame) {
        Ok(html) => (page.status(), html),
        Err(error) => {
            tracing::error!(%error, template = P::TEMPLATE, "a page cannot be drawn");
            (StatusCode::INTERNAL_SERVER_ERROR, String::new())
        }
    };
    let policy = policy::of(frame.theme, frame.nonce, frame.form_target);
    let policy = HeaderValue::from_str(&policy)
        // Only a nonce that is none can bring this about; the page works without its script.
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'; style-src 'self'; frame-ancestors 'none'"));
    let mut response = Response::builder()
        .status(status)
        .content_type("text/html; charset=utf-8")
        .body(html);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // `no-referrer` would make browsers send `Origin: null` with our own forms.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}
