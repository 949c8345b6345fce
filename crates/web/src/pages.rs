//! The pages for people: how they look and what they say. Each page is a view model that is drawn by [`render`]; what happens
//! behind a page is decided elsewhere.

pub mod assets;
mod href;
mod locale;
mod message;
mod policy;
mod render;
mod theme;
mod translator;
pub mod view;

pub use self::href::Href;
pub use self::locale::{Languages, Locale, LocaleFault};
pub use self::message::{FieldError, Notice};
pub use self::render::{Frame, Page, render};
pub use self::theme::{Brand, SecureUrl, Theme, ThemeFault};
