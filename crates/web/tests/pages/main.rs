//! Every page in every language: that it is whole, that nothing of others becomes markup, and what its headers say.

#![expect(
    clippy::unwrap_used,
    reason = "a broken expectation ends the test, in its helpers too"
)]

mod samples;

use poem::Response;
use poem::http::StatusCode;
use samples::{NATURAL, Words};
use url::Url;
use web::pages::view::{ErrorKind, ErrorPage, LoginPage};
use web::pages::{Brand, FieldError, Frame, Languages, Locale, Notice, SecureUrl, Theme, render};

/// A value that would leave an attribute, and a text.
const HOSTILE: &str = "'\"><script>alert(1)</script>&amp;{{ 7*7 }}\u{202e}";

const HOSTILE_WORDS: Words = Words {
    application: HOSTILE,
    account: HOSTILE,
    address: HOSTILE,
    device: HOSTILE,
    scope: HOSTILE,
    secret: HOSTILE,
    sentence: HOSTILE,
};

fn frame<'a>(theme: &'a Theme, locale: &'a Locale) -> Frame<'a> {
    Frame {
        theme,
        locale,
        nonce: "bm9uY2U",
        csrf: "value-of-csrf",
        form_target: None,
    }
}

async fn text(response: Response) -> String {
    response.into_body().into_string().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

/// Every page with these words in every language.
async fn drawn(words: Words, theme: &Theme) -> Vec<(String, String)> {
    let languages = Languages::built_in();
    let mut pages = Vec::new();
    for tag in languages.tags() {
        let locale = languages.choose(Some(tag), None);
        for sample in samples::all(words) {
            let name = format!("{} in {tag}", sample.name);
            let response = (sample.draw)(&frame(theme, &locale));
            assert_eq!(response.content_type(), Some("text/html; charset=utf-8"), "{name}");
            let is_error = sample.name.starts_with("error");
            assert_eq!(
                response.status().is_success(),
                !is_error,
                "{name}: {}",
                response.status()
            );
            let html = text(response).await;
            assert!(html.contains(&format!("<html lang=\"{tag}\" dir=\"ltr\">")), "{name}");
            pages.push((name, html));
        }
    }
    assert!(pages.len() > 80, "{}", pages.len());
    pages
}

#[tokio::test]
async fn nothing_that_others_choose_becomes_markup() {
    let theme = Theme {
        title: Some(HOSTILE.to_owned()),
        brand: Some(Brand::Text(HOSTILE.to_owned())),
        ..Theme::default()
    };
    for (name, html) in drawn(HOSTILE_WORDS, &theme).await {
        assert!(
            html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;{{ 7*7 }}"),
            "{name}: {html}"
        );
        assert_eq!(html.matches("<script").count(), 1, "{name}: ours alone");
        assert!(!html.contains("alert(1)</"), "{name}");
        assert!(!html.contains("'\"><"), "{name}");
    }
}

#[tokio::test]
async fn a_page_has_what_makes_it_usable_by_everybody() {
    for (name, html) in drawn(NATURAL, &Theme::default()).await {
        assert!(
            !html.contains(" style=") && !html.contains("<style"),
            "{name}: the policy lets no style in"
        );
        for attribute in [" onclick", " onload", "javascript:"] {
            assert!(!html.contains(attribute), "{name}: {attribute}");
        }
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        assert_eq!(html.matches("<main").count(), 1, "{name}");
        assert!(html.matches(" autofocus").count() <= 1, "{name}");
        let forms = html.matches("<form method=\"post\"").count();
        assert_eq!(html.matches("<form").count(), forms, "{name}: GET changes nothing");
        assert_eq!(
            html.matches("name=\"csrf\" value=\"value-of-csrf\"").count(),
            forms,
            "{name}"
        );
        let ids: Vec<&str> = quoted(&html, " id=\"");
        for input in html
            .split("<input ")
            .skip(1)
            .map(|rest| rest.split('>').next().unwrap())
        {
            let is_for_eyes = !input.contains("type=\"hidden\"") && !input.contains("aria-hidden");
            if is_for_eyes {
                let id = quoted(input, "id=\"")[0];
                assert!(
                    html.contains(&format!("<label for=\"{id}\">")),
                    "{name}: {id} has no label"
                );
            }
            assert!(!input.contains("placeholder"), "{name}: a placeholder is no label");
            assert_eq!(
                input.contains("aria-invalid"),
                input.contains("-error"),
                "{name}: {input}"
            );
        }
        for attribute in [" for=\"", " aria-controls=\"", " data-copy=\"", " data-reveal=\""] {
            for id in quoted(&html, attribute) {
                assert_eq!(
                    ids.iter().filter(|other| **other == id).count(),
                    1,
                    "{name}: {attribute}{id}"
                );
            }
        }
        for described in quoted(&html, " aria-describedby=\"") {
            for id in described.split(' ') {
                assert!(ids.contains(&id), "{name}: nothing describes as {id}");
            }
        }
        for word in ["login-title", "notice-", "-title<", ">none<", "undefined"] {
            assert!(!html.contains(word), "{name}: {word}");
        }
    }
}

/// What stands between this beginning and the next quotation mark, each time.
fn quoted<'a>(html: &'a str, beginning: &str) -> Vec<&'a str> {
    html.split(beginning)
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect()
}

#[tokio::test]
async fn the_headers_let_in_what_the_page_names_and_nothing_else() {
    let locale = Languages::built_in().choose(None, None);
    let theme = Theme {
        brand: Some(Brand::parse("https://pictures.example/logo.svg").unwrap()),
        style_url: Some(SecureUrl::parse("https://styles.example/a.css?x=1&y=2").unwrap()),
        ..Theme::default()
    };
    let target = Url::parse("https://app.example/callback").unwrap();
    let themed = Frame {
        form_target: Some(&target),
        ..frame(&theme, &locale)
    };
    let response = render(&LoginPage::default(), &themed);
    assert_eq!(
        header(&response, "content-security-policy"),
        "default-src 'none'; style-src 'self' https://styles.example; script-src 'nonce-bm9uY2U'; \
         img-src 'self' data: https://pictures.example; form-action 'self' https://app.example; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    assert_eq!(header(&response, "cache-control"), "no-store");
    assert_eq!(header(&response, "referrer-policy"), "same-origin");
    let html = text(response).await;
    assert!(
        html.contains("<link rel=\"stylesheet\" href=\"https://styles.example/a.css?x=1&amp;y=2\">"),
        "{html}"
    );
    assert!(
        html.contains("<img src=\"https://pictures.example/logo.svg\""),
        "{html}"
    );
    assert!(html.contains("nonce=\"bm9uY2U\""));

    let plain = Theme::default();
    let response = render(&LoginPage::default(), &frame(&plain, &locale));
    assert_eq!(
        header(&response, "content-security-policy"),
        "default-src 'none'; style-src 'self'; script-src 'nonce-bm9uY2U'; img-src 'self' data:; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    assert_eq!(text(response).await.matches("rel=\"stylesheet\"").count(), 1);
}

#[tokio::test]
async fn a_nonce_that_is_none_stops_the_script_and_not_the_page() {
    let (theme, locale) = (Theme::default(), Languages::built_in().choose(None, None));
    let broken = Frame {
        nonce: "x\r\ny",
        ..frame(&theme, &locale)
    };
    let response = render(&LoginPage::default(), &broken);
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!header(&response, "content-security-policy").contains("script-src"));
}

#[tokio::test]
async fn everything_that_can_be_said_is_said_in_every_language() {
    let languages = Languages::built_in();
    let theme = Theme::default();
    for tag in languages.tags() {
        let locale = languages.choose(Some(tag), None);
        let frame = frame(&theme, &locale);
        let mut login = LoginPage {
            notices: Notice::ALL.into(),
            ..LoginPage::default()
        };
        let html = text(render(&login, &frame)).await;
        assert_eq!(html.matches("<div class=\"notice ").count(), Notice::ALL.len());
        assert!(!html.contains("<p>notice-") && !html.contains("{ $"), "{tag}: {html}");
        for error in FieldError::ALL {
            login.password_error = Some(error);
            let html = text(render(&login, &frame)).await;
            assert!(
                html.contains("id=\"password-error\"") && !html.contains(">error-"),
                "{tag}: {error:?}"
            );
        }
        for kind in ErrorKind::ALL {
            let page = ErrorPage {
                kind,
                detail: None,
                request_id: None,
                back: None,
            };
            let response = render(&page, &frame);
            assert!(response.status().is_client_error() || response.status().is_server_error());
            assert!(!text(response).await.contains(">fault-"), "{tag}: {kind:?}");
        }
    }
}
