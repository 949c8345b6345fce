//! Sealing: AES-256-GCM with the row's identity as associated data.

use std::sync::Arc;

use application::ports::entropy::bytes;
use application::ports::{Entropy, Sealer, Unsealable};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use domain::secret::Sealed;
use zeroize::Zeroizing;

use crate::master_key::{Label, MasterKey};

/// The first byte of sealed bytes: the format `1 | nonce | ciphertext and tag`.
const FORMAT: u8 = 1;

/// AES-256-GCM under a key derived from the master key. Nonces are random; with 96 bit of them one key may seal 2^32 times
/// (NIST SP 800-38D section 8.3). This service seals a few signing keys in months and one secret for each enrolment of an
/// authenticator: a thousand of these a day reach that number after eleven thousand years.
pub struct AesGcmSealer {
    key: LessSafeKey,
    entropy: Arc<dyn Entropy>,
}

impl AesGcmSealer {
    /// Derives the key.
    pub fn new(master: &MasterKey, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            key: sealing_key(master),
            entropy,
        }
    }
}

#[expect(clippy::expect_used, reason = "32 bytes are the length of an AES-256 key")]
fn sealing_key(master: &MasterKey) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM, master.derive::<32>(Label::Sealing).as_slice());
    LessSafeKey::new(key.expect("the derived key has the length of an AES-256 key"))
}

impl Sealer for AesGcmSealer {
    fn seal(&self, plain: &[u8], identity: &str) -> Sealed {
        let nonce: [u8; NONCE_LEN] = bytes(&*self.entropy);
        // Room for the tag from the start: growing would leave a copy of the plain text behind.
        let mut body = Zeroizing::new(Vec::with_capacity(plain.len() + AES_256_GCM.tag_len()));
        body.extend_from_slice(plain);
        #[expect(clippy::expect_used, reason = "AES-GCM only fails above 64 GiB")]
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(identity.as_bytes()),
                &mut *body,
            )
            .expect("AES-GCM seals anything that fits in memory");
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + body.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&body);
        Sealed::from_bytes(sealed)
    }

    fn open(&self, sealed: &Sealed, identity: &str) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let rest = sealed.as_bytes().strip_prefix(&[FORMAT]).ok_or(Unsealable)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Unsealable)?;
        let mut plain = Zeroizing::new(body.to_vec());
        let length = self
            .key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(identity.as_bytes()),
                &mut plain,
            )
            .map_err(|_| Unsealable)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::OsEntropy;

    const ROW: &str = "signing_keys.private:4f3c";

    fn sealer() -> AesGcmSealer {
        AesGcmSealer::new(&MasterKey::generate(&OsEntropy), Arc::new(OsEntropy))
    }

    #[test]
    fn what_was_sealed_opens_again() {
        let sealer = sealer();
        for plain in [&b""[..], b"x", &[7; 2_000]] {
            let sealed = sealer.seal(plain, ROW);
            assert_eq!(sealer.open(&sealed, ROW).ok().unwrap().as_slice(), plain);
        }
    }

    #[test]
    fn sealed_bytes_cannot_be_moved_to_another_row() {
        let sealer = sealer();
        let sealed = sealer.seal(b"secret", ROW);
        assert_eq!(
            sealer.open(&sealed, "signing_keys.private:4f3d").err(),
            Some(Unsealable)
        );
        assert_eq!(sealer.open(&sealed, "").err(), Some(Unsealable));
    }

    #[test]
    fn another_master_key_cannot_open() {
        assert_eq!(
            sealer().open(&sealer().seal(b"secret", ROW), ROW).err(),
            Some(Unsealable)
        );
    }

    #[test]
    fn a_change_of_any_byte_is_noticed() {
        let sealer = sealer();
        let sealed = sealer.seal(b"secret", ROW);
        for place in 0..sealed.as_bytes().len() {
            let mut altered = sealed.as_bytes().to_vec();
            altered[place] ^= 1;
            assert_eq!(
                sealer.open(&Sealed::from_bytes(altered), ROW).err(),
                Some(Unsealable),
                "byte {place}"
            );
        }
    }

    #[test]
    fn a_cut_anywhere_is_noticed() {
        let sealer = sealer();
        let sealed = sealer.seal(b"secret", ROW);
        for length in 0..sealed.as_bytes().len() {
            let cut = Sealed::from_bytes(sealed.as_bytes()[..length].to_vec());
            assert_eq!(sealer.open(&cut, ROW).err(), Some(Unsealable), "{length} bytes");
        }
    }

    #[test]
    fn sealing_twice_gives_different_bytes() {
        let sealer = sealer();
        let (one, other) = (sealer.seal(b"secret", ROW), sealer.seal(b"secret", ROW));
        assert_ne!(one.as_bytes()[1..13], other.as_bytes()[1..13]);
        assert_ne!(one.as_bytes()[13..], other.as_bytes()[13..]);
    }

    #[test]
    fn the_stored_format_has_not_changed() {
        // Computed with another implementation. If it fails, no stored key can be opened any more.
        let body = b"\xb5\xab\x1f\x93\xad\xe0\xf7\x89\x17\x26\x8a\x69\x57\x98\x08\x39\x3d\x64\x79\x20\x75\x53";
        let nonce: [u8; 12] = std::array::from_fn(|place| u8::try_from(place).unwrap());
        let sealed = Sealed::from_bytes([&[1], &nonce[..], body].concat());
        let sealer = AesGcmSealer::new(&MasterKey::from_bytes([7; 32]), Arc::new(OsEntropy));
        assert_eq!(sealer.open(&sealed, ROW).ok().unwrap().as_slice(), b"secret");
    }
}
