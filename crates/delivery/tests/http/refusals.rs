//! Where no request goes.

use std::time::Duration;

use application::ports::OutboundRefusal::{Address, Header, Scheme, UserInfo};
use application::ports::{Outbound, OutboundError, OutboundRefusal};
use delivery::{HttpOutbound, OpenError, Options};

use crate::receiver::{OK, Receiver};
use crate::support::{deliver, lenient, post_within};

fn allowing(allow_private_networks: bool, allow_http: bool) -> HttpOutbound {
    HttpOutbound::open(Options {
        allow_private_networks,
        allow_http,
        ca_file: None,
    })
    .unwrap()
}

const fn refused<T>(why: OutboundRefusal) -> Result<T, OutboundError> {
    Err(OutboundError::Refused(why))
}

#[tokio::test]
async fn this_machine_is_refused_by_address_and_by_name() {
    let receiver = Receiver::start(OK).await;
    let port = receiver.address.port();
    let public_only = allowing(false, true);
    for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"] {
        let outcome = deliver(&public_only, &format!("http://{host}:{port}/")).await;
        assert_eq!(outcome, refused(Address), "{host}");
    }
    assert_eq!(receiver.heard().len(), 0);
    // The same name is fine where it is allowed: the refusal above was one of the address.
    assert_eq!(deliver(&lenient(), &format!("http://localhost:{port}/")).await, Ok(200));
}

#[tokio::test]
async fn plain_http_and_credentials_in_the_url_are_refused() {
    let receiver = Receiver::start(OK).await;
    let outcome = deliver(&allowing(true, false), &receiver.url()).await;
    assert_eq!(outcome, refused(Scheme));
    let with_user = format!("http://root:secret@{}/", receiver.address);
    assert_eq!(deliver(&lenient(), &with_user).await, refused(UserInfo));
    assert_eq!(receiver.heard().len(), 0);
}

#[tokio::test]
async fn a_header_that_frames_the_request_is_not_sent() {
    let receiver = Receiver::start(OK).await;
    for (name, value) in [("Content-Length", "3"), ("host", "other"), ("x", "a\r\nb: c")] {
        let mut post = post_within(&receiver.url(), Duration::from_secs(20));
        post.headers = vec![(name.to_owned(), value.to_owned())];
        assert_eq!(
            lenient().post(post).await.map(|answer| answer.status),
            refused(Header),
            "{name}"
        );
    }
    assert_eq!(receiver.heard().len(), 0);
}

#[test]
fn a_file_without_authorities_is_refused_at_the_start() {
    let open = |path: &str| {
        let ca_file = Some(path.into());
        let options = Options {
            ca_file,
            ..Options::default()
        };
        HttpOutbound::open(options).err()
    };
    assert!(matches!(
        open("/nonexistent/ca.pem"),
        Some(OpenError::Unreadable { .. })
    ));
    assert!(matches!(open("/dev/null"), Some(OpenError::NoCertificate(_))));
}
