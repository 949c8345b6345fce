//! The pages about one's own account, as a browser uses them: second factors, settings, the password.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use testkit::clock::ManualClock;
use tests::agent::{Agent, Landing, Page};
use tests::html::decode;
use tests::{PASSWORD, Person, Phone, Service};

const NEW_PASSWORD: &str = "a new battery for the staple";
const SESSION: &str = "__Host-countersign-session";
/// Longer than a proof is fresh.
const STALE: Duration = Duration::from_mins(6);
const STEP: Duration = Duration::from_secs(30);

/// What proves the second factor.
enum Second<'a> {
    Key,
    Code(&'a Phone),
    Recovery(&'a str),
}

/// Fills in the second factor on a page that asks for one, and sends it.
async fn prove(service: &Service, agent: &Agent, page: Page, person: &Person, second: &Second<'_>) -> Landing {
    let (name, text) = match second {
        Second::Key => ("secret_key", person.secret_key.clone()),
        Second::Code(phone) => ("totp", phone.code(service.now())),
        Second::Recovery(code) => ("recovery_code", (*code).to_owned()),
    };
    let form = page
        .form("code")
        .unwrap_or_else(|| panic!("no field for a code: {page:?}"));
    let form = if form.value("factor") == Some(name) {
        form
    } else {
        let mut address = page.address.clone();
        address.query_pairs_mut().append_pair("use", name);
        let page = agent.open(address.as_str()).await.page();
        page.form("code").unwrap()
    };
    assert_eq!(form.value("factor"), Some(name));
    agent.submit(&page, &form.fill("code", &text)).await
}

/// Logs in from this page on, with the present password of the person.
async fn log_in(service: &Service, agent: &Agent, start: &str, person: &Person, second: &Second<'_>) -> Page {
    let page = agent.open(start).await.page();
    let form = page
        .form("password")
        .unwrap_or_else(|| panic!("no login at {start}: {page:?}"));
    let form = form
        .fill("username", &person.username)
        .fill("password", &person.password);
    let page = agent.submit(&page, &form).await.page();
    prove(service, agent, page, person, second).await.page()
}

fn secret_of(page: &Page) -> String {
    let text = page.answer.text();
    let (_, rest) = text.split_once("<code id=\"secret\">").unwrap();
    let (secret, _) = rest.split_once("</code>").unwrap();
    secret.replace(' ', "")
}

fn codes_of(page: &Page) -> Vec<String> {
    let text = page.answer.text();
    let (_, rest) = text.split_once("id=\"codes\">").unwrap();
    let (list, _) = rest.split_once("</ol>").unwrap();
    let items = list.split("<code>").skip(1);
    items
        .map(|item| decode(item.split_once("</code>").unwrap().0))
        .collect()
}

/// Adds an authenticator from the page that asks for its name on. Gives the page at the end.
async fn add(service: &Service, agent: &Agent, page: Page, name: &str) -> (Phone, Page) {
    let form = page.form("name").unwrap_or_else(|| panic!("nothing to name: {page:?}"));
    let page = agent.submit(&page, &form.fill("name", name)).await.page();
    let again = agent.open(page.address.as_str()).await.page();
    let secret = secret_of(&page);
    assert_eq!(secret_of(&again), secret, "the page can be loaded again");
    let uri = format!("otpauth://totp/x?secret={secret}&algorithm=SHA1&digits=6&period=30");
    let phone = Phone::scan(&uri);
    let wrong = page
        .form("code")
        .unwrap()
        .fill("code", &phone.wrong_code(service.now()));
    let refused = agent.submit(&page, &wrong).await.page();
    assert!(
        refused.answer.text().contains("This code was not accepted"),
        "{refused:?}"
    );
    assert!(!refused.answer.text().contains("Save your recovery codes"));
    let right = refused.form("code").unwrap().fill("code", &phone.code(service.now()));
    let done = agent.submit(&refused, &right).await.page();
    (phone, done)
}

/// A person whose browser is logged in and who has just added a first authenticator.
async fn enabled(service: &Service, clock: &Arc<ManualClock>, name: &str) -> (Person, Agent, Phone, Vec<String>) {
    let person = service.register(name).await;
    let agent = Agent::new(service);
    let page = log_in(service, &agent, "/auth/two-factor/enable", &person, &Second::Key).await;
    assert_eq!(
        page.address.path(),
        "/auth/two-factor/enable",
        "back where one wanted to go"
    );
    let (phone, page) = add(service, &agent, page, "My phone").await;
    let codes = codes_of(&page);
    assert_eq!(codes.len(), 10);
    clock.advance(STEP);
    (person, agent, phone, codes)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_factor_authentication_is_turned_on_and_completes_the_next_login() {
    let (service, clock) = Service::with_clock().await;
    let (person, agent, phone, _) = enabled(&service, &clock, "alice").await;
    let state = agent.open("/auth/two-factor").await.page().answer.text();
    for told in ["My phone", "You have 10 unused codes left", "Secret key"] {
        assert!(state.contains(told), "{told}: {state}");
    }
    let page = agent.open("/auth/logout").await.page();
    let form = page.form_with_button("decision").unwrap().press("decision", "logout");
    agent.submit(&page, &form).await.page();
    assert_eq!(agent.open("/auth/settings").await.page().address.path(), "/auth/login");
    let page = log_in(&service, &agent, "/auth/settings", &person, &Second::Code(&phone)).await;
    assert_eq!(page.address.path(), "/auth/settings");
    assert!(page.answer.text().contains("One authenticator is set up"), "{page:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_authenticator_takes_a_fresh_code_and_gives_the_session_a_new_cookie() {
    let (service, clock) = Service::with_clock().await;
    let (person, agent, phone, codes) = enabled(&service, &clock, "alice").await;
    // The key that opened the session is not enough beside an authenticator.
    let page = agent.open("/auth/two-factor/enable").await.page();
    assert!(page.form("name").is_none() && page.form("code").is_some(), "{page:?}");
    assert!(
        !page.answer.text().contains("use=secret_key"),
        "a key adds nothing beside an authenticator"
    );
    let before = agent.cookie(SESSION).unwrap();
    let wrong = page
        .form("code")
        .unwrap()
        .fill("code", &phone.wrong_code(service.now()));
    let refused = agent.submit(&page, &wrong).await.page();
    assert!(
        refused.answer.text().contains("That code was not accepted"),
        "{refused:?}"
    );
    assert_eq!(agent.cookie(SESSION).unwrap(), before);
    let page = prove(&service, &agent, refused, &person, &Second::Code(&phone))
        .await
        .page();
    let after = agent.cookie(SESSION).unwrap();
    assert_ne!(before, after);
    let (_, page) = add(&service, &agent, page, "Tablet").await;
    assert_eq!(page.address.path(), "/auth/two-factor");
    for told in ["My phone", "Tablet", "Two-factor authentication is on"] {
        assert!(page.answer.text().contains(told), "{told}: {page:?}");
    }
    let again = agent.open("/auth/two-factor").await.page().answer.text();
    assert!(!again.contains("Two-factor authentication is on."), "it is said once");

    agent.set_cookie(SESSION, &before);
    assert_eq!(
        agent.open("/auth/settings").await.page().address.path(),
        "/auth/login",
        "the old cookie is void"
    );
    agent.set_cookie(SESSION, &after);
    assert_eq!(
        agent.open("/auth/settings").await.page().address.path(),
        "/auth/settings"
    );

    clock.advance(STALE);
    let page = agent.open("/auth/two-factor/enable").await.page();
    assert!(page.form("name").is_none(), "the proof has grown old");
    let page = prove(&service, &agent, page, &person, &Second::Recovery(&codes[0]))
        .await
        .page();
    let taken = page.form("name").unwrap().fill("name", "TABLET");
    let page = agent.submit(&page, &taken).await.page();
    assert!(
        page.answer
            .text()
            .contains("Another of your authenticators has this name"),
        "{page:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_are_renewed_after_a_code_and_each_of_the_old_ones_is_void() {
    let (service, clock) = Service::with_clock().await;
    let (person, agent, phone, old) = enabled(&service, &clock, "alice").await;
    let page = agent.open("/auth/two-factor/recovery-codes").await.page();
    let page = prove(&service, &agent, page, &person, &Second::Code(&phone))
        .await
        .page();
    let new = codes_of(&page);
    assert_eq!(new.len(), 10);
    assert!(old.iter().all(|code| !new.contains(code)));
    let page = agent.open("/auth/two-factor/recovery-codes").await.page();
    assert!(
        page.form("code").is_none(),
        "a proof that is fresh is not asked for twice: {page:?}"
    );
    let other = Agent::new(&service);
    let refused = log_in(&service, &other, "/auth/login", &person, &Second::Recovery(&old[0])).await;
    assert!(refused.answer.text().contains("That code was not accepted"));
    let let_in = prove(&service, &other, refused, &person, &Second::Recovery(&new[0]))
        .await
        .page();
    assert_eq!(let_in.address.path(), "/auth/settings");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_factor_authentication_is_turned_off_by_a_code_and_ends_in_the_settings() {
    let (service, clock) = Service::with_clock().await;
    let (person, agent, phone, _) = enabled(&service, &clock, "alice").await;
    let other = Agent::new(&service);
    log_in(&service, &other, "/auth/settings", &person, &Second::Code(&phone)).await;
    clock.advance(STEP);
    let page = agent.open("/auth/two-factor/disable").await.page();
    let refused = page
        .form("code")
        .unwrap()
        .fill("code", &phone.wrong_code(service.now()));
    let page = agent.submit(&page, &refused).await.page();
    assert!(page.answer.text().contains("That code was not accepted"), "{page:?}");
    let page = prove(&service, &agent, page, &person, &Second::Code(&phone))
        .await
        .page();
    assert_eq!(page.address.path(), "/auth/settings");
    assert!(
        page.answer.text().contains("Two-factor authentication is off"),
        "{page:?}"
    );
    let ended = other.open("/auth/settings").await.page();
    assert_eq!(
        ended.address.path(),
        "/auth/login",
        "what the authenticator proved elsewhere has ended"
    );
    let page = log_in(&service, &other, "/auth/settings", &person, &Second::Key).await;
    assert_eq!(page.address.path(), "/auth/settings");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticator_that_nothing_can_stand_in_for_stays() {
    let clock = Arc::new(ManualClock::default());
    let service = Service::with(|setup| setup.clock(&clock).set("accounts.first_factor", "enrolment")).await;
    let body = json!({"username": "alice", "password": PASSWORD});
    service.post("/v1/users").json(&body).await.expect_json(201);
    let agent = Agent::new(&service);
    let page = agent.open("/auth/login").await.page();
    let form = page
        .form("password")
        .unwrap()
        .fill("username", "alice")
        .fill("password", PASSWORD);
    let page = agent.submit(&page, &form).await.page();
    let uri = format!("otpauth://totp/x?secret={}", secret_of(&page));
    let phone = Phone::scan(&uri);
    let form = page.form("code").unwrap().fill("code", &phone.code(service.now()));
    codes_of(&agent.submit(&page, &form).await.page());
    clock.advance(STEP);
    let offered = agent.open("/auth/two-factor").await.page().answer.text();
    assert!(
        offered.contains("/auth/two-factor/enable") && !offered.contains("/auth/two-factor/disable"),
        "{offered}"
    );
    let page = agent.open("/auth/two-factor/disable").await.page();
    assert_eq!(page.answer.status, 403, "{page:?}");
    assert!(
        page.answer.text().contains("Two-factor authentication must stay on"),
        "{page:?}"
    );
    let page = agent.open("/auth/two-factor/recovery-codes").await.page();
    let csrf = page.forms()[0].value("csrf").unwrap().to_owned();
    let code = phone.code(service.now());
    let fields = [("csrf", csrf.as_str()), ("factor", "totp"), ("code", &code)];
    let page = agent.post("/auth/two-factor/disable", &fields).await.page();
    assert_eq!(page.answer.status, 403, "{page:?}");
    let state = agent.open("/auth/two-factor").await.page().answer.text();
    assert!(state.contains("Authenticator app"), "{state}");
    let other = Agent::new(&service);
    let page = other.open("/auth/login").await.page();
    let form = page
        .form("password")
        .unwrap()
        .fill("username", "alice")
        .fill("password", PASSWORD);
    let page = other.submit(&page, &form).await.page();
    let page = other
        .submit(&page, &page.form("code").unwrap().fill("code", &code))
        .await
        .page();
    assert_eq!(
        page.address.path(),
        "/auth/settings",
        "the code was not spent for nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_ended_one_by_one_and_all_at_once() {
    let (service, clock) = Service::with_clock().await;
    let person = service.register("alice").await;
    let [mine, second, third] = [(); 3].map(|()| Agent::new(&service));
    for agent in [&mine, &second, &third] {
        log_in(&service, agent, "/auth/settings", &person, &Second::Key).await;
    }
    clock.advance(STEP);
    let api = service.log_in(&person).await;
    let page = mine.open("/auth/settings").await.page();
    let forms: Vec<_> = page.forms().into_iter().filter(|form| form.has("session")).collect();
    assert_eq!(forms.len(), 3, "every session but this one can be ended: {page:?}");
    // The newest first: that of the token.
    let page = mine.submit(&page, &forms[0]).await.page();
    assert!(page.answer.text().contains("The session has been ended"), "{page:?}");
    assert_eq!(service.resource(&api.access).await, 401);
    assert_eq!(page.forms().iter().filter(|form| form.has("session")).count(), 2);
    let others = page
        .forms()
        .into_iter()
        .find(|form| form.action.ends_with("/end-others"))
        .unwrap();
    let page = mine.submit(&page, &others).await.page();
    assert!(
        page.answer.text().contains("All other sessions have been ended"),
        "{page:?}"
    );
    for agent in [&second, &third] {
        assert_eq!(agent.open("/auth/settings").await.page().address.path(), "/auth/login");
    }
    assert_eq!(
        mine.open("/auth/settings").await.page().address.path(),
        "/auth/settings"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_ends_the_session_of_another() {
    let (service, _) = Service::with_clock().await;
    let (alice, bob) = (service.register("alice").await, service.register("bob").await);
    let (hers, his) = (Agent::new(&service), Agent::new(&service));
    let page = log_in(&service, &hers, "/auth/settings", &alice, &Second::Key).await;
    log_in(&service, &his, "/auth/settings", &bob, &Second::Key).await;
    service.log_in(&alice).await;
    let page = hers.open(page.address.as_str()).await.page();
    let target = page.form("session").unwrap().value("session").unwrap().to_owned();
    let page = his.open("/auth/settings").await.page();
    service.log_in(&bob).await;
    let page = his.open(page.address.as_str()).await.page();
    let form = page.form("session").unwrap().fill("session", &target);
    his.submit(&page, &form).await;
    let still = hers.open("/auth/settings").await.page();
    assert!(
        still
            .form("session")
            .is_some_and(|form| form.value("session") == Some(&target))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_with_the_present_one_and_every_session_ends() {
    let (service, _) = Service::with_clock().await;
    let mut person = service.register("alice").await;
    let (agent, other) = (Agent::new(&service), Agent::new(&service));
    log_in(&service, &other, "/auth/settings", &person, &Second::Key).await;
    let page = log_in(&service, &agent, "/auth/change-password", &person, &Second::Key).await;
    assert_eq!(page.address.path(), "/auth/change-password");
    let change = async |current: &str, new: &str, repeated: &str| {
        let form = page.form("new_password").unwrap();
        let form = form.fill("current_password", current).fill("new_password", new);
        agent
            .submit(&page, &form.fill("repeat_password", repeated))
            .await
            .page()
    };
    for (current, new, repeated, told) in [
        ("", NEW_PASSWORD, NEW_PASSWORD, "Please fill in this field"),
        ("wrong", NEW_PASSWORD, NEW_PASSWORD, "This is not your current password"),
        (PASSWORD, "", "", "Please fill in this field"),
        (PASSWORD, NEW_PASSWORD, "another", "The two passwords are not the same"),
        (PASSWORD, "short", "short", "Use at least 8 characters"),
        (PASSWORD, PASSWORD, PASSWORD, "Choose a password that differs"),
    ] {
        let answer = change(current, new, repeated).await.answer;
        assert!(answer.text().contains(told), "{told}: {}", answer.text());
        assert!(!answer.text().contains(NEW_PASSWORD), "no password is sent back");
    }
    let page = change(PASSWORD, NEW_PASSWORD, NEW_PASSWORD).await;
    assert_eq!(page.address.path(), "/auth/login");
    assert!(
        page.answer.text().contains("Your password has been changed"),
        "{page:?}"
    );
    assert_eq!(other.open("/auth/settings").await.page().address.path(), "/auth/login");
    person.password = NEW_PASSWORD.to_owned();
    let page = log_in(&service, &agent, "/auth/login", &person, &Second::Key).await;
    assert_eq!(page.address.path(), "/auth/settings");
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_others_change_nothing() {
    let (service, clock) = Service::with_clock().await;
    let (_, agent, _, _) = enabled(&service, &clock, "alice").await;
    for path in [
        "/auth/settings/sessions/end",
        "/auth/settings/sessions/end-others",
        "/auth/settings/applications/remove",
        "/auth/two-factor/enable",
        "/auth/two-factor/disable",
        "/auth/two-factor/recovery-codes",
        "/auth/change-password",
        "/auth/forgot-password",
        "/auth/reset-password",
    ] {
        for fields in [&[("x", "y")][..], &[("csrf", "00"), ("step", "name"), ("name", "x")]] {
            let page = agent.post(path, fields).await.page();
            assert_eq!(page.answer.status, 400, "{path}: {page:?}");
            assert!(page.answer.text().contains("This page has expired"), "{path}: {page:?}");
        }
    }
    let page = agent.open("/auth/settings").await.page();
    assert_eq!(page.address.path(), "/auth/settings", "and the session is there still");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_wrong_codes_end_the_session() {
    let (service, clock) = Service::with_clock().await;
    let (_, agent, phone, _) = enabled(&service, &clock, "alice").await;
    let mut page = agent.open("/auth/two-factor/disable").await.page();
    for _ in 0..5 {
        let form = page
            .form("code")
            .unwrap()
            .fill("code", &phone.wrong_code(service.now()));
        page = agent.submit(&page, &form).await.page();
        assert_eq!(page.address.path(), "/auth/two-factor/disable");
    }
    let form = page.form("code").unwrap().fill("code", &phone.code(service.now()));
    let page = agent.submit(&page, &form).await.page();
    assert_eq!(page.address.path(), "/auth/login", "{page:?}");
}
