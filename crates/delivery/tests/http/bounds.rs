//! What a receiver can do, and how far it gets.

use std::time::Duration;

use application::ports::{Outbound, OutboundError};
use tokio::net::TcpListener;

use crate::receiver::{Manner, OK, Receiver};
use crate::support::{deliver, lenient, post_within};

#[tokio::test]
async fn a_post_arrives_with_its_headers_and_its_body() {
    let receiver = Receiver::start(OK).await;
    assert_eq!(deliver(&lenient(), &receiver.url()).await, Ok(200));
    let heard = receiver.heard();
    assert_eq!(heard.len(), 1);
    let (head, body) = heard[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{head}");
    for line in [
        "content-type: application/json",
        "authorization: Basic cm9vdDpzZWNyZXQ=",
        "user-agent: Countersign",
        &format!("host: {}", receiver.address),
        "content-length: 18",
    ] {
        assert!(head.lines().any(|found| found == line), "{line}: {head}");
    }
    assert_eq!(body, r#"{"token":"123456"}"#);
}

#[tokio::test]
async fn any_status_of_success_is_one_and_no_other() {
    for (answer, expected) in [
        ("HTTP/1.1 204 No Content\r\n\r\n", Ok(204)),
        (
            "HTTP/1.1 400 Bad\r\ncontent-length: 0\r\n\r\n",
            Err(OutboundError::Status(400)),
        ),
        (
            "HTTP/1.1 503 Away\r\ncontent-length: 0\r\n\r\n",
            Err(OutboundError::Status(503)),
        ),
    ] {
        let receiver = Receiver::start(Manner::Says(answer)).await;
        assert_eq!(deliver(&lenient(), &receiver.url()).await, expected, "{answer}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let receiver = Receiver::start(Manner::Says(
        "HTTP/1.1 307 Elsewhere\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n",
    ))
    .await;
    let outcome = deliver(&lenient(), &receiver.url()).await;
    assert_eq!(outcome, Err(OutboundError::Status(307)));
    assert_eq!(receiver.heard().len(), 1);
}

#[tokio::test]
async fn where_nobody_listens_or_speaks_another_language_the_connection_fails() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = listener.local_addr().unwrap();
    drop(listener);
    let outcome = deliver(&lenient(), &format!("http://{dead}/")).await;
    assert_eq!(outcome, Err(OutboundError::Connection));
    for noise in [
        "",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort",
    ] {
        let receiver = Receiver::start(Manner::Says(noise)).await;
        let outcome = deliver(&lenient(), &receiver.url()).await;
        assert_eq!(outcome, Err(OutboundError::Connection), "{noise:?}");
        assert_eq!(receiver.heard().len(), 1, "{noise:?} was asked for again");
    }
}

#[tokio::test]
async fn a_receiver_that_takes_its_time_is_left_at_the_timeout() {
    for manner in [Manner::Silent, Manner::DribblesHead, Manner::DribblesBody] {
        let receiver = Receiver::start(manner).await;
        let post = post_within(&receiver.url(), Duration::from_millis(300));
        let patience = Duration::from_secs(20);
        let outcome = tokio::time::timeout(patience, lenient().post(post)).await;
        assert_eq!(outcome, Ok(Err(OutboundError::Timeout)));
        assert_eq!(receiver.heard().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_the_end() {
    let receiver = Receiver::start(Manner::Floods).await;
    let outcome = deliver(&lenient(), &receiver.url()).await;
    assert_eq!(outcome, Err(OutboundError::TooLarge));
}
