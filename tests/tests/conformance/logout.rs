//! Logouts that a relying party asks for, and that succeed.

use reqwest::Url;
use tests::Landing;

use super::world::{GOODBYE, Granted, World};

impl World {
    /// Goes to the logout with these parameters, and agrees to it if asked.
    pub async fn log_out(&self, parameters: &[(&str, &str)]) -> Landing {
        let mut url = Url::parse(&self.endpoint("end_session_endpoint")).unwrap();
        url.query_pairs_mut().extend_pairs(parameters);
        let landing = self.agent.open(url.as_str()).await;
        let Landing::Page(page) = &landing else { return landing };
        match page.form_with_button("decision") {
            Some(form) => self.agent.submit(page, &form.press("decision", "logout")).await,
            None => landing,
        }
    }

    /// Whether somebody is logged in in the browser, as the relying party can tell.
    pub async fn is_logged_in(&self) -> bool {
        let (response, _) = self.authorize(&[("prompt", "none")]).await;
        if response.get("code").is_some() {
            return true;
        }
        assert_eq!(response.error(), "login_required");
        false
    }

    /// Nobody is logged in any more, and what the relying party was given is over.
    pub async fn expect_logged_out(&self, granted: &Granted) {
        assert!(!self.is_logged_in().await);
        assert!(self.agent.cookie("__Host-countersign-session").is_none());
        let userinfo = self.service.get("/auth/userinfo").bearer(granted.access()).await;
        assert_eq!(userinfo.status, 401, "{userinfo:?}");
    }
}

/// Demands the page that says that it is done.
#[track_caller]
pub fn expect_logged_out_page(landing: Landing) {
    let page = landing.page();
    assert_eq!(page.answer.status, 200, "{:?}", page.answer);
    assert_eq!(page.address.path(), "/auth/logged-out");
}

#[tokio::test]
async fn oidcc_rp_initiated_logout() {
    let world = World::new().await;
    let granted = world.log_in(&[]).await;
    assert!(world.is_logged_in().await);
    let parameters = [
        ("id_token_hint", granted.id_token()),
        ("post_logout_redirect_uri", GOODBYE),
        ("state", "of the logout"),
    ];
    let url = world.log_out(&parameters).await.away();
    assert_eq!(url.as_str(), format!("{GOODBYE}?state=of+the+logout"));
    world.expect_logged_out(&granted).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_state() {
    let world = World::new().await;
    let granted = world.log_in(&[]).await;
    let parameters = [
        ("id_token_hint", granted.id_token()),
        ("post_logout_redirect_uri", GOODBYE),
    ];
    assert_eq!(world.log_out(&parameters).await.away().as_str(), GOODBYE);
    world.expect_logged_out(&granted).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params() {
    let world = World::new().await;
    let granted = world.log_in(&[]).await;
    expect_logged_out_page(world.log_out(&[]).await);
    world.expect_logged_out(&granted).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_only_state() {
    let world = World::new().await;
    let granted = world.log_in(&[]).await;
    expect_logged_out_page(world.log_out(&[("state", "of-the-logout")]).await);
    world.expect_logged_out(&granted).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let world = World::new().await;
    let granted = world.log_in(&[]).await;
    let parameters = [("id_token_hint", granted.id_token()), ("state", "of-the-logout")];
    expect_logged_out_page(world.log_out(&parameters).await);
    world.expect_logged_out(&granted).await;
}
