//! Randomness.

use zeroize::Zeroizing;

/// A cryptographically secure source of random bytes.
pub trait Entropy: Send + Sync {
    /// Fills the buffer. An adapter that cannot MUST end the process rather than return: there is no safe way on.
    fn fill(&self, buffer: &mut [u8]);
}

/// `N` random bytes.
pub fn bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut buffer = [0; N];
    entropy.fill(&mut buffer);
    buffer
}

/// `N` random bytes that are wiped after use.
pub fn secret_bytes<const N: usize>(entropy: &dyn Entropy) -> Zeroizing<[u8; N]> {
    let mut buffer = Zeroizing::new([0; N]);
    entropy.fill(buffer.as_mut_slice());
    buffer
}
