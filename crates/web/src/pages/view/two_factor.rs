//! The pages about the second factor of an account: what there is, adding, removing, recovery codes.

use domain::factor::FactorType;
use serde::{Serialize, Serializer};

use super::{CodeField, FactorChoice, Field, Hidden, Moment, Setup, data_url, factor_name};
use crate::pages::{FieldError, Href, Notice, Page};

/// One authenticator in the list.
#[derive(Debug, Serialize)]
pub struct AuthenticatorLine {
    /// The name that its owner gave it.
    pub name: String,
    /// What it is.
    #[serde(serialize_with = "factor_name")]
    pub factor: FactorType,
    /// Since when.
    pub added: Moment,
    /// When it was used last.
    pub last_used: Option<Moment>,
}

/// The settings of the second factor.
#[derive(Debug, Serialize)]
pub struct TwoFactorPage {
    /// Whose.
    pub account: String,
    /// The authenticators; none means that it is off.
    pub authenticators: Vec<AuthenticatorLine>,
    /// Since when the account has its secret key; `None` if it has none.
    pub secret_key_since: Option<Moment>,
    /// How many recovery codes are left; `None` if the account has never had any.
    pub recovery_codes_left: Option<u32>,
    /// The page that adds an authenticator; `None` if none may be added.
    pub enable: Option<Href>,
    /// The page that switches it off; `None` if it is off, or must stay on.
    pub disable: Option<Href>,
    /// The page that makes new recovery codes; `None` if the account cannot have any.
    pub recovery_codes: Option<Href>,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for TwoFactorPage {
    const TEMPLATE: &'static str = "two_factor.html";
}

/// Naming an authenticator app that is to be added. The form has the field `name`.
#[derive(Debug, Serialize)]
pub struct NameAuthenticatorPage {
    /// Whose.
    pub account: String,
    /// The name.
    pub name: Field,
    /// Where one goes who does not want it.
    pub cancel: Href,
    /// Further hidden fields.
    pub hidden: Vec<Hidden>,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for NameAuthenticatorPage {
    const TEMPLATE: &'static str = "name_authenticator.html";
}

/// Adding an authenticator app. The form has the field `code`.
#[derive(Serialize)]
pub struct EnableTwoFactorPage<'a> {
    /// Whose.
    pub account: String,
    /// The key.
    pub setup: Setup<'a>,
    /// How many digits its codes have.
    pub digits: u32,
    /// What is wrong with the code.
    pub code_error: Option<FieldError>,
    /// Where one goes who does not want it.
    pub cancel: Href,
    /// Further hidden fields.
    pub hidden: Vec<Hidden>,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for EnableTwoFactorPage<'_> {
    const TEMPLATE: &'static str = "enable_two_factor.html";
}

/// Switching it off. The form has the fields `factor` and `code`.
#[derive(Debug, Serialize)]
pub struct DisableTwoFactorPage {
    /// Whose.
    pub account: String,
    /// The field.
    pub code: CodeField,
    /// The account's other factors.
    pub choices: Vec<FactorChoice>,
    /// Where one goes who wants to keep it.
    pub cancel: Href,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for DisableTwoFactorPage {
    const TEMPLATE: &'static str = "disable_two_factor.html";
}

/// Asking for new recovery codes. The form has the fields `factor` and `code`, or only a button if `code` is `None`.
#[derive(Debug, Serialize)]
pub struct NewRecoveryCodesPage {
    /// Whose.
    pub account: String,
    /// How many of the old ones are left.
    pub left: u32,
    /// The proof that it takes.
    pub code: Option<CodeField>,
    /// The account's other factors.
    pub choices: Vec<FactorChoice>,
    /// Where one goes who wants to keep the old ones.
    pub cancel: Href,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Page for NewRecoveryCodesPage {
    const TEMPLATE: &'static str = "new_recovery_codes.html";
}

/// Recovery codes, shown this once.
pub struct RecoveryCodesPage<'a> {
    /// Whose.
    pub account: String,
    /// The codes as they are typed.
    pub codes: Vec<&'a str>,
    /// Where one goes then: on with the login, or back to the settings.
    pub done: Href,
    /// What is said at the top.
    pub notices: Vec<Notice>,
}

impl Serialize for RecoveryCodesPage<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            account: &'a str,
            codes: &'a [&'a str],
            file: String,
            done: &'a Href,
            notices: &'a [Notice],
        }
        let text = format!("{}\n\n{}\n", self.account, self.codes.join("\n"));
        Shown {
            account: &self.account,
            codes: &self.codes,
            file: data_url("text/plain;charset=utf-8", text.as_bytes()),
            done: &self.done,
            notices: &self.notices,
        }
        .serialize(serializer)
    }
}

impl Page for RecoveryCodesPage<'_> {
    const TEMPLATE: &'static str = "recovery_codes.html";
}
