//! The memory of a hash.

use argon2::Block;
use zeroize::Zeroize as _;

/// Room that is asked for at least, in blocks of 1 KiB; only what is used becomes real memory.
///
/// The allocator of glibc maps requests above 32 MiB by themselves and unmaps them when they are freed. Smaller ones it
/// keeps from the second time on: measured, giving back and taking 19 MiB again made the process larger each time.
const ROOM: usize = 33 * 1024;

/// Memory that is wiped and goes back to the system when it is dropped.
pub(super) struct Arena(Vec<Block>);

impl Arena {
    /// None yet.
    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    /// So many blocks.
    pub(super) fn of(blocks: usize) -> Self {
        let mut arena = Vec::with_capacity(blocks.max(ROOM));
        arena.resize(blocks, Block::new());
        Self(arena)
    }

    pub(super) const fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) const fn blocks(&mut self) -> &mut [Block] {
        self.0.as_mut_slice()
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // Block by block, and not the vector, which would also write to the room that was never used.
        self.0.iter_mut().zeroize();
    }
}
