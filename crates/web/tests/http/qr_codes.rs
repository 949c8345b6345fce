//! The QR codes of pending authenticators.

use crate::otp::{NOBODY, begin, confirm, open_enrolment};
use crate::service::{Answer, Call, Service};
use domain::user::Role;
use poem::http::Method;
use serde_json::{Value, json};

fn assert_png(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "image/png");
    assert_eq!(answer.header("cache-control"), "no-store");
    let reader = png::Decoder::new(std::io::Cursor::new(&answer.bytes))
        .read_info()
        .unwrap();
    assert_eq!((reader.info().width, reader.info().height), (400, 400));
}

fn assert_svg(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "image/svg+xml");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.text.contains("<svg") && !answer.text.contains("secret"));
    // Opened on its own, a browser runs and loads nothing of it.
    assert!(answer.header("content-security-policy").contains("default-src 'none'"));
}

fn qr(begun: &Value) -> &str {
    begun["qr"].as_str().unwrap()
}

#[tokio::test]
async fn a_qr_code_is_a_png_or_an_svg_as_the_caller_likes() {
    let service = Service::open().await;
    let token = service.token("alice", Role::User).await;
    let begun = begin(&service, &token, "Phone").await;
    let show = |accept: &str| {
        Call::new(Method::GET, qr(&begun))
            .bearer(&token)
            .header("accept", accept)
    };
    assert_png(&service.get(qr(&begun), &token).await);
    for accept in ["*/*", "image/png", "image/*", "text/html", "image/png, image/svg+xml"] {
        assert_png(&service.call(show(accept)).await);
    }
    for accept in [
        "image/svg+xml",
        "image/png;q=0.1, image/svg+xml;q=0.2",
        "image/png;q=0, */*;q=0.1",
    ] {
        assert_svg(&service.call(show(accept)).await);
    }
    let head = service.call(Call::new(Method::HEAD, qr(&begun)).bearer(&token)).await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
}

#[tokio::test]
async fn a_qr_code_is_there_for_its_owner_while_the_authenticator_is_pending() {
    let service = Service::open().await;
    let token = service.token("alice", Role::User).await;
    let begun = begin(&service, &token, "Phone").await;
    let mallory = service.token("mallory", Role::User).await;
    service.get(qr(&begun), &mallory).await.assert_problem(404, "not_found");
    for id in [NOBODY, "x"] {
        let path = format!("/v1/me/authenticators/{id}/qr");
        service.get(&path, &token).await.assert_problem(404, "not_found");
    }
    assert_eq!(confirm(&service, &token, &begun).await.status, 200);
    crate::otp::next_step(&service);
    let token = crate::otp::login_with_code(&service, "alice", &begun).await;
    service.get(qr(&begun), &token).await.assert_problem(404, "not_found");
}

#[tokio::test]
async fn within_a_login_it_is_asked_for_with_the_authentication_session() {
    let service = Service::open().await;
    let auth_session = open_enrolment(&service, "alice").await;
    let begun = service
        .post("/v1/enrolment/totp", &json!({ "auth_session": auth_session }))
        .await
        .json();
    assert_eq!(qr(&begun), "/v1/enrolment/qr");
    let body = json!({ "auth_session": auth_session, "authenticator": begun["id"] });
    assert_png(&service.post(qr(&begun), &body).await);
    let svg = Call::post(qr(&begun), &body.to_string()).header("accept", "image/svg+xml");
    assert_svg(&service.call(svg).await);
    let other = open_enrolment(&service, "mallory").await;
    for (auth_session, authenticator) in [(&auth_session, &json!(NOBODY)), (&other, &begun["id"])] {
        let body = json!({ "auth_session": auth_session, "authenticator": authenticator });
        service
            .post(qr(&begun), &body)
            .await
            .assert_problem(401, "invalid_auth_session");
    }
    for (body, pointer) in [
        (json!({ "auth_session": auth_session }), "/authenticator"),
        (
            json!({ "auth_session": auth_session, "authenticator": "x" }),
            "/authenticator",
        ),
        (json!({ "auth_session": 1, "authenticator": NOBODY }), "/auth_session"),
    ] {
        let answer = service.post(qr(&begun), &body).await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.pointers(), [pointer]);
    }
}
