//! What is sent to and answered by the operations on accounts of others.

use application::accounts::queries::UserView;
use application::admin::UserChange;
use domain::lockout::{Budget, Held, Tally};
use poem_openapi::Object;
use poem_openapi::types::{Example, MaybeUndefined};

use crate::api::factors::Factors;
use crate::api::users::{Account, RoleName, email_of};
use crate::json::{DateTime, DisplayNameText, EmailText, SecretText, UsernameText};
use crate::problem::Problem;

/// A new account, made by an administrator.
#[derive(Object)]
#[oai(example)]
pub(crate) struct NewAccount {
    /// The name to log in with: 1 to 64 characters, no white space, no colon. It is compared without regard to letter case.
    pub username: UsernameText,
    /// 8 to 256 characters of any kind. It must not be common and must not contain the user name.
    pub password: SecretText,
    /// Where the owner can be reached.
    pub email: Option<EmailText>,
    /// What to call the account on screens.
    pub display_name: Option<DisplayNameText>,
    /// What it may do. Absent: `user`.
    pub role: Option<RoleName>,
}

impl Example for NewAccount {
    fn example() -> Self {
        Self {
            username: UsernameText("bob".to_owned()),
            password: SecretText("correct horse battery staple".to_owned()),
            email: Some(EmailText("bob@example.com".to_owned())),
            display_name: Some(DisplayNameText("Bob".to_owned())),
            role: Some(RoleName::User),
        }
    }
}

/// What to change. A field that is absent stays as it is; `null` empties it.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct AccountChange {
    /// The e-mail address.
    pub email: MaybeUndefined<EmailText>,
    /// The display name.
    pub display_name: MaybeUndefined<DisplayNameText>,
    /// The role. A change voids everything that the account was issued.
    pub role: Option<RoleName>,
}

impl Example for AccountChange {
    fn example() -> Self {
        Self {
            email: MaybeUndefined::Undefined,
            display_name: MaybeUndefined::Value(DisplayNameText("Bob the Builder".to_owned())),
            role: None,
        }
    }
}

/// Attempts that are not evaluated at the moment, because too many failed.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct HeldBudget {
    /// What the attempts are: `password`, `second_factor`, `password_with_key`, or `key_during_hold`.
    budget: String,
    /// How many failed since the last success.
    failures: u32,
    /// Until when. Absent with `for_good`.
    until: Option<DateTime>,
    /// Whether only an administrator can end it, by unlocking the account.
    for_good: bool,
}

impl From<&(Budget, Tally, Held)> for HeldBudget {
    fn from((budget, tally, held): &(Budget, Tally, Held)) -> Self {
        let until = match held {
            Held::Until(instant) => Some(DateTime::from(*instant)),
            Held::ForGood => None,
        };
        Self {
            budget: budget.name().to_owned(),
            failures: tally.consecutive,
            for_good: until.is_none(),
            until,
        }
    }
}

/// An account with what surrounds it.
#[derive(Object)]
pub(crate) struct AccountDetails {
    #[oai(flatten)]
    account: Account,
    #[oai(flatten)]
    factors: Factors,
    /// What is held back at the moment.
    held: Vec<HeldBudget>,
}

impl From<&UserView> for AccountDetails {
    fn from(view: &UserView) -> Self {
        Self {
            account: Account::from(&view.user),
            factors: Factors::from(view),
            held: view.held.iter().map(HeldBudget::from).collect(),
        }
    }
}

/// A secret key that was made for an account.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct ResetSecretKey {
    /// The key. It is shown this once: bring it to the owner.
    pub secret_key: SecretText,
    /// When it stops working. Absent: never.
    pub secret_key_expires_at: Option<DateTime>,
}

impl AccountChange {
    /// What the use case takes.
    pub fn into_change(self) -> Result<UserChange, Problem> {
        let email: Option<Option<EmailText>> = self.email.into();
        let display_name: Option<Option<DisplayNameText>> = self.display_name.into();
        Ok(UserChange {
            email: email
                .map(|email| email.map(|text| email_of(&text)).transpose())
                .transpose()?,
            display_name: display_name.map(|name| name.map(|text| text.0)),
            role: self.role.map(Into::into),
        })
    }
}
