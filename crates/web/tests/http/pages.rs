//! The pages of the authorization server, as a browser sees them.

mod attacks;
mod authorize;
pub mod browser;
mod consent;
mod device;
mod forms;
mod login;
mod logout;
mod stepping_up;
mod walks;
