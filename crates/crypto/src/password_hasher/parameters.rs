//! The cost of a password hash.

use argon2::Params;

/// The length of a hash, in bytes.
pub(super) const OUTPUT_BYTES: usize = 32;
/// The length of a salt, in bytes (RFC 9106 section 3.1).
pub(super) const SALT_BYTES: usize = 16;

/// The most memory that is spent on one hash, in KiB. Bounds what a stored hash of unknown origin can cost.
const MEMORY_MAX_KIB: u32 = 256 * 1024;
const PASSES_MAX: u32 = 16;
const LANES_MAX: u32 = 16;

/// Memory that makes up for few passes (OWASP Password Storage Cheat Sheet, Argon2id): passes, and the KiB they need at least.
const MINIMA: [(u32, u32); 5] = [(1, 47_104), (2, 19_456), (3, 12_288), (4, 9_216), (5, 7_168)];

/// Why parameters are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParametersFault {
    /// Argon2 is not defined for them, or they cost too much.
    #[error(
        "Argon2id takes 8 KiB for each lane up to {MEMORY_MAX_KIB} KiB of memory, 1 to {PASSES_MAX} passes and 1 to {LANES_MAX} lanes"
    )]
    OutOfRange,
    /// They can be computed, and are too weak for passwords of people.
    #[error("{passes} passes of Argon2id need at least {needed_kib} KiB of memory")]
    TooWeak {
        /// The passes.
        passes: u32,
        /// The memory that is needed with so many passes.
        needed_kib: u32,
    },
}

/// The cost of an Argon2id hash (RFC 9106 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self::RECOMMENDED
    }
}

impl Parameters {
    /// 19 MiB, two passes, one lane: the first choice of the OWASP Password Storage Cheat Sheet.
    pub const RECOMMENDED: Self = Self {
        memory_kib: 19_456,
        passes: 2,
        lanes: 1,
    };

    /// Any parameters that can be computed, however weak. Settings go through [`Parameters::validate`] as well.
    pub const fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, ParametersFault> {
        if lanes < 1 || lanes > LANES_MAX || passes < 1 || passes > PASSES_MAX {
            return Err(ParametersFault::OutOfRange);
        }
        if memory_kib < 8 * lanes || memory_kib > MEMORY_MAX_KIB {
            return Err(ParametersFault::OutOfRange);
        }
        Ok(Self {
            memory_kib,
            passes,
            lanes,
        })
    }

    /// INSECURE: the least that Argon2 can do. For tests, where thousands of passwords are hashed.
    pub const fn for_tests() -> Self {
        Self {
            memory_kib: 8,
            passes: 1,
            lanes: 1,
        }
    }

    /// Refuses what is too weak for passwords of people.
    pub fn validate(self) -> Result<Self, ParametersFault> {
        let needed = MINIMA
            .iter()
            .rfind(|(passes, _)| *passes <= self.passes)
            .map_or(u32::MAX, |(_, kib)| *kib);
        if self.memory_kib < needed {
            return Err(ParametersFault::TooWeak {
                passes: self.passes,
                needed_kib: needed,
            });
        }
        Ok(self)
    }

    /// Memory, in KiB.
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    pub const fn passes(self) -> u32 {
        self.passes
    }

    /// Lanes. They are computed one after another; more than one makes no hash faster here.
    pub const fn lanes(self) -> u32 {
        self.lanes
    }

    /// The parameters of a stored hash, unless they cost too much.
    pub(super) fn of(params: &Params) -> Option<Self> {
        Self::new(params.m_cost(), params.t_cost(), params.p_cost()).ok()
    }

    pub(super) fn for_argon2(self) -> argon2::Result<Params> {
        Params::new(self.memory_kib, self.passes, self.lanes, Some(OUTPUT_BYTES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minimum_is_that_of_owasp() {
        for (memory, passes) in [
            (47_104, 1),
            (19_456, 2),
            (12_288, 3),
            (9_216, 4),
            (7_168, 5),
            (7_168, 9),
        ] {
            let parameters = Parameters::new(memory, passes, 1).unwrap();
            assert_eq!(parameters.validate(), Ok(parameters));
            let weaker = Parameters::new(memory - 1, passes, 1).unwrap().validate();
            assert_eq!(
                weaker,
                Err(ParametersFault::TooWeak {
                    passes,
                    needed_kib: memory
                })
            );
        }
        assert!(Parameters::for_tests().validate().is_err());
        assert_eq!(Parameters::default().validate(), Ok(Parameters::RECOMMENDED));
    }

    #[test]
    fn what_argon2_cannot_compute_or_the_machine_cannot_bear_is_refused() {
        for (memory, passes, lanes) in [
            (7, 1, 1),
            (8, 0, 1),
            (8, 1, 0),
            (15, 1, 2),
            (262_145, 1, 1),
            (19_456, 17, 1),
            (19_456, 2, 17),
        ] {
            assert_eq!(Parameters::new(memory, passes, lanes), Err(ParametersFault::OutOfRange));
        }
        assert!(Parameters::new(262_144, 16, 16).is_ok());
    }
}
