//! The harness of the browser against a page of its own: what the tests of pages lean on must hold first.
#![expect(clippy::unwrap_used, reason = "a surprise is a failed test")]

use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::web::Html;
use poem::{Route, Server, get, handler};
use serde_json::json;
use tests::Browser;
use tests::browser::{Scheme, button, label, link, text};

const PAGE: &str = r#"<!doctype html><html lang="en"><head><title>A form</title>
<style>body { color: rgb(1, 1, 1) } @media (prefers-color-scheme: dark) { body { color: rgb(9, 9, 9) } }
#wide { width: 100% }</style></head>
<body><form method="post" action="/"><label for="name">Your name</label><input id="name" name="name">
<label>Word <input name="word" type="password"></label><button>Send it</button></form>
<p id="wide">A line</p><a href="/seen">What was sent</a>
<script>document.getElementById('wide').dataset.script = 'ran'</script></body></html>"#;

#[handler]
fn form() -> poem::Response {
    let cookies = [
        "__Host-secret=1; Path=/; Secure; HttpOnly; SameSite=Lax",
        "plain=2; Path=/",
    ];
    let response = cookies.iter().fold(poem::Response::builder(), |response, cookie| {
        response.header("set-cookie", *cookie)
    });
    response.content_type("text/html; charset=utf-8").body(PAGE)
}

#[handler]
fn sent(body: Vec<u8>) -> Html<String> {
    let body = String::from_utf8(body).unwrap();
    Html(format!("<!doctype html><title>Sent</title><p id=sent>{body}</p>"))
}

#[handler]
fn seen(request: &poem::Request) -> Html<String> {
    let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
    Html(format!(
        "<!doctype html><title>Seen</title><p id=cookie>{}</p><p id=own>{}</p>",
        header("cookie"),
        header("x-own")
    ))
}

/// The address of a server with the page.
async fn serve() -> String {
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
    let address = acceptor
        .local_addr()
        .first()
        .unwrap()
        .as_socket_addr()
        .copied()
        .unwrap();
    let routes = Route::new()
        .at("/", get(form).post(sent))
        .at("/seen", get(seen))
        .at("/favicon.ico", get(seen));
    tokio::spawn(Server::new_with_acceptor(acceptor).run(routes));
    format!("http://{address}")
}

#[tokio::test]
async fn a_form_is_filled_in_and_sent_with_and_without_scripts() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let base = serve().await;
    for scripts in [true, false] {
        browser.scripts(scripts).await;
        browser.open(&base).await;
        assert_eq!(browser.title().await, "A form");
        let ran = browser.attribute("#wide", "data-script").await;
        assert_eq!(ran.as_deref() == Some("ran"), scripts);
        assert!(browser.has(text("A line")).await);
        browser.fill(label("Your name"), "Alice").await;
        browser.fill(label("Word"), "open").await;
        browser.overwrite(label("Your name"), "Bob").await;
        assert_eq!(browser.property(label("Your name"), "value").await, json!("Bob"));
        assert_eq!(browser.accessible_name("input[type=password]").await, "Word");
        browser.click(button("Send it")).await;
        assert_eq!(browser.read("#sent").await, "name=Bob&word=open");
        assert_eq!(browser.count("p").await, 1);
    }
    browser.expect_clean_console().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_person_without_a_mouse_gets_through_a_form() {
    const TAB: &str = "\u{e004}";
    const ENTER: &str = "\u{e007}";
    let Some(browser) = Browser::start().await else {
        return;
    };
    let base = serve().await;
    browser.open(&base).await;
    browser.keys(&format!("{TAB}Alice{TAB}open{ENTER}")).await;
    assert_eq!(browser.read("#sent").await, "name=Alice&word=open");
    browser.back().await;
    browser.wait_for_address(&base).await;
    browser.reload().await;
    browser.see(button("Send it")).await;
}

#[tokio::test]
async fn colours_sizes_and_headers_are_as_they_are_asked_for() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let base = serve().await;
    browser.open(&base).await;
    for (scheme, colour) in [(Scheme::Dark, "rgba(9, 9, 9, 1)"), (Scheme::Light, "rgba(1, 1, 1, 1)")] {
        browser.scheme(scheme).await;
        assert_eq!(browser.style("body", "color").await, colour);
    }
    browser.viewport(320, 480).await;
    assert_eq!(browser.script("return window.innerWidth").await, 320);
    browser.headers(&[("X-Own", "mine")]).await;
    browser.click(link("What was sent")).await;
    assert_eq!(browser.read("#own").await, "mine");

    let picture = tempfile::Builder::new().suffix(".png").tempfile().unwrap();
    for all in [false, true] {
        if all {
            browser.screenshot_of_all(picture.path()).await;
        } else {
            browser.screenshot(picture.path()).await;
        }
        assert!(std::fs::read(picture.path()).unwrap().starts_with(b"\x89PNG"));
    }
}

#[tokio::test]
async fn cookies_are_seen_sent_and_forgotten_and_no_two_browsers_share_them() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let base = serve().await;
    browser.open(&base).await;
    let secret = browser.cookie("__Host-secret").await.unwrap();
    assert_eq!(
        (&secret["httpOnly"], &secret["secure"], &secret["sameSite"]),
        (&json!(true), &json!(true), &json!("Lax"))
    );
    browser.click(link("What was sent")).await;
    assert_eq!(browser.read("#cookie").await, "__Host-secret=1; plain=2");
    browser.forget("plain").await;
    browser.reload().await;
    assert_eq!(browser.read("#cookie").await, "__Host-secret=1");

    let other = Browser::start().await.unwrap();
    other.open(&format!("{base}/seen")).await;
    assert_eq!(other.read("#cookie").await, "");

    browser.forget_everything().await;
    browser.reload().await;
    assert_eq!(browser.read("#cookie").await, "");
}
