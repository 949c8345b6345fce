//! Randomness from AWS-LC, which is seeded by the operating system.

use application::ports::Entropy;

/// The random generator of AWS-LC.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that draws randomness")]
    fn fill(&self, buffer: &mut [u8]) {
        if aws_lc_rs::rand::fill(buffer).is_err() {
            // A predictable key or nonce is worse than no service, and unwinding could be caught on the way.
            tracing::error!("the random generator failed; the process ends");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use application::ports::entropy::bytes;

    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(bytes::<32>(&OsEntropy), bytes::<32>(&OsEntropy));
    }
}
