//! The pages for people: how they look and what they say. Each page is a view model that is drawn by [`render`]; what happens
//! behind a page is decided elsewhere.

pub mod assets;
mod authorize;
mod consent;
mod cookies;
mod device;
mod enrol;
mod errand;
mod factor;
mod failure;
mod form_post;
mod guard;
mod href;
mod locale;
mod login;
mod logout;
mod look;
mod message;
pub(crate) mod paths;
mod policy;
mod render;
mod theme;
mod translator;
pub mod view;
mod visit;

pub use self::href::Href;
pub use self::locale::{Languages, Locale, LocaleFault};
pub(crate) use self::look::Look;
pub use self::message::{FieldError, Notice};
pub use self::render::{Frame, Page, render};
pub use self::theme::{Brand, SecureUrl, Theme, ThemeFault};
