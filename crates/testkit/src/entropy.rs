//! Randomness that is the same in every run. Tests only: whoever knows the seed knows every secret made from it.

use std::sync::atomic::{AtomicU64, Ordering};

use application::ports::Entropy;

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// `SplitMix64` from a seed: deterministic, each call different, usable from several threads.
#[derive(Debug)]
pub struct SeededEntropy(AtomicU64);

impl Default for SeededEntropy {
    fn default() -> Self {
        Self::new(1)
    }
}

impl SeededEntropy {
    /// The sequence of that seed.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    fn next(&self) -> u64 {
        let mut mixed = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            for (byte, random) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *byte = random;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use application::ports::entropy::bytes;

    use super::*;

    #[test]
    fn a_seed_is_one_sequence_and_each_call_differs() {
        let (one, same, other) = (SeededEntropy::new(7), SeededEntropy::new(7), SeededEntropy::new(8));
        let first = bytes::<20>(&one);
        assert_eq!(first, bytes::<20>(&same));
        assert_ne!(first, bytes::<20>(&one));
        assert_ne!(first, bytes::<20>(&other));
    }

    #[test]
    fn the_sequence_is_that_of_the_published_algorithm() {
        let entropy = SeededEntropy::new(1_234_567);
        assert_eq!(u64::from_le_bytes(bytes(&entropy)), 6_457_827_717_110_365_317);
        assert_eq!(u64::from_le_bytes(bytes(&entropy)), 3_203_168_211_198_807_973);
    }
}
