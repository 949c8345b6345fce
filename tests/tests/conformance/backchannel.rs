//! Logout tokens, which go to relying parties behind the browser's back (OpenID Connect Back-Channel Logout).

use std::sync::Arc;
use std::time::Duration;

use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::{EndpointExt as _, Route, Server, handler, post, web};
use serde_json::json;
use tests::token;
use tests::wait::eventually;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::world::{GOODBYE, World};

/// A request to the relying party: its media type and its body.
type Notice = (String, String);

#[handler]
fn receive(request: &poem::Request, body: Vec<u8>, web::Data(notices): web::Data<&Arc<UnboundedSender<Notice>>>) {
    let kind = request.content_type().unwrap_or_default().to_owned();
    notices.send((kind, String::from_utf8(body).unwrap())).unwrap();
}

#[tokio::test]
async fn oidcc_backchannel_rp_initiated_logout() {
    let (sender, mut notices) = unbounded_channel::<Notice>();
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
    let address = acceptor.local_addr()[0].as_socket_addr().copied().unwrap();
    let routes = Route::new().at("/logout", post(receive)).data(Arc::new(sender));
    tokio::spawn(Server::new_with_acceptor(acceptor).run(routes));
    let registration = json!({"backchannel_logout_uri": format!("http://{address}/logout")});
    let reachable = |setup: tests::Setup| {
        setup
            .set("delivery.allow_private_networks", "true")
            .set("delivery.allow_http", "true")
    };
    let world = World::with(reachable, &registration).await;

    let granted = world.log_in(&[]).await;
    let parameters = [
        ("id_token_hint", granted.id_token()),
        ("post_logout_redirect_uri", GOODBYE),
    ];
    assert_eq!(world.log_out(&parameters).await.away().as_str(), GOODBYE);
    let mut received = None;
    eventually("the relying party is told", Duration::from_secs(20), || {
        received = received.take().or_else(|| notices.try_recv().ok());
        std::future::ready(received.is_some())
    })
    .await;
    let (kind, body) = received.unwrap();
    assert_eq!(kind, "application/x-www-form-urlencoded");
    let logout_token = body.strip_prefix("logout_token=").unwrap();

    let keys = world.service.jwks().await;
    let claims = token::verify(&keys, logout_token, world.service.issuer(), &world.client.id).unwrap();
    let header = token::header(logout_token);
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("RS256"), &json!("logout+jwt"))
    );
    assert_eq!(
        (&claims["sub"], &claims["sid"]),
        (&granted.claims["sub"], &granted.claims["sid"])
    );
    assert_eq!(
        claims["events"],
        json!({"http://schemas.openid.net/event/backchannel-logout": {}})
    );
    assert!(claims["jti"].as_str().is_some_and(|id| !id.is_empty()), "{claims}");
    assert!(
        claims["iat"]
            .as_i64()
            .is_some_and(|at| at <= world.service.now().seconds()),
        "{claims}"
    );
    assert!(
        claims.get("nonce").is_none(),
        "a logout token must not have one: {claims}"
    );
    world.expect_logged_out(&granted).await;
}
