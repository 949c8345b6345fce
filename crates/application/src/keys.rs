//! The key ring: the view that a node signs and verifies with, and the change of keys.

mod change;
pub mod ring;
pub mod rotate;
mod view;

pub use change::Urgency;
pub use ring::{KeyRing, RingError};
pub use rotate::{KeyRotation, RotateError};
