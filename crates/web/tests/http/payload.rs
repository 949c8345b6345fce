//! Bodies that are not what an operation takes: each is a 4xx that names everything that is wrong with it.

use crate::service::{Call, PASSWORD, Service};
use poem::http::Method;
use serde_json::json;

struct Bad {
    path: &'static str,
    body: &'static str,
    pointers: &'static [&'static str],
}

const fn bad(path: &'static str, body: &'static str, pointers: &'static [&'static str]) -> Bad {
    Bad { path, body, pointers }
}

const USERS: &str = "/v1/users";
const TOKEN: &str = "/v1/token";

const BAD: &[Bad] = &[
    bad(USERS, "", &[""]),
    bad(USERS, "  \n ", &[""]),
    bad(USERS, "{", &[""]),
    bad(USERS, "{}}", &[""]),
    bad(USERS, "nonsense", &[""]),
    bad(USERS, "{\"username\":\"bob\",}", &[""]),
    bad(USERS, "null", &[""]),
    bad(USERS, "[]", &[""]),
    bad(USERS, "\"text\"", &[""]),
    bad(USERS, "42", &[""]),
    bad(USERS, "{}", &["/password", "/username"]),
    bad(USERS, r#"{"username":"bob"}"#, &["/password"]),
    bad(
        USERS,
        r#"{"username":null,"password":null}"#,
        &["/password", "/username"],
    ),
    bad(USERS, r#"{"username":1,"password":true}"#, &["/password", "/username"]),
    bad(
        USERS,
        r#"{"username":["bob"],"password":{"x":"hunter22"}}"#,
        &["/password", "/username"],
    ),
    bad(
        USERS,
        r#"{"username":"bob","password":"hunter2222","admin":true}"#,
        &["/admin"],
    ),
    bad(
        USERS,
        r#"{"username":"bob","password":"hunter2222","role":"admin"}"#,
        &["/role"],
    ),
    bad(
        USERS,
        r#"{"username":"bob","password":"hunter2222","a/b~c":1}"#,
        &["/a~1b~0c"],
    ),
    bad(USERS, r#"{"username":"","password":"hunter2222"}"#, &["/username"]),
    bad(USERS, r#"{"username":"a b","password":"hunter2222"}"#, &["/username"]),
    bad(USERS, r#"{"username":"a:b","password":"hunter2222"}"#, &["/username"]),
    bad(
        USERS,
        r#"{"username":"a\u0000","password":"hunter2222"}"#,
        &["/username"],
    ),
    bad(
        USERS,
        r#"{"username":"bob","password":"hunter2222","email":"bob"}"#,
        &["/email"],
    ),
    bad(
        USERS,
        r#"{"username":"bob","password":"hunter2222","email":1}"#,
        &["/email"],
    ),
    bad(
        USERS,
        r#"{"username":"bob","password":"hunter2222","display_name":" "}"#,
        &["/display_name"],
    ),
    bad(
        USERS,
        r#"{"username":"a b","email":"x","display_name":"","extra":1,"password":[]}"#,
        &["/display_name", "/email", "/extra", "/password", "/username"],
    ),
    bad(
        USERS,
        r#"{"username":"bob","username":"eve","password":"hunter2222"}"#,
        &["/username"],
    ),
    bad(
        USERS,
        r#"{"username":"bob","user\u006eame":"eve","password":"hunter2222"}"#,
        &["/username"],
    ),
    bad(TOKEN, "{}", &["/password", "/username"]),
    bad(TOKEN, r#"{"username":"bob"}"#, &["/password"]),
    bad(TOKEN, r#"{"username":"bob","password":"x","use":"twice"}"#, &["/use"]),
    bad(TOKEN, r#"{"username":"bob","password":"x","use":1}"#, &["/use"]),
    bad(TOKEN, r#"{"auth_session":"x"}"#, &["/otp"]),
    bad(
        TOKEN,
        r#"{"auth_session":"x","username":"bob","password":"y"}"#,
        &["/otp", "/password", "/username"],
    ),
    bad("/v1/token/refresh", "{}", &["/refresh_token"]),
    bad("/v1/token/refresh", r#"{"refresh_token":7}"#, &["/refresh_token"]),
    bad("/v1/token/revoke", r#"{"token_type_hint":"access_token"}"#, &["/token"]),
    bad("/v1/token/revoke", r#"{"token":"x","token":"y"}"#, &["/token"]),
];

#[tokio::test]
async fn every_bad_body_is_a_bad_request_that_names_all_its_faults() {
    let service = Service::open().await;
    for Bad { path, body, pointers } in BAD {
        let answer = service.call(Call::post(path, body)).await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(&answer.pointers(), pointers, "{path} {body}: {}", answer.text);
        assert!(
            !answer.text.contains("hunter"),
            "repeats what was sent: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn numbers_must_be_whole_and_within_their_bounds() {
    let service = Service::open().await;
    let login = service.login("carol", domain::user::Role::User).await;
    let token = login["access_token"].as_str().unwrap();
    for seconds in ["-1", "604801", "1.5", "1e3", "\"60\"", "true", "99999999999999999999"] {
        let body = format!(r#"{{"secret_key":"x","overlap_seconds":{seconds}}}"#);
        let answer = service
            .call(Call::post("/v1/me/secret-key/rotate", &body).bearer(token))
            .await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.pointers(), ["/overlap_seconds"], "{seconds}");
    }
    let body = r#"{"secret_key":"x","expires_in":59}"#;
    let answer = service
        .call(Call::post("/v1/me/secret-key/rotate", body).bearer(token))
        .await;
    assert_eq!(answer.pointers(), ["/expires_in"]);
}

#[tokio::test]
async fn bytes_that_are_no_text_and_depth_without_end_are_bad_requests() {
    let service = Service::open().await;
    let invalid_utf_8 = b"{\"username\":\"\xff\",\"password\":\"x\"}";
    let deep = "[".repeat(10_000);
    for body in [invalid_utf_8.as_slice(), deep.as_bytes()] {
        let call = Call::new(Method::POST, USERS)
            .header("content-type", "application/json")
            .body(body);
        let answer = service.call(call).await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.pointers(), [""]);
    }
}

#[tokio::test]
async fn only_json_is_accepted_as_json() {
    let service = Service::open().await;
    let body = json!({ "username": "bob", "password": PASSWORD }).to_string();
    let refused = [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/problem+json",
        "application/json; charset=utf-16",
        "application/jsonx",
        "",
        "nonsense",
    ];
    for media_type in refused {
        let call = Call::new(Method::POST, USERS)
            .header("content-type", media_type)
            .body(body.as_bytes());
        service.call(call).await.assert_problem(415, "unsupported_media_type");
    }
    let none = Call::new(Method::POST, USERS).body(body.as_bytes());
    service.call(none).await.assert_problem(415, "unsupported_media_type");
    for (number, media_type) in [
        "application/json; charset=UTF-8",
        "Application/JSON",
        "application/json;v=1",
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({ "username": format!("bob{number}"), "password": PASSWORD }).to_string();
        let call = Call::new(Method::POST, USERS)
            .header("content-type", media_type)
            .body(body.as_bytes());
        assert_eq!(service.call(call).await.status, 201, "{media_type}");
    }
}

#[tokio::test]
async fn null_in_an_optional_field_is_as_good_as_leaving_it_out() {
    let service = Service::open().await;
    let body = json!({ "username": "bob", "password": PASSWORD, "email": null, "display_name": null });
    let answer = service.post(USERS, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let json = answer.json();
    assert!(json.get("email").is_none() && json.get("display_name").is_none());
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_announced_or_not() {
    let service = Service::open().await;
    let large = format!(r#"{{"username":"{}"}}"#, "a".repeat(64 * 1024));
    let announced = Call::post(USERS, &large);
    service.call(announced).await.assert_problem(413, "body_too_large");
    let chunked = Call::post(USERS, &large).without_length();
    service.call(chunked).await.assert_problem(413, "body_too_large");
    let liar = Call::post(USERS, "{}").announcing("99999999999999999999999");
    assert!(service.call(liar).await.status.is_client_error());
}

#[tokio::test]
async fn a_query_parameter_of_another_type_is_named_and_not_repeated() {
    let service = Service::open().await;
    let token = service.token("root", domain::user::Role::Admin).await;
    let cases = [
        ("/v1/admin/users?limit=0", "query:limit"),
        ("/v1/admin/users?limit=201", "query:limit"),
        ("/v1/admin/users?limit=hunter2", "query:limit"),
        ("/v1/admin/users?cursor=hunter2!", "query:cursor"),
        ("/v1/admin/users?cursor=QQ", "query:cursor"),
        ("/v1/admin/users?state=hunter2", "query:state"),
        ("/v1/admin/events?limit=-1", "query:limit"),
        ("/v1/admin/events?before=hunter2", "query:before"),
        ("/v1/admin/events?kind=hunter2", "query:kind"),
        ("/v1/admin/events?subject=hunter2", "query:subject"),
    ];
    for (path, pointer) in cases {
        let answer = service.get(path, &token).await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.pointers(), [pointer], "{path}");
        assert!(!answer.text.contains("hunter2"), "{}", answer.text);
        let ours = !answer.text.contains("occurred") && !answer.text.contains("optional_");
        assert!(ours, "the framework's words: {}", answer.text);
    }
}

#[tokio::test]
async fn a_query_parameter_that_is_sent_twice_is_named() {
    let service = Service::open().await;
    let token = service.token("root", domain::user::Role::Admin).await;
    let cases: [(&str, &[&str]); 4] = [
        ("/v1/admin/users?limit=1&limit=200", &["query:limit"]),
        ("/v1/admin/users?limit=1&limit=200&limit=3", &["query:limit"]),
        (
            "/v1/admin/users?search=a&l%69mit=1&search=b&limit=1",
            &["query:limit", "query:search"],
        ),
        ("/v1/admin/events?before=9&before=9", &["query:before"]),
    ];
    for (path, pointers) in cases {
        let answer = service.get(path, &token).await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.pointers(), pointers, "{path}");
    }
    let many: Vec<String> = (0..1_000).map(|number| format!("{number}=1&{number}=2")).collect();
    let answer = service
        .get(&format!("/v1/admin/users?{}", many.join("&")), &token)
        .await;
    answer.assert_problem(400, "invalid_request");
    assert_eq!(answer.pointers().len(), 20);
    assert_eq!(service.get("/v1/admin/users?limit=1", &token).await.status, 200);
}
