//! The key ring: the view that a node signs and verifies with, and the change of keys.

pub mod ring;
pub mod rotate;

pub use ring::{KeyRing, RingError};
pub use rotate::{KeyRotation, RotateError, Urgency};
