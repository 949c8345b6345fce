//! The Orion profile, with the requests of that service's own documentation, sent by `curl` as they stand there.

use std::time::Duration;

use serde_json::json;
use tests::token::{claims, header, verify};
use tests::tool::{printed, run};
use tests::{Phone, Service, Setup};

const ADDRESS: &str = "http://localhost:8080";

/// The account of the documentation, brought as its migration would bring it: with a password that nobody could register.
async fn service() -> (Service, std::sync::Arc<testkit::clock::ManualClock>) {
    let clock = std::sync::Arc::new(testkit::clock::ManualClock::default());
    let service = Setup::default()
        .clock(&clock)
        .set("compat.orion.enabled", "true")
        .set("http.public_url", ADDRESS)
        .start()
        .await;
    tests::person::import(service.app(), "orion@test.com", "12345678").await;
    (service, clock)
}

struct Curled {
    status: String,
    content_type: String,
    body: Vec<u8>,
}

/// Sends what the documentation has, to that address: only the connection goes to the port of this test.
async fn curl(service: &Service, path: &str, fields: &[&str]) -> Option<Curled> {
    let folder = tempfile::tempdir().unwrap();
    let answer = folder.path().join("answer");
    let to = format!("localhost:8080:127.0.0.1:{}", service.address().port());
    let url = format!("{ADDRESS}{path}");
    let mut arguments = vec![
        "--silent",
        "--show-error",
        "--connect-to",
        &to,
        "--write-out",
        "%{http_code} %{content_type}",
        "--output",
        answer.to_str().unwrap(),
        "-X",
        "POST",
        &url,
        "--header",
        "Accept: */*",
        "--header",
        "User-Agent: Thunder Client (https://www.thunderclient.com)",
        "--header",
        "Content-Type: application/x-www-form-urlencoded",
    ];
    for field in fields {
        arguments.extend(["--data-urlencode", field]);
    }
    let said = printed("curl", &arguments, &[]).await?;
    let (status, content_type) = said.split_once(' ').unwrap();
    Some(Curled {
        status: status.to_owned(),
        content_type: content_type.to_owned(),
        body: std::fs::read(answer).unwrap(),
    })
}

async fn scan(picture: &[u8]) -> Option<Phone> {
    let file = tempfile::NamedTempFile::with_suffix(".png").unwrap();
    std::fs::write(file.path(), picture).unwrap();
    let uri = printed("zbarimg", &["--quiet", "--raw", file.path().to_str().unwrap()], &[]).await?;
    let issuer = "Orion%20User%20Service";
    assert!(
        uri.starts_with(&format!("otpauth://totp/{issuer}%3Aorion%40test.com?secret="))
            && uri.ends_with(&format!("&issuer={issuer}")),
        "{uri}"
    );
    Some(Phone::scan(&uri))
}

#[tokio::test]
async fn the_documented_requests_work_as_they_stand() {
    let (service, clock) = service().await;
    let qr_code = "/api/users/google/2FAuth/qrCode";
    let fields = ["email=orion@test.com", "password=12345678"];
    let Some(picture) = curl(&service, qr_code, &fields).await else {
        return;
    };
    assert_eq!(
        (picture.status.as_str(), picture.content_type.as_str()),
        ("200", "image/png")
    );
    // Width and height are the first two numbers of a PNG's header.
    assert_eq!(picture.body[16..24], [0, 0, 1, 144, 0, 0, 1, 144], "400 by 400 pixels");
    let Some(phone) = scan(&picture.body).await else {
        return;
    };

    let code = format!("code={}", phone.code(service.now()));
    let validate = "/api/users/google/2FAuth/validate";
    let answer = curl(&service, validate, &["email=orion@test.com", &code])
        .await
        .unwrap();
    assert_eq!(answer.status, "200");
    assert!(answer.content_type.starts_with("text/plain"), "{}", answer.content_type);
    let token = String::from_utf8(answer.body).unwrap();
    let said = claims(&token);
    assert_eq!(header(&token)["alg"], "RS256");
    assert_eq!(header(&token)["typ"], "JWT");
    assert_eq!(said["iss"], "orion-users");
    assert_eq!(
        (&said["upn"], &said["email"]),
        (&json!("orion@test.com"), &json!("orion@test.com"))
    );
    assert_eq!(said["groups"], json!(["user"]));
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 300);
    assert_eq!(said["amr"], json!(["pwd", "otp"]));
    let jwks = service.jwks().await;
    assert!(
        jwks["keys"]
            .as_array()
            .unwrap()
            .iter()
            .any(|key| key["kid"] == header(&token)["kid"])
    );
    // Its form is no access token's, whatever the key says.
    assert_eq!(service.resource(&token).await, 401);
    assert!(
        verify(&jwks, &token, "orion-users", ADDRESS).is_err(),
        "it names no audience"
    );

    // The next login, as that service's clients do it.
    clock.advance(Duration::from_secs(30));
    let code = format!("code={}", phone.code(service.now()));
    let early = curl(&service, validate, &["email=orion@test.com", &code])
        .await
        .unwrap();
    assert_eq!(early.status, "401", "the password was proved for one login");
    let again = curl(&service, qr_code, &fields).await.unwrap();
    assert_eq!(
        again.status, "409",
        "the secret of a confirmed authenticator is not shown"
    );
    let answer = curl(&service, validate, &["email=orion@test.com", &code])
        .await
        .unwrap();
    assert_eq!(answer.status, "200");
}

#[tokio::test]
async fn the_documentations_slip_is_told_by_name() {
    let (service, _) = service().await;
    // It sends e-mail and code to the address of the picture.
    let fields = ["email=orion@test.com", "code=123456"];
    let Some(answer) = curl(&service, "/api/users/google/2FAuth/qrCode", &fields).await else {
        return;
    };
    assert_eq!(answer.status, "400");
    let body = String::from_utf8(answer.body).unwrap();
    assert!(body.contains(r#""field":"generateQRCode.password""#), "{body}");
}

#[tokio::test]
async fn an_owner_with_a_brought_password_is_told_to_change_it() {
    let (service, _) = service().await;
    let login = [("email", "orion@test.com"), ("password", "12345678")];
    let answer = service
        .post("/users/google/2FAuth/qrCode")
        .form(&login)
        .await
        .expect(200);
    let file = tempfile::NamedTempFile::with_suffix(".png").unwrap();
    std::fs::write(file.path(), &answer.body).unwrap();
    let arguments = ["--quiet", "--raw", file.path().to_str().unwrap()];
    let Some(output) = run("zbarimg", &arguments, &[]).await else {
        return;
    };
    let phone = Phone::scan(String::from_utf8(output.stdout).unwrap().trim());
    let code = phone.code(service.now());
    let second = [("email", "orion@test.com"), ("code", code.as_str())];
    let envelope = service.post("/users/login/2fa").form(&second).await.expect(200).json();
    assert_eq!(envelope["message"], "Change your password");
    assert_eq!(envelope["authentication"]["user"]["using2FA"], true);
    assert_eq!(envelope["authentication"]["user"]["secret2FA"], json!(null));
}
