//! Logouts that send nobody anywhere, because it is not known who asks or the address is not theirs.

use super::world::{GOODBYE, World, expect_error_page};

/// A request for a logout that must end on a page that says what is wrong, with everybody still logged in.
async fn refuse(change: impl Fn(&str) -> Vec<(&'static str, String)>) {
    let world = World::new().await;
    let granted = world.log_in(&[]).await;
    let parameters = change(granted.id_token());
    let parameters: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    expect_error_page(world.log_out(&parameters).await);
    assert!(world.is_logged_in().await);
    world.userinfo(granted.access()).await;
}

fn parameters(hint: &str, redirect: &str) -> Vec<(&'static str, String)> {
    vec![
        ("id_token_hint", hint.to_owned()),
        ("post_logout_redirect_uri", redirect.to_owned()),
        ("state", "of-the-logout".to_owned()),
    ]
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    refuse(|hint| parameters(hint, "https://evil.example/goodbye")).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    refuse(|hint| parameters(hint, &format!("{GOODBYE}?foo=bar"))).await;
}

/// Another signature than that of the provider.
#[tokio::test]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    refuse(|hint| {
        let (signed, signature) = hint.rsplit_once('.').unwrap();
        let turned: String = signature.chars().rev().collect();
        parameters(&format!("{signed}.{turned}"), GOODBYE)
    })
    .await;
}

/// Not a token at all.
#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    refuse(|_| parameters("no-token", GOODBYE)).await;
}

/// Without a hint it is not known whose address it is, and the browser is not sent there.
#[tokio::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    refuse(|hint| parameters(hint, GOODBYE).into_iter().skip(1).collect()).await;
}
