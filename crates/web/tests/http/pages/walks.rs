//! Random walks over the pages: however somebody wanders about, there is no code before both factors were proved.

use domain::user::Role;

use super::browser::{Browser, application, own_application, request};
use crate::service::{PASSWORD, Service};

/// Numbers that are the same in every run (Marsaglia's xorshift).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// How far the browser has come, by what was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proved {
    Nothing,
    Password,
    Both,
}

#[tokio::test]
async fn no_walk_over_the_pages_gives_a_code_before_both_factors_were_proved() {
    let service = Service::open().await;
    service.add(&own_application("own")).await;
    service.add(&application("shop")).await;
    let (mut dice, mut codes) = (Dice(0x9E37_79B9_7F4A_7C15), 0);
    for walk in 0..60 {
        let name = format!("walker-{walk}");
        let key = service.account(&name, Role::User).await;
        let other = service.account(&format!("other-{walk}"), Role::User).await;
        let mut browser = Browser::new(&service);
        let client = if dice.throw(2) == 0 { "own" } else { "shop" };
        let query = request(client, &[]);
        browser.get(&format!("/auth/login?{query}")).await;
        let mut proved = Proved::Nothing;
        for _ in 0..14 {
            let answer = match dice.throw(8) {
                0 => browser.get(&format!("/auth/authorize?{query}")).await,
                1 => browser.get(&format!("/auth/consent?{query}")).await,
                2 => {
                    browser
                        .send(&format!("/auth/consent?{query}"), &[("decision", "allow")])
                        .await
                }
                3 => {
                    let fields = [("username", name.as_str()), ("password", PASSWORD)];
                    let answer = browser.send(&format!("/auth/login?{query}"), &fields).await;
                    if answer.header("location").starts_with("/auth/login/factor") && proved == Proved::Nothing {
                        proved = Proved::Password;
                    }
                    answer
                }
                4 => {
                    let fields = [("username", name.as_str()), ("password", "wrong")];
                    browser.send(&format!("/auth/login?{query}"), &fields).await
                }
                5 => {
                    let fields = [("factor", "secret_key"), ("code", key.as_str())];
                    let answer = browser.send(&format!("/auth/login/factor?{query}"), &fields).await;
                    if browser.session().is_some() {
                        assert_ne!(proved, Proved::Nothing, "walk {walk}");
                        proved = Proved::Both;
                    }
                    answer
                }
                6 => {
                    let fields = [("factor", "secret_key"), ("code", other.as_str())];
                    browser.send(&format!("/auth/login/factor?{query}"), &fields).await
                }
                _ => {
                    browser
                        .send(&format!("/auth/login/enrol?{query}"), &[("code", "123456")])
                        .await
                }
            };
            if answer.header("location").contains("code=cac_") {
                assert_eq!(proved, Proved::Both, "walk {walk}");
                codes += 1;
            }
        }
    }
    assert!(codes > 10, "only {codes} codes: the walks lead nowhere");
}
