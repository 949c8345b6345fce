//! The pages of a login: password, second factor, enrolment within it, consent.

use serde::Serialize;

use super::{CodeField, FactorChoice, Field, Hidden, ScopeLine, Setup};
use crate::pages::{FieldError, Href, Notice, Page};

/// User name and password. The form has the fields `username` and `password`.
#[derive(Debug, Default, Serialize)]
pub struct LoginPage {
    /// The name of the application that one signs in to; `None` for our own settings.
    pub application: Option<String>,
    /// The user name or e-mail address.
    pub username: Field,
    /// What is wrong with the password field.
    pub password_error: Option<FieldError>,
    /// Where one goes who has forgotten the password, unless the theme names another place; `None` for no link.
    pub forgot_password: Option<Href>,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for LoginPage {
    const TEMPLATE: &'static str = "login.html";
}

/// What a second factor is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorPurpose {
    /// To complete a login.
    Login,
    /// To set a new password.
    ResetPassword,
    /// To change something about the account.
    Change,
}

/// A code that is sent to the owner of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SentTo {
    /// Where to, so much of it as may be shown; `None` if that is not to be said.
    pub address: Option<String>,
    /// Whether one was sent in this login already.
    pub state: SentState,
}

/// Whether a code is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SentState {
    /// It is: the button says "send again".
    Sent,
    /// Not yet: the button says "send me a code".
    NotYet,
}

/// The second factor. The form has the fields `factor` and `code`; the button that sends a code is `action` = `send`.
#[derive(Debug, Serialize)]
pub struct FactorPage {
    /// What for.
    pub purpose: FactorPurpose,
    /// The application that one signs in to.
    pub application: Option<String>,
    /// Who is signing in, as typed.
    pub account: String,
    /// The field.
    pub code: CodeField,
    /// The account's other factors.
    pub choices: Vec<FactorChoice>,
    /// What is said about a code that is sent, and the button; `None` where none is sent.
    pub sent: Option<SentTo>,
    /// Where one goes to begin again with another account.
    pub cancel: Href,
    /// Further hidden fields.
    pub hidden: Vec<Hidden>,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for FactorPage {
    const TEMPLATE: &'static str = "factor.html";
}

/// A new authenticator app, demanded before a login goes on. The form has the field `code`.
#[derive(Serialize)]
pub struct EnrolPage<'a> {
    /// The application that one signs in to.
    pub application: Option<String>,
    /// Who is signing in.
    pub account: String,
    /// The key.
    pub setup: Setup<'a>,
    /// How many digits its codes have.
    pub digits: u32,
    /// What is wrong with the code.
    pub code_error: Option<FieldError>,
    /// Where one goes to begin again with another account.
    pub cancel: Href,
    /// Further hidden fields.
    pub hidden: Vec<Hidden>,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for EnrolPage<'_> {
    const TEMPLATE: &'static str = "enrol.html";
}

/// Whether an application may have what it asks for. The form has two buttons: `decision` = `allow` or `deny`.
#[derive(Debug, Serialize)]
pub struct ConsentPage {
    /// The name of the application.
    pub application: String,
    /// The application's own site.
    pub application_site: Option<Href>,
    /// Who is signed in.
    pub account: String,
    /// What it asks for.
    pub scopes: Vec<ScopeLine>,
    /// The host (or private scheme) that the browser is sent to afterwards.
    pub destination: String,
    /// Where one goes to sign in with another account; `None` for no link.
    pub other_account: Option<Href>,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for ConsentPage {
    const TEMPLATE: &'static str = "consent.html";
}
