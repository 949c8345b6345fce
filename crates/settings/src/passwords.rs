//! `[passwords]`: what a password hash costs, and how many are computed at once.

use crate::loading::reader::{Read, Reader};

/// The least product of memory and passes, the lowest of OWASP's equivalent choices (7168 KiB, 5 passes).
const LEAST_COST: u64 = 35_840;

/// Argon2id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passwords {
    /// Memory of one hash, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// Hashes computed at the same time; 0: one for each core.
    pub threads: u32,
    /// Hashes that may be asked for at the same time.
    pub queue: u32,
}

impl Passwords {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        let memory_kib = from.number("passwords.memory_kib", 7168..=262_144);
        let passes = from.number("passwords.passes", 1..=16);
        let lanes = from.number("passwords.lanes", 1..=8);
        let threads = from.number("passwords.threads", 0..=256);
        // A change of password takes two places at once.
        let queue = from.number("passwords.queue", 2..=10_000);
        let (memory_kib, passes) = (memory_kib?, passes?);
        let cost = u64::from(memory_kib) * u64::from(passes);
        if cost < LEAST_COST {
            let problem = format!("{memory_kib} KiB times passwords.passes ({passes}) is {cost}: too cheap to guess");
            let allowed = "a product of at least 35840: 19456 with 2 passes, 12288 with 3, 9216 with 4, 7168 with 5";
            return Err(from.refuse("passwords.memory_kib", problem, allowed));
        }
        Ok(Self {
            memory_kib,
            passes,
            lanes: lanes?,
            threads: threads?,
            queue: queue?,
        })
    }
}
