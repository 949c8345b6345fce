//! Bodies that are made to cost more than they weigh.

use crate::service::{Call, Service};
use poem::http::Method;

const REVOKE: &str = "/v1/token/revoke";

/// Bodies of up to 64 KiB.
fn hostile() -> Vec<(&'static str, String)> {
    const LIMIT: usize = 64 * 1024;
    let nested = |depth: usize, name: &str, inner: &str| {
        let open = format!("{{\"{name}\":").repeat(depth);
        let room = LIMIT - open.len() - depth - 2;
        let members = vec![inner; room / (inner.len() + 1)].join(",");
        format!("{open}{{{members}}}{}", "}".repeat(depth))
    };
    let unknown: Vec<String> = (0..6_000).map(|number| format!("\"{number}\":0")).collect();
    let control: Vec<String> = (0..150)
        .map(|number| format!("\"{number}{}\":0", "\\u0001".repeat(64)))
        .collect();
    let tildes = "~".repeat(64);
    vec![
        ("deep and repeated", nested(120, &tildes, "\"\":0")),
        ("deep as may be, and repeated", nested(7, &tildes, "\"\":0")),
        ("quotes, deep and repeated", nested(7, &"\\\"".repeat(64), "\"\":0")),
        ("repeated", nested(0, "", "\"\":0")),
        (
            "long names, repeated",
            nested(0, "", &format!("\"{}\":0", "\\u0001".repeat(64))),
        ),
        ("unknown", format!("{{{}}}", unknown.join(","))),
        ("unknown, of control characters", format!("{{{}}}", control.join(","))),
        ("an array", format!("[{}0]", "0,".repeat(30_000))),
        ("arrays", "[".repeat(LIMIT)),
        ("objects", "{\"\":".repeat(LIMIT / 4)),
    ]
}

#[tokio::test]
async fn a_hostile_body_gets_a_small_answer() {
    let service = Service::open().await;
    for (name, body) in hostile() {
        assert!(body.len() <= 64 * 1024, "{name}: {}", body.len());
        for path in [REVOKE, "/v1/users", "/v1/token"] {
            let answer = service.call(Call::post(path, &body)).await;
            answer.assert_problem(400, "invalid_request");
            assert!(answer.text.len() < 16 * 1024, "{name} {path}: {}", answer.text.len());
            let pointers = answer.pointers();
            assert!(pointers.len() <= 20, "{name} {path}: {}", pointers.len());
            assert!(pointers.iter().all(|pointer| pointer.len() <= 256), "{name} {path}");
        }
    }
    let form = "token=a&".repeat(8_000);
    let call = Call::new(Method::POST, REVOKE)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.as_bytes());
    let answer = service.call(call).await;
    answer.assert_problem(400, "invalid_request");
    assert!(answer.text.len() < 16 * 1024, "{}", answer.text.len());
}

#[tokio::test]
async fn an_answer_that_leaves_faults_out_says_so() {
    let service = Service::open().await;
    let unknown = |count: usize| {
        let members: Vec<String> = (0..count).map(|number| format!("\"{number}\":0")).collect();
        format!("{{\"token\":\"x\",{}}}", members.join(","))
    };
    for (count, told, says_so) in [(20, 20, false), (21, 20, true)] {
        let answer = service.call(Call::post(REVOKE, &unknown(count))).await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.pointers().len(), told);
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert_eq!(detail.contains("More is wrong"), says_so, "{detail}");
    }
}
