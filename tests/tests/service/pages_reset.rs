//! Lost passwords: asking for help, and setting a new one by a link.

use std::time::Duration;

use serde_json::json;
use tests::agent::{Agent, Page};
use tests::{PASSWORD, Person, Phone, Service};

const NEW_PASSWORD: &str = "a new battery for the staple";

/// A link for this account, as an administrator gets it: the address below the service.
async fn link(service: &Service, admin: &str, person: &Person) -> String {
    let path = format!("/v1/admin/users/{}/password-reset", person.id);
    let made = service.post(&path).bearer(admin).await.expect_json(201);
    let url = made["url"].as_str().unwrap();
    assert!(url.starts_with(service.issuer()), "{url}");
    url[service.issuer().len()..].to_owned()
}

async fn set(agent: &Agent, page: &Page, new: &str) -> Page {
    let form = page
        .form("new_password")
        .unwrap_or_else(|| panic!("nothing to set: {page:?}"));
    let form = form.fill("new_password", new).fill("repeat_password", new);
    agent.submit(page, &form).await.page()
}

async fn status_of(service: &Service, person: &Person, password: &str, second: &serde_json::Value) -> u16 {
    let mut body = json!({"username": person.username, "password": password});
    for (name, value) in second.as_object().unwrap() {
        body[name] = value.clone();
    }
    service.token(&body).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_asks_for_the_code_before_the_new_password_and_works_once() {
    let (service, clock) = Service::with_clock().await;
    let person = service.register("alice").await;
    let admin = service.admin_token().await;
    let phone = Phone::import(service.app(), &person, "Phone").await;
    let session = service.token(&person.credentials()).await.expect_json(200);
    let link = link(&service, &admin, &person).await;
    let agent = Agent::new(&service);
    for _ in 0..2 {
        agent.open(&link).await.page();
    }
    let page = agent.open(&link).await.page();
    assert!(
        page.form("new_password").is_none(),
        "a link is not enough alone: {page:?}"
    );
    let page = {
        let wrong = page
            .form("code")
            .unwrap()
            .fill("code", &phone.wrong_code(service.now()));
        agent.submit(&page, &wrong).await.page()
    };
    assert!(page.answer.text().contains("That code was not accepted"), "{page:?}");
    let right = page.form("code").unwrap().fill("code", &phone.code(service.now()));
    let page = agent.submit(&page, &right).await.page();
    assert_eq!(
        (page.address.path(), page.address.query()),
        ("/auth/reset-password", None)
    );
    let spent = Agent::new(&service).open(&link).await.page();
    assert_eq!(spent.answer.status, 400, "the link was used: {spent:?}");

    let page = {
        let weak = set(&agent, &page, "password").await;
        assert!(weak.answer.text().contains("Choose another"), "{weak:?}");
        weak
    };
    assert_eq!(
        service.resource(session["access_token"].as_str().unwrap()).await,
        200,
        "nothing has changed yet"
    );
    let page = set(&agent, &page, NEW_PASSWORD).await;
    assert_eq!(page.address.path(), "/auth/login", "nobody is logged in by a link");
    assert!(
        page.answer.text().contains("Your password has been changed"),
        "{page:?}"
    );
    assert_eq!(service.resource(session["access_token"].as_str().unwrap()).await, 401);
    let again = agent.open("/auth/reset-password").await.page();
    assert_eq!(again.answer.status, 400, "{again:?}");

    assert_eq!(
        status_of(
            &service,
            &person,
            NEW_PASSWORD,
            &json!({"otp": phone.code(service.now())})
        )
        .await,
        401,
        "the code was spent by the reset"
    );
    clock.advance(Duration::from_secs(30));
    let code = json!({"otp": phone.code(service.now())});
    assert_eq!(status_of(&service, &person, NEW_PASSWORD, &code).await, 200);
    assert_eq!(
        status_of(&service, &person, PASSWORD, &json!({"secret_key": person.secret_key})).await,
        401
    );
    let kinds = [
        "password_reset.issued",
        "password_reset.refused",
        "password_reset.proved",
        "password.reset",
    ];
    let admin = service.admin("root2").await;
    let admin = service.log_in(&admin).await.access;
    for kind in kinds {
        assert_eq!(service.events(&admin, kind).await.len(), 1, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_authenticator_the_secret_key_is_asked_for() {
    let (service, _) = Service::with_clock().await;
    let person = service.register("alice").await;
    let admin = service.admin_token().await;
    let link = link(&service, &admin, &person).await;
    let agent = Agent::new(&service);
    let page = agent.open(&link).await.page();
    let form = page.form("code").unwrap();
    assert_eq!(form.value("factor"), Some("secret_key"));
    let page = agent.submit(&page, &form.fill("code", &person.secret_key)).await.page();
    let page = set(&agent, &page, NEW_PASSWORD).await;
    assert_eq!(page.address.path(), "/auth/login");
    assert_eq!(
        status_of(
            &service,
            &person,
            NEW_PASSWORD,
            &json!({"secret_key": person.secret_key})
        )
        .await,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_any_second_factor_sets_the_password_at_once() {
    let service = Service::with(|setup| setup.set("accounts.first_factor", "enrolment")).await;
    let body = json!({"username": "alice", "password": PASSWORD});
    let made = service.post("/v1/users").json(&body).await.expect_json(201);
    let id = made["id"].as_str().unwrap().to_owned();
    let id = domain::id::UserId::parse(&id).unwrap();
    let actor = application::actor::Actor::Operator;
    let issued = service
        .app()
        .reset_passwords
        .issue(&actor, id, &domain::session::Origin::default())
        .await;
    let url = issued.unwrap_or_else(|error| panic!("{error}")).url;
    let agent = Agent::new(&service);
    let page = agent.open(&url[service.issuer().len()..]).await.page();
    let page = set(&agent, &page, NEW_PASSWORD).await;
    assert_eq!(page.address.path(), "/auth/login");
    let answer = service
        .token(&json!({"username": "alice", "password": NEW_PASSWORD}))
        .await;
    answer.expect_problem(403, "enrolment_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_are_unknown_old_or_replaced_all_get_the_same_answer() {
    let (service, clock) = Service::with_clock().await;
    let person = service.register("alice").await;
    let admin = service.admin_token().await;
    let replaced = link(&service, &admin, &person).await;
    let old = link(&service, &admin, &person).await;
    let agent = Agent::new(&service);
    agent.open(&old).await.page().form("code").expect("good so far");
    clock.advance(Duration::from_mins(15));
    let unknown = format!("{}x", &old[..old.len() - 1]);
    for path in [
        replaced.as_str(),
        &old,
        &unknown,
        "/auth/reset-password",
        "/auth/reset-password?token=a&token=b",
    ] {
        let page = agent.open(path).await.page();
        assert_eq!(page.answer.status, 400, "{path}");
        assert!(
            page.answer.text().contains("This link is no longer valid"),
            "{path}: {page:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_by_a_link_count_as_guesses_at_a_login() {
    let (service, _) = Service::with_clock().await;
    let person = service.register("alice").await;
    let admin = service.admin_token().await;
    let phone = Phone::import(service.app(), &person, "Phone").await;
    let link = link(&service, &admin, &person).await;
    let agent = Agent::new(&service);
    for _ in 0..5 {
        let page = agent.open(&link).await.page();
        let wrong = page
            .form("code")
            .unwrap()
            .fill("code", &phone.wrong_code(service.now()));
        agent.submit(&page, &wrong).await.page();
    }
    let page = agent.open(&link).await.page();
    let right = page.form("code").unwrap().fill("code", &phone.code(service.now()));
    let page = agent.submit(&page, &right).await.page();
    assert!(page.answer.text().contains("That code was not accepted"), "{page:?}");
    let login = phone.code(service.now());
    assert_eq!(
        status_of(&service, &person, PASSWORD, &json!({"otp": login})).await,
        401,
        "one budget for both"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_use_one_link_at_once_one_gets_through() {
    let service = Service::sqlite().await;
    let person = service.register("alice").await;
    let admin = service.admin_token().await;
    let link = link(&service, &admin, &person).await;
    let agents: Vec<_> = (0..6).map(|_| Agent::new(&service)).collect();
    let tries = agents.iter().map(async |agent| {
        let page = agent.open(&link).await.page();
        let form = page.form("code").unwrap().fill("code", &person.secret_key);
        agent.submit(&page, &form).await.page().form("new_password").is_some()
    });
    let through = futures_util::future::join_all(tries).await;
    assert_eq!(through.iter().filter(|got| **got).count(), 1, "{through:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_help_is_answered_alike_and_put_on_record() {
    let (service, _) = Service::with_clock().await;
    let person = service.register("alice").await;
    let admin = service.admin_token().await;
    let agent = Agent::new(&service);
    let page = agent.open("/auth/login").await.page();
    assert!(
        page.answer.text().contains("href=\"/auth/forgot-password\""),
        "{page:?}"
    );
    let mut answers = Vec::new();
    for name in ["alice", "nobody", "nobody@example.org", "no name at all"] {
        let page = agent.open("/auth/forgot-password").await.page();
        let form = page.form("username").unwrap().fill("username", name);
        let page = agent.submit(&page, &form).await.page();
        assert!(page.answer.text().contains("Your request has been noted"), "{page:?}");
        assert!(page.form("username").is_none());
        answers.push(without_nonce(&page.answer.text()));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    let noted = service.events(&admin, "recovery.requested").await;
    assert_eq!(noted.len(), 3, "{noted:?}");
    assert_eq!(
        noted
            .iter()
            .filter(|event| event["subject"] == json!(person.id))
            .count(),
        1
    );
    let page = agent.open("/auth/forgot-password").await.page();
    let empty = agent.submit(&page, &page.form("username").unwrap()).await.page();
    assert!(empty.answer.text().contains("Please fill in this field"), "{empty:?}");
}

/// The page without what is random in each answer.
fn without_nonce(page: &str) -> String {
    let mut parts = page.split("nonce=\"");
    let mut kept = parts.next().unwrap().to_owned();
    for part in parts {
        kept.push_str(part.split_once('"').unwrap().1);
    }
    kept
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_make_links_and_none_for_themselves() {
    let (service, _) = Service::with_clock().await;
    let (person, tokens) = service.logged_in("alice").await;
    let root = service.admin("root").await;
    let admin = service.log_in(&root).await.access;
    let path = |id: &str| format!("/v1/admin/users/{id}/password-reset");
    let denied = service.post(&path(&person.id)).bearer(&tokens.access).await;
    assert_eq!(denied.status, 403);
    service
        .post(&path(&person.id))
        .await
        .expect_problem(401, "token_required");
    service
        .post(&path(&root.id))
        .bearer(&admin)
        .await
        .expect_problem(409, "own_account");
    let nobody = "00000000-0000-4000-8000-000000000000";
    service
        .post(&path(nobody))
        .bearer(&admin)
        .await
        .expect_problem(404, "not_found");
}
