//! The pages about an account: settings, and what happens to its password.

use serde::Serialize;

use super::{Field, Hidden, Moment, ScopeLine};
use crate::pages::{FieldError, Href, Notice, Page};

/// One session in the list. The form that ends it posts `session` to `/auth/settings/sessions/end`.
#[derive(Debug, Serialize)]
pub struct SessionLine {
    /// What `session` is sent as.
    pub id: String,
    /// The browser or the application, in words.
    pub device: String,
    /// The network address it was begun from.
    pub address: Option<String>,
    /// When.
    pub began: Moment,
    /// When it was used last.
    pub last_used: Option<Moment>,
    /// Whether it is the one that looks at this page.
    pub is_this: bool,
}

/// One application in the list. The form that removes it posts `client` to `/auth/settings/applications/remove`.
#[derive(Debug, Serialize)]
pub struct ApplicationLine {
    /// What `client` is sent as.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<ScopeLine>,
    /// Since when.
    pub since: Moment,
}

/// The settings of an account. Beside the forms of the lists, one posts to `/auth/settings/sessions/end-others`.
#[derive(Debug, Serialize)]
pub struct SettingsPage {
    /// The user name.
    pub account: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// How many authenticators there are; two-factor authentication is off if there are none.
    pub authenticators: usize,
    /// The sessions, this one first.
    pub sessions: Vec<SessionLine>,
    /// The applications.
    pub applications: Vec<ApplicationLine>,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for SettingsPage {
    const TEMPLATE: &'static str = "settings.html";
}

/// Changing the password. The form has the fields `current_password`, `new_password` and `repeat_password`.
#[derive(Debug, Serialize)]
pub struct ChangePasswordPage {
    /// Whose.
    pub account: String,
    /// How many characters a password has at least.
    pub minimum: usize,
    /// What is wrong with the present one.
    pub current_error: Option<FieldError>,
    /// What is wrong with the new one: every fault.
    pub new_errors: Vec<FieldError>,
    /// What is wrong with its repetition.
    pub repeat_error: Option<FieldError>,
    /// Where one goes who does not want to.
    pub cancel: Href,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for ChangePasswordPage {
    const TEMPLATE: &'static str = "change_password.html";
}

/// Asking for a link to set a new password. The form has the field `username`.
#[derive(Debug, Serialize)]
pub struct ForgotPasswordPage {
    /// The user name or e-mail address.
    pub username: Field,
    /// Whether it was asked for: then the page says the same whoever asked, and has no form.
    pub is_sent: bool,
    /// Back to the login.
    pub login: Href,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for ForgotPasswordPage {
    const TEMPLATE: &'static str = "forgot_password.html";
}

/// Setting a new password by a link. The form has the fields `new_password` and `repeat_password`. The second factor that comes
/// before it is a [`super::FactorPage`] of [`super::FactorPurpose::ResetPassword`].
#[derive(Debug, Serialize)]
pub struct ResetPasswordPage {
    /// Whose; `None` if the link does not say it.
    pub account: Option<String>,
    /// How many characters a password has at least.
    pub minimum: usize,
    /// What is wrong with the new one: every fault.
    pub new_errors: Vec<FieldError>,
    /// What is wrong with its repetition.
    pub repeat_error: Option<FieldError>,
    /// Further hidden fields, such as the token of the link.
    pub hidden: Vec<Hidden>,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for ResetPasswordPage {
    const TEMPLATE: &'static str = "reset_password.html";
}
