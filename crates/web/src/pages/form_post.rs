//! Carrying an answer to a client: by a redirect, or by a form that the browser sends (OAuth 2.0 Form Post Response Mode).

use std::fmt::Write as _;

use application::authorize::{Answer, ResponseMode};
use poem::Response;
use poem::http::HeaderValue;
use poem::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use url::Url;

use super::policy;
use super::visit::Visit;

/// Answers.
pub(crate) fn carry(visit: Visit, answer: &Answer) -> Response {
    match answer.mode {
        ResponseMode::Query => visit.leave(&answer.location()),
        ResponseMode::FormPost => {
            let nonce = visit.nonce();
            let target = Url::parse(&answer.redirect_uri).ok();
            let policy = policy::of(&visit.look.theme, &nonce, target.as_ref());
            let mut response = Response::builder()
                .content_type("text/html; charset=utf-8")
                .body(page(answer, &nonce));
            let headers = response.headers_mut();
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            let none = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy).unwrap_or(none));
            visit.finish(response)
        }
    }
}

/// The form sends itself; where scripts do not run, a button does.
fn page(answer: &Answer, nonce: &str) -> String {
    let mut fields = String::new();
    for (name, value) in &answer.parameters {
        // Writing to a text does not fail.
        let _ = write!(
            fields,
            r#"<input type="hidden" name="{name}" value="{}">"#,
            escaped(value)
        );
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Countersign</title></head>\
         <body><form method=\"post\" action=\"{}\">{fields}<noscript><button type=\"submit\">Continue</button></noscript></form>\
         <script nonce=\"{nonce}\">document.forms[0].submit()</script></body></html>\n",
        escaped(&answer.redirect_uri)
    )
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_client_sent_becomes_markup() {
        let answer = Answer {
            redirect_uri: "https://app.example/cb?a=1&b='".to_owned(),
            mode: ResponseMode::FormPost,
            parameters: vec![("state", "\"><script>alert(1)</script>".to_owned())],
        };
        let page = page(&answer, "abc");
        assert_eq!(page.matches("<script").count(), 1, "{page}");
        assert!(
            page.contains("action=\"https://app.example/cb?a=1&amp;b=&#39;\""),
            "{page}"
        );
        assert!(page.contains("value=\"&quot;&gt;&lt;script&gt;"), "{page}");
    }
}
