//! Headers, signatures and spellings that must be refused: the attacks that worked on others, and every departure from the
//! form of our own tokens.

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::fixtures::{Fixture, claims, json};
use super::*;

fn es256() -> Fixture {
    Fixture::new(Algorithm::Es256)
}

fn text(claims: serde_json::Map<String, Value>) -> String {
    Value::from(claims).to_string()
}

#[test]
fn no_algorithm_but_the_key_s_own_is_believed() {
    // CVE-2015-9235 and its heirs: `none`, and HMAC with the public key as its secret.
    let key = es256();
    let payload = URL_SAFE_NO_PAD.encode(text(json()));
    for name in [
        "none", "None", "NONE", "nOnE", "HS256", "es256", "ES384", "RS256", "PS256", "EdDSA", "ES256 ", "",
    ] {
        let header = key.header().replace("ES256", name);
        let message = format!("{}.{payload}", URL_SAFE_NO_PAD.encode(&header));
        let mac = hmac::sign(&hmac::Key::new(HMAC_SHA256, &key.public_der), message.as_bytes());
        for signature in ["", &URL_SAFE_NO_PAD.encode(mac)] {
            let token = format!("{message}.{signature}");
            assert_eq!(key.verifying().verify(&token), Err(TokenFault::UnknownKey), "{name}");
        }
        assert_eq!(key.verify_header(&header), Err(TokenFault::UnknownKey), "{name}");
    }
}

#[test]
fn an_hmac_with_the_public_key_is_no_signature() {
    for algorithm in Algorithm::ALL {
        let key = Fixture::new(algorithm);
        let token = key.token();
        let (message, _) = token.rsplit_once('.').unwrap();
        let mac = hmac::sign(&hmac::Key::new(HMAC_SHA256, &key.public_der), message.as_bytes());
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac));
        assert_eq!(key.verifying().verify(&token), Err(TokenFault::Signature));
    }
}

#[test]
fn the_paddings_of_rsa_are_not_exchangeable() {
    let (rs, ps) = (Fixture::new(Algorithm::Rs256), Fixture::new(Algorithm::Ps256));
    assert_eq!(rs.public_der, ps.public_der);
    assert_eq!(ps.verifying().verify(&rs.token()), Err(TokenFault::UnknownKey));
    assert_eq!(rs.verifying().verify(&ps.token()), Err(TokenFault::UnknownKey));
    assert_eq!(
        rs.verifying().verify(&ps.forge(rs.header(), text(json()))),
        Err(TokenFault::Signature)
    );
    assert_eq!(
        ps.verifying().verify(&rs.forge(ps.header(), text(json()))),
        Err(TokenFault::Signature)
    );
}

#[test]
fn the_kid_of_another_key_is_refused_and_is_never_more_than_a_name() {
    let key = es256();
    for kid in [
        "key-2",
        "",
        "KEY-1",
        "key-1 ",
        "../../dev/null",
        "key-1' OR '1'='1",
        "https://evil.example/jwks",
    ] {
        let header = key.header().replace("key-1", kid);
        assert_eq!(key.verify_header(&header), Err(TokenFault::UnknownKey), "{kid}");
        assert_eq!(
            JwsKeys.kid_of(&key.forge(&header, "{}"), KeyPurpose::AccessToken),
            Ok(Kid::new(kid.into()))
        );
    }
    assert_eq!(key.verifying().verify(&es256().token()), Err(TokenFault::Signature));
}

#[test]
fn no_header_member_names_a_key_or_changes_the_meaning() {
    // CVE-2018-0114: an embedded `jwk` was trusted. The signatures here are right, so only the header can be the reason.
    let key = es256();
    let jwk: serde_json::Map<String, Value> = key
        .verifying()
        .jwk()
        .members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    for (name, value) in [
        ("jwk", Value::from(jwk)),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("aa")),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
        ("enc", json!("A128GCM")),
        ("p2c", json!(2_000_000_000)),
        ("x", json!(null)),
        ("", json!("")),
    ] {
        let mut header: serde_json::Map<String, Value> = serde_json::from_str(&key.header()).unwrap();
        header.insert(name.to_owned(), value);
        let header = text(header);
        assert_eq!(key.verify_header(&header), Err(TokenFault::Malformed), "{name}");
        assert_eq!(
            JwsKeys.kid_of(&key.forge(&header, "{}"), KeyPurpose::AccessToken),
            Err(TokenFault::Malformed),
            "{name}"
        );
    }
}

#[test]
fn a_header_is_an_object_with_each_member_once_and_of_its_type() {
    let key = es256();
    let usual = key.header();
    let member = |rest: &str| format!("{{{rest},{}", &usual[1..]);
    let without = |text: &str| usual.replace(text, "");
    for header in [
        member(r#""alg":"none""#),
        member(r#""alg":"ES256""#),
        member(r#""kid":"key-1""#),
        member(r#""typ":"at+jwt""#),
        without(r#","kid":"key-1""#),
        without(r#","alg":"ES256""#),
        without(r#""typ":"at+jwt","#),
        usual.replace(r#""key-1""#, "1"),
        usual.replace(r#""key-1""#, "null"),
        usual.replace(r#""key-1""#, r#"["key-1"]"#),
        usual.replace(r#""ES256""#, r#"["ES256"]"#),
        usual.replace(r#""at+jwt""#, "null"),
        r#"["at+jwt","ES256","key-1"]"#.to_owned(),
        " [\"at+jwt\",\"ES256\",\"key-1\"]".to_owned(),
        format!("{usual}{usual}"),
        format!("{usual},"),
        format!("\u{FEFF}{usual}"),
        format!("{usual}{}", " ".repeat(1024)),
        "{}".to_owned(),
        "null".to_owned(),
        String::new(),
    ] {
        assert_eq!(key.verify_header(&header), Err(TokenFault::Malformed), "{header}");
        assert_eq!(
            JwsKeys.kid_of(&key.forge(&header, "{}"), KeyPurpose::AccessToken),
            Err(TokenFault::Malformed),
            "{header}"
        );
    }
    let mut not_utf_8 = usual.into_bytes();
    not_utf_8[9] = 0xFF;
    assert_eq!(key.verify_header(&not_utf_8), Err(TokenFault::Malformed));
}

#[test]
fn only_an_access_token_is_an_access_token() {
    let key = es256();
    for typ in [
        "JWT",
        "jwt",
        "at",
        "at+jwt ",
        "at+jwt; v=1",
        "id+jwt",
        "logout+jwt",
        "application/jwt",
        "text/at+jwt",
        "",
    ] {
        assert_eq!(
            key.verify_header(key.header().replace("at+jwt", typ)),
            Err(TokenFault::Malformed),
            "{typ}"
        );
    }
    // Media types are compared without regard to letter case, and the full form means the same (RFC 7515 section 4.1.9).
    for typ in ["AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        assert_eq!(
            key.verify_header(key.header().replace("at+jwt", typ)),
            Ok(claims()),
            "{typ}"
        );
    }
}

#[test]
fn only_the_signature_of_the_token_fits() {
    let key = es256();
    let token = key.token();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let right = URL_SAFE_NO_PAD.decode(signature).unwrap();
    // The order of P-256: `r` and `s` lie between zero and this.
    let order = [
        &[0xFF; 4][..],
        &[0; 4],
        &[0xFF; 8],
        b"\xBC\xE6\xFA\xAD\xA7\x17\x9E\x84\xF3\xB9\xCA\xC2\xFC\x63\x25\x51",
    ];
    let order = order.concat();
    let (r, s) = right.split_at(32);
    for (what, signature) in [
        ("zeros (CVE-2022-21449)", vec![0; 64]),
        ("r is zero", [&[0; 32], s].concat()),
        ("s is zero", [r, &[0; 32]].concat()),
        ("r is the order", [order.as_slice(), s].concat()),
        ("s is the order", [r, order.as_slice()].concat()),
        ("empty", vec![]),
        ("shorter", right[..63].to_vec()),
        ("longer", [right.as_slice(), &[0]].concat()),
        ("leading zero", [&[0], right.as_slice()].concat()),
        ("swapped", [s, r].concat()),
        ("huge", vec![1; 4_000]),
    ] {
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
        assert_eq!(key.verifying().verify(&token), Err(TokenFault::Signature), "{what}");
    }
    let other = key
        .signing()
        .sign(&Claims {
            username: "mallory".into(),
            ..claims()
        })
        .unwrap();
    let spliced = format!("{}.{signature}", other.rsplit_once('.').unwrap().0);
    assert_eq!(key.verifying().verify(&spliced), Err(TokenFault::Signature));
}

#[test]
fn a_token_has_one_spelling() {
    let key = Fixture::new(Algorithm::EdDsa);
    let token = key.token();
    let parts: Vec<&str> = token.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    // 64 bytes end in a character of which four bits count for nothing; they must be zero.
    let last = signature.chars().next_back().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let twin = alphabet.chars().nth(alphabet.find(last).unwrap() + 1).unwrap();
    let trailing_bits = format!("{header}.{payload}.{}{twin}", &signature[..signature.len() - 1]);
    for spelling in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        header.to_owned(),
        format!("{header}.{payload}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}"),
        format!("{header}..{payload}.{signature}"),
        format!("{header}.{payload}.{payload}.{payload}.{signature}"),
        format!("{token}=="),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}=.{signature}"),
        format!(" {token}"),
        format!("{token} "),
        format!("{token}\n"),
        format!("{header}\n.{payload}.{signature}"),
        format!("{header}.{payload}.\u{200B}{signature}"),
        token.replacen('.', "\u{FF0E}", 1),
        format!("{header}.{payload}.{}+/", &signature[2..]),
        trailing_bits,
        ".".repeat(8_000),
        ".".repeat(1_000_000),
        format!("{token}{}", "A".repeat(8_192)),
        // Python-jwt, CVE-2022-39227: the JSON serialisation where the compact one is expected.
        format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#),
        format!(r#"{{"payload":"{payload}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#),
        format!(r#"{{"{header}.{payload}.{signature}":0}}"#),
    ] {
        assert_eq!(
            key.verifying().verify(&spelling),
            Err(TokenFault::Malformed),
            "{spelling:.80}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_token_with_one_other_character_is_never_accepted(place in any::<prop::sample::Index>(), other in 0x20_u8..0x7F) {
        for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256] {
            let key = Fixture::new(algorithm);
            let token = key.token();
            let mut altered = token.clone().into_bytes();
            let place = place.index(altered.len());
            prop_assume!(altered[place] != other);
            altered[place] = other;
            let altered = String::from_utf8(altered).unwrap();
            prop_assert!(key.verifying().verify(&altered).is_err());
        }
    }

    #[test]
    fn no_text_makes_the_verifier_panic(token in "\\PC{0,200}", parts in "[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,90}") {
        let key = es256();
        prop_assert!(key.verifying().verify(&token).is_err());
        prop_assert!(key.verifying().verify(&parts).is_err());
        prop_assert!(JwsKeys.kid_of(&parts, KeyPurpose::AccessToken).is_err());
    }
}
