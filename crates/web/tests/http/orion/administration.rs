//! Looking after the accounts of others.

use application::accounts::NewUser;
use application::actor::Actor;
use application::core::{CodeOnly, FirstFactor, Registration};
use domain::secret::Password;
use domain::session::Origin;
use domain::user::Role;
use domain::username::Username;
use poem::http::Method;

use super::accounts::{NEW_PASSWORD, update, user};
use super::*;
use crate::service::options;

/// An administrator at the profile; returns a token of the profile.
pub async fn administrator(service: &Service) -> String {
    let email = "root@test.com";
    let new = NewUser {
        username: Username::new("root").unwrap(),
        password: Password::new(PASSWORD).unwrap(),
        email: Some(Email::new(email).unwrap()),
        display_name: None,
        role: Role::Admin,
        first_factor: Some(FirstFactor::Enrolment),
    };
    let register = &service.app.register;
    register
        .execute(Some(&Actor::Operator), new, &Origin::default())
        .await
        .unwrap();
    let fields = [("email", email), ("password", PASSWORD)];
    assert_eq!(send(service, "/users/google/2FAuth/qrCode", &fields).await.status, 200);
    token(service, email).await
}

#[tokio::test]
async fn administrators_look_after_the_accounts_of_others() {
    let service = Service::orion().await;
    let hash = enrolled(&service, EMAIL).await;
    create(&service, "other@test.com").await;
    let owner = token(&service, EMAIL).await;
    let admin = administrator(&service).await;
    let find = |email: &str| Call::new(Method::GET, &format!("/users/by-email?email={email}"));
    let delete = |email: &'static str| Call::form("/users/delete", &[("email", email)]);
    for call in [Call::new(Method::GET, "/users/list"), find(EMAIL), delete(EMAIL)] {
        let answer = service.call(call.bearer(&owner)).await;
        assert_violation(&answer, 403, "Only administrators can do this");
        assert!(answer.header("www-authenticate").contains("insufficient_scope"));
    }
    let list = service.get("/users/list", &admin).await.json();
    let emails: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["email"].as_str().unwrap())
        .collect();
    assert_eq!(emails, [EMAIL, "other@test.com", "root@test.com"]);
    assert_eq!(list[0], user(&hash, "Orion", EMAIL, true));
    assert_eq!(list[1]["using2FA"], false);
    let found = service.call(find(EMAIL).bearer(&admin)).await;
    assert_eq!(
        (found.status.as_u16(), found.json()),
        (200, user(&hash, "Orion", EMAIL, true))
    );
    assert_violation(
        &service.call(find("nobody@test.com").bearer(&admin)).await,
        404,
        "User not found",
    );
    assert_eq!(
        service.call(find("").bearer(&admin)).await.json()["violations"][0]["field"],
        "findByEmail.email"
    );

    let fields = [("email", EMAIL), ("name", "Renamed"), ("newPassword", NEW_PASSWORD)];
    let answer = update(&service, &admin, &fields).await;
    let expected = json!({ "authentication": null, "requires2FA": false, "message": "Updated" });
    assert_eq!((answer.status.as_u16(), answer.json()), (200, expected));
    assert_eq!(service.call(find(EMAIL).bearer(&admin)).await.json()["name"], "Renamed");
    assert_violation(
        &update(&service, &owner, &[("email", EMAIL)]).await,
        401,
        "The token is not accepted",
    );
    let unknown = update(&service, &admin, &[("email", "nobody@test.com"), ("name", "x")]).await;
    assert_violation(&unknown, 400, "User not found");

    service.clock.advance(STEP);
    let deleted = service.call(delete("other@test.com").bearer(&admin)).await;
    assert_eq!((deleted.status.as_u16(), deleted.json()), (200, json!(true)));
    assert_violation(
        &service.call(delete("other@test.com").bearer(&admin)).await,
        400,
        "User not found",
    );
    let last = service.call(delete("root@test.com").bearer(&admin)).await;
    assert_violation(&last, 409, "this is the last active administrator");
}

#[tokio::test]
async fn a_code_alone_makes_no_administrator() {
    let service = Service::orion_with(CodeOnly::Allowed, Registration::Open, options()).await;
    administrator(&service).await;
    let email = "root@test.com";
    create(&service, EMAIL).await;
    let right = code(&service, email).await;
    let login = send(
        &service,
        "/api/users/google/2FAuth/validate",
        &[("email", email), ("code", &right)],
    )
    .await;
    assert_eq!(login.status, 200, "{}", login.text);
    let message = "Log in again with your password and a 2FA code";
    for call in [
        Call::new(Method::GET, "/users/list"),
        Call::new(Method::GET, "/users/by-email?email=orion@test.com"),
        Call::form("/users/delete", &[("email", EMAIL)]),
        Call::form_by(Method::PUT, "/users/update", &[("email", EMAIL), ("name", "x")]),
    ] {
        let answer = service.call(call.bearer(&login.text)).await;
        assert_violation(&answer, 401, message);
        assert!(
            answer
                .header("www-authenticate")
                .contains("insufficient_user_authentication")
        );
    }
}
