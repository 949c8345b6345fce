//! Getting a QR code: what it shows, and what it takes.

use std::time::Duration;

use application::core::{CodeOnly, Registration};
use domain::key_uri::{self, Label};

use super::*;
use crate::service::options;

/// The grey values of a picture, and its width.
fn pixels(picture: &[u8]) -> (Vec<u8>, usize) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.height), (400, 400));
    let (channels, bits) = (info.color_type.samples(), info.bit_depth as usize);
    // Widened to one byte for each pixel, whatever the picture chose.
    let grey = (0..400 * 400).map(|place| {
        let (row, column) = (place / 400, place % 400);
        let bit = column * channels * bits;
        let byte = pixels[row * info.line_size + bit / 8];
        if bits >= 8 {
            byte
        } else {
            ((byte >> (8 - bits - bit % 8)) & ((1 << bits) - 1)) * u8::MAX
        }
    });
    (grey.collect(), 400)
}

/// Whether a picture shows this text as a QR code of level L with a margin of at least four modules.
fn shows(picture: &[u8], text: &str) -> bool {
    let (pixels, size) = pixels(picture);
    let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::L).unwrap();
    let (width, modules) = (code.width(), code.to_colors());
    let first = pixels.iter().position(|pixel| *pixel < 128).unwrap();
    let margin = first % size;
    assert_eq!(first / size, margin, "as far from the top as from the left");
    let scale = (size - 2 * margin) / width;
    assert!(margin >= 4 * scale, "{margin} {scale}");
    (0..width * width).all(|place| {
        let (row, column) = (place / width, place % width);
        let (y, x) = (margin + row * scale + scale / 2, margin + column * scale + scale / 2);
        (pixels[y * size + x] < 128) == (modules[place] == qrcode::Color::Dark)
    })
}

#[tokio::test]
async fn a_qr_code_is_a_picture_of_the_uri_that_its_clients_know() {
    let service = Service::orion().await;
    create(&service, EMAIL).await;
    for (base, issuer) in BASES.into_iter().zip(["Orion User Service", "orion-users"]) {
        let call = Call::form(&format!("{base}{QR_CODE}"), &[("email", EMAIL), ("password", PASSWORD)]);
        let answer = service
            .call(call.header("accept", "*/*").header("user-agent", "Thunder Client"))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.header("content-type"), "image/png");
        assert_eq!(answer.header("cache-control"), "no-store");
        let all = authenticators(&service, EMAIL).await;
        assert_eq!(
            all.len(),
            1,
            "a new one takes the place of one that was never confirmed"
        );
        let (authenticator, secret) = &all[0];
        assert!(!authenticator.is_active());
        assert_eq!(secret.expose().len(), 20);
        let label = Label { issuer, account: EMAIL };
        let uri = key_uri::write_for_orion(label, secret);
        assert!(shows(&answer.bytes, &uri), "{base}");
    }
}

#[tokio::test]
async fn replacing_an_authenticator_takes_its_code_and_it_lives_until_then() {
    let service = Service::orion().await;
    enrolled(&service, EMAIL).await;
    let old = authenticators(&service, EMAIL).await.remove(0).1;
    for base in BASES {
        let path = format!("{base}{QR_CODE}");
        let without = send(&service, &path, &[("email", EMAIL), ("password", PASSWORD)]).await;
        assert_violation(
            &without,
            409,
            "2FA is already set up: send a current code to replace it",
        );
        let wrong = wrong_code(&service, EMAIL).await;
        for code in [wrong.as_str(), "123", "letters"] {
            let fields = [("email", EMAIL), ("password", PASSWORD), ("code", code)];
            assert_violation(&send(&service, &path, &fields).await, 401, "Credentials not found");
        }
        assert_eq!(authenticators(&service, EMAIL).await.len(), 1);
    }
    let current = code_of(&service, &old);
    let fields = [("email", EMAIL), ("password", PASSWORD), ("code", current.as_str())];
    assert_eq!(send(&service, "/users/google/2FAuth/qrCode", &fields).await.status, 200);
    service.clock.advance(STEP);
    let fields = |code: &str| {
        [
            ("email", EMAIL.to_owned()),
            ("password", PASSWORD.to_owned()),
            ("code", code.to_owned()),
        ]
    };
    let login = async |code: &str| {
        let fields = fields(code);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        send(&service, "/users/login", &fields).await.status.as_u16()
    };
    assert_eq!(
        login(&code_of(&service, &old)).await,
        200,
        "the old one works until the new one is confirmed"
    );
    service.clock.advance(STEP);
    let all = authenticators(&service, EMAIL).await;
    assert_eq!(all.len(), 2);
    let (_, new) = all.iter().find(|(one, _)| !one.is_active()).unwrap();
    assert_eq!(login(&code_of(&service, new)).await, 200);
    service.clock.advance(STEP);
    assert_eq!(authenticators(&service, EMAIL).await.len(), 1);
    assert_eq!(login(&code_of(&service, &old)).await, 401, "and no longer");
}

#[tokio::test]
async fn a_code_alone_confirms_nothing() {
    let service = Service::orion_with(CodeOnly::Allowed, Registration::Open, options()).await;
    create(&service, EMAIL).await;
    send(
        &service,
        "/users/google/2FAuth/qrCode",
        &[("email", EMAIL), ("password", PASSWORD)],
    )
    .await;
    service.clock.advance(Duration::from_mins(6));
    let right = code(&service, EMAIL).await;
    let fields = [("email", EMAIL), ("code", right.as_str())];
    let answer = send(&service, "/users/google/2FAuth/validate", &fields).await;
    assert_violation(&answer, 401, "Invalid TOTP code");
}
