//! Codes and pictures that other people's programs make and read: `oathtool`, pyotp, `zbarimg`.

use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use domain::authenticator::{OtpKind, OtpParameters};
use domain::one_time_code::{Digits, HashAlgorithm};
use domain::totp::Period;
use serde_json::{Value, json};
use tests::tool::{printed, python, run};
use tests::{Person, Phone, Service, Tokens};

const PYOTP: &str = "
import hashlib, pyotp, sys
secret, digits, algorithm, period, at = sys.argv[1:6]
digest = {'SHA1': hashlib.sha1, 'SHA256': hashlib.sha256, 'SHA512': hashlib.sha512}[algorithm]
print(pyotp.TOTP(secret, digits=int(digits), digest=digest, interval=int(period)).at(int(at)))
";

const PYOTP_URI: &str = "
import pyotp, sys
read = pyotp.parse_uri(sys.argv[1])
print(read.name, read.issuer, read.at(int(sys.argv[2])))
";

fn base32(phone: &Phone) -> String {
    let [bytes, _, _] = phone.secret_forms();
    BASE32_NOPAD.encode(&bytes)
}

async fn log_in_with(service: &Service, person: &Person, otp: &str) {
    let granted = service.token(&person.with_otp(otp)).await.expect_json(200);
    assert_eq!(service.resource(granted["access_token"].as_str().unwrap()).await, 200);
}

fn every_kind() -> impl Iterator<Item = (HashAlgorithm, Digits, Period)> {
    HashAlgorithm::ALL.into_iter().flat_map(|algorithm| {
        [Digits::Six, Digits::Eight].into_iter().flat_map(move |digits| {
            [Period::Thirty, Period::Sixty]
                .into_iter()
                .map(move |period| (algorithm, digits, period))
        })
    })
}

#[tokio::test]
async fn codes_of_oathtool_and_pyotp_are_accepted() {
    let (service, clock) = Service::with_clock().await;
    for (number, (algorithm, digits, period)) in every_kind().enumerate() {
        let person = service.register(&format!("user{number}")).await;
        let parameters = OtpParameters {
            kind: OtpKind::Totp(period),
            algorithm,
            digits,
        };
        let phone = Phone::import_as(service.app(), &person, "Phone", parameters).await;
        let secret = base32(&phone);
        let (seconds, digits) = (period.seconds().to_string(), digits.number().to_string());
        let at = service.now().seconds().to_string();

        let kind = format!("--totp={}", algorithm.name().to_lowercase());
        let (step, now) = (format!("--time-step-size={seconds}s"), format!("--now=@{at}"));
        let length = format!("--digits={digits}");
        let arguments = [kind.as_str(), "--base32", &length, &step, &now, "-"];
        let Some(code) = printed("oathtool", &arguments, secret.as_bytes()).await else {
            return;
        };
        log_in_with(&service, &person, &code).await;

        clock.advance(Duration::from_secs(u64::from(period.seconds())));
        let at = service.now().seconds().to_string();
        let arguments = [secret.as_str(), &digits, algorithm.name(), &seconds, &at];
        let Some(code) = python("pyotp", PYOTP, &arguments).await else {
            return;
        };
        log_in_with(&service, &person, &code).await;
    }
}

#[tokio::test]
async fn counters_of_oathtool_are_accepted() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    let token = Phone::import_as(service.app(), &alice, "Token", OtpParameters::HOTP).await;
    for counter in [0, 1, 5] {
        let counter = format!("--counter={counter}");
        let arguments = ["--hotp", "--base32", counter.as_str(), "-"];
        let Some(code) = printed("oathtool", &arguments, base32(&token).as_bytes()).await else {
            return;
        };
        log_in_with(&service, &alice, &code).await;
    }
}

/// Begins an authenticator.
async fn begin(service: &Service, tokens: &Tokens, name: &str) -> Value {
    service
        .post("/v1/me/authenticators/totp")
        .bearer(&tokens.access)
        .json(&json!({"name": name}))
        .await
        .expect_json(201)
}

/// What the picture says, as a phone's camera reads it.
async fn read_qr(picture: &[u8], kind: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("qr.{kind}"));
    std::fs::write(&path, picture).unwrap();
    let file = path.to_str().unwrap().to_owned();
    let readable = if kind == "svg" {
        // The reader knows no vector graphics, so they are drawn first.
        let drawn = folder.path().join("drawn.png");
        let drawn = drawn.to_str().unwrap().to_owned();
        let arguments = ["--width=400", "--output", &drawn, &file];
        let output = run("rsvg-convert", &arguments, &[]).await?;
        assert!(output.status.success(), "{output:?}");
        drawn
    } else {
        file
    };
    printed("zbarimg", &["--quiet", "--raw", &readable], &[]).await
}

#[tokio::test]
async fn a_phone_reads_the_picture_and_its_code_confirms_and_logs_in() {
    let (service, clock) = Service::with_clock().await;
    let (alice, mut tokens) = service.logged_in("alice").await;
    for kind in ["png", "svg"] {
        let begun = begin(&service, &tokens, kind).await;
        let id = begun["id"].as_str().unwrap();
        let picture = service
            .get(&format!("/v1/me/authenticators/{id}/qr"))
            .bearer(&tokens.access)
            .header("accept", if kind == "png" { "image/png" } else { "image/svg+xml" })
            .await
            .expect(200);
        let Some(uri) = read_qr(&picture.body, kind).await else {
            return;
        };
        assert_eq!(uri, begun["otpauth_uri"].as_str().unwrap());
        let phone = Phone::scan(&uri);
        let at = service.now().seconds().to_string();
        if let Some(read) = python("pyotp", PYOTP_URI, &[&uri, &at]).await {
            let expected = format!("alice Countersign {}", phone.code(service.now()));
            assert_eq!(read, expected, "another program reads something else");
        }
        service
            .post(&format!("/v1/me/authenticators/{id}/confirm"))
            .bearer(&tokens.access)
            .json(&json!({"otp": phone.code(service.now())}))
            .await
            .expect_json(200);
        clock.advance(Duration::from_secs(30));
        // With this proof the next authenticator may be added.
        let granted = service.token(&alice.with_otp(&phone.code(service.now()))).await;
        tokens = Tokens::read(&granted.expect_json(200));
        assert_eq!(service.resource(&tokens.access).await, 200);
    }
}

#[tokio::test]
async fn names_with_every_awkward_character_survive_the_picture() {
    let issuer = "\u{dc}ber: / ? # & + Co";
    let service = Service::with(|setup| setup.set("totp.issuer", issuer)).await;
    let (_, tokens) = service.logged_in("j\u{f6}rg+a&b?c#d@x").await;
    let begun = begin(&service, &tokens, "Phone").await;
    let id = begun["id"].as_str().unwrap();
    let path = format!("/v1/me/authenticators/{id}/qr");
    let picture = service.get(&path).bearer(&tokens.access).await.expect(200);
    let Some(uri) = read_qr(&picture.body, "png").await else {
        return;
    };
    let script = "import pyotp, sys\nread = pyotp.parse_uri(sys.argv[1])\nprint(read.name + '|' + read.issuer)";
    if let Some(read) = python("pyotp", script, &[&uri]).await {
        assert_eq!(read, format!("j\u{f6}rg+a&b?c#d@x|{issuer}"));
    }
}
