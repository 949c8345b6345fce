use async_trait::async_trait;
use domain::claims::{Claims, ClientClaims, Verified};
use domain::id_token::{IdTokenClaims, LogoutClaims};
use domain::orion::OrionClaims;
use domain::secret::Sealed;
use domain::signing_key::Algorithm;
use domain::time::Timestamp;
use zeroize::Zeroizing;

use super::*;
use crate::ports::{KeyFailure, KeyMaterial, Unsealable};

struct NoSeal;

impl Sealer for NoSeal {
    fn seal(&self, plain: &[u8], _: &str) -> Sealed {
        Sealed::from_bytes(plain.to_vec())
    }

    fn open(&self, sealed: &Sealed, _: &str) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        Ok(Zeroizing::new(sealed.as_bytes().to_vec()))
    }
}

/// A key whose published form is its name.
struct Named(Kid);

impl SigningHandle for Named {
    fn sign(&self, _: &Claims) -> Result<String, KeyFailure> {
        unreachable!("views sign nothing")
    }

    fn sign_client(&self, _: &ClientClaims) -> Result<String, KeyFailure> {
        unreachable!("views sign nothing")
    }

    fn sign_id_token(&self, _: &IdTokenClaims) -> Result<String, KeyFailure> {
        unreachable!("views sign nothing")
    }

    fn sign_logout(&self, _: &LogoutClaims) -> Result<String, KeyFailure> {
        unreachable!("views sign nothing")
    }

    fn sign_orion(&self, _: &OrionClaims) -> Result<String, KeyFailure> {
        unreachable!("views sign nothing")
    }
}

impl VerifyingHandle for Named {
    fn verify(&self, _: &str) -> Result<Claims, TokenFault> {
        unreachable!("views verify nothing")
    }

    fn verify_any(&self, _: &str) -> Result<Verified, TokenFault> {
        unreachable!("views verify nothing")
    }

    fn verify_id_token(&self, _: &str) -> Result<IdTokenClaims, TokenFault> {
        unreachable!("views verify nothing")
    }

    fn verify_orion(&self, _: &str) -> Result<OrionClaims, TokenFault> {
        unreachable!("views verify nothing")
    }

    fn jwk(&self) -> PublicJwk {
        let members = vec![("kid", self.0.to_string())];
        PublicJwk { members }
    }
}

struct NamedKeys;

#[async_trait]
impl TokenKeys for NamedKeys {
    async fn generate(&self, _: Algorithm) -> Result<KeyMaterial, KeyFailure> {
        unreachable!("views make no keys")
    }

    fn signing(&self, kid: &Kid, _: Algorithm, _: &[u8]) -> Result<Arc<dyn SigningHandle>, KeyFailure> {
        Ok(Arc::new(Named(kid.clone())))
    }

    fn verifying(&self, kid: &Kid, _: Algorithm, _: &[u8]) -> Result<Arc<dyn VerifyingHandle>, KeyFailure> {
        Ok(Arc::new(Named(kid.clone())))
    }

    fn kid_of(&self, _: &str, _: KeyPurpose) -> Result<Kid, TokenFault> {
        unreachable!("views read no tokens")
    }
}

fn key(name: &str, purpose: KeyPurpose, state: KeyState) -> SigningKey {
    SigningKey {
        kid: Kid::new(name.into()),
        purpose,
        algorithm: Algorithm::Rs256,
        public_der: vec![],
        private: Sealed::from_bytes(vec![]),
        state,
        created_at: Timestamp::from_seconds(0),
        state_since: Timestamp::from_seconds(0),
    }
}

fn ring() -> Vec<SigningKey> {
    use KeyPurpose::{AccessToken, Orion};
    use KeyState::{Active, Next, Retired, Retiring};
    vec![
        key("gone", AccessToken, Retired),
        key("old", AccessToken, Retiring),
        key("access", AccessToken, Active),
        key("orion", Orion, Active),
        key("orion-next", Orion, Next),
    ]
}

fn view_of(keys: &[SigningKey], before: &View) -> View {
    View::after(before, keys, &NoSeal, &NamedKeys).unwrap()
}

fn signer(view: &View, purpose: KeyPurpose) -> Option<&str> {
    view.active.get(&purpose).map(|signer| signer.kid.as_str())
}

#[test]
fn each_purpose_has_the_key_that_signs_for_it() {
    let view = view_of(&ring(), &View::default());
    assert_eq!(signer(&view, KeyPurpose::AccessToken), Some("access"));
    assert_eq!(signer(&view, KeyPurpose::Orion), Some("orion"));
    let view = view_of(&ring()[..3], &view);
    assert_eq!(signer(&view, KeyPurpose::AccessToken), Some("access"));
    assert!(view.signer(KeyPurpose::Orion).is_none());
}

#[test]
fn a_key_is_believed_for_its_own_purpose_only() {
    let view = view_of(&ring(), &View::default());
    for (name, own) in [
        ("old", KeyPurpose::AccessToken),
        ("access", KeyPurpose::AccessToken),
        ("orion", KeyPurpose::Orion),
        ("orion-next", KeyPurpose::Orion),
    ] {
        for purpose in KeyPurpose::ALL {
            let key = view.verifier(&Kid::new(name.into()), purpose).unwrap();
            if purpose == own {
                assert!(key.is_ok(), "{name} {purpose:?}");
            } else {
                assert_eq!(key.err(), Some(TokenFault::UnknownKey), "{name} {purpose:?}");
            }
        }
    }
    for name in ["gone", "never", ""] {
        for purpose in KeyPurpose::ALL {
            assert!(view.verifier(&Kid::new(name.into()), purpose).is_none(), "{name}");
        }
    }
}

#[test]
fn keys_of_every_purpose_are_published_until_they_are_retired() {
    let view = view_of(&ring(), &View::default());
    let names: Vec<&str> = view.published().iter().map(|jwk| jwk.members[0].1.as_str()).collect();
    assert_eq!(names, ["old", "access", "orion", "orion-next"]);
}

#[test]
fn a_change_in_either_line_is_a_change() {
    let view = view_of(&ring(), &View::default());
    assert!(view_of(&ring(), &view).says_the_same_as(&view));
    for (place, state) in [
        (1, KeyState::Retired),
        (2, KeyState::Retiring),
        (3, KeyState::Retiring),
        (4, KeyState::Active),
    ] {
        let mut keys = ring();
        keys[place].state = state;
        assert!(!view_of(&keys, &view).says_the_same_as(&view), "{place}");
    }
}
