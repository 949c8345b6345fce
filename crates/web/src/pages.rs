//! The pages for people: how they look and what they say. Each page is a view model that is drawn by [`render`]; what happens
//! behind a page is decided elsewhere.

pub mod assets;
mod authorize;
mod consent;
mod cookies;
mod device;
mod device_name;
mod enable;
mod enrol;
mod errand;
mod factor;
mod failure;
mod forgot_password;
mod form_post;
mod guard;
mod href;
mod locale;
mod login;
mod logout;
mod look;
mod message;
mod password;
pub(crate) mod paths;
mod policy;
mod proof;
mod render;
mod reset_password;
mod said;
mod settings;
mod theme;
mod translator;
mod two_factor;
pub mod view;
mod visit;

pub use self::href::Href;
pub use self::locale::{Languages, Locale, LocaleFault};
pub(crate) use self::look::Look;
pub use self::message::{FieldError, Notice};
pub use self::render::{Frame, Page, render};
pub use self::theme::{Brand, SecureUrl, Theme, ThemeFault};
