//! What a page tells about what was done or what was wrong: each a message of the locales, with its arguments.

use std::collections::BTreeMap;

use domain::password::PasswordFault;
use domain::secret::{PASSWORD_MAX, PASSWORD_MIN};
use serde::{Serialize, Serializer};

/// A message by its key in the locales.
#[derive(Serialize)]
struct Message {
    kind: &'static str,
    key: &'static str,
    arguments: BTreeMap<&'static str, u64>,
}

impl Message {
    fn new(kind: &'static str, key: &'static str) -> Self {
        Self {
            kind,
            key,
            arguments: BTreeMap::new(),
        }
    }

    fn with(mut self, name: &'static str, number: u64) -> Self {
        self.arguments.insert(name, number);
        self
    }
}

/// Something that is said at the top of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The user name or the password is wrong, or the account is locked or disabled: one refusal for all.
    SignInRefused,
    /// The second factor is wrong, or was used before.
    FactorRefused,
    /// Too many attempts; try again later.
    TooManyAttempts {
        /// After how many minutes, rounded up.
        minutes: u64,
    },
    /// The login took too long and begins again.
    SignInExpired,
    /// The form is not from this browser session, or too old (CSRF).
    FormExpired,
    /// The application asks to sign in again.
    SignInAgain,
    /// The application asks for a second factor, or for a better one.
    BetterFactorNeeded,
    /// The account must get an authenticator app before the login goes on.
    EnrolmentNeeded,
    /// A change needs a fresh proof.
    FreshProofNeeded,
    /// A code was sent.
    CodeSent,
    /// A code was not sent, because one was sent a moment ago.
    CodeSentRecently,
    /// A code could not be sent.
    CodeNotSent,
    /// The password was changed; other sessions have ended.
    PasswordChanged,
    /// Two-factor authentication is on.
    TwoFactorEnabled,
    /// Two-factor authentication is off.
    TwoFactorDisabled,
    /// There are new recovery codes, and the old ones are void.
    RecoveryCodesReplaced,
    /// Only this many recovery codes are left.
    FewRecoveryCodes {
        /// How many.
        left: u64,
    },
    /// A session was ended.
    SessionEnded,
    /// All other sessions were ended.
    OtherSessionsEnded,
    /// An application lost its access.
    ApplicationRemoved,
    /// The code of the device is unknown or expired.
    DeviceCodeRefused,
    /// The link is not valid any more, or was used before.
    LinkExpired,
    /// The account has as many authenticators as it may have.
    NoMoreAuthenticators,
    /// What was asked for was not done, and nothing was changed.
    NotDone,
}

impl Notice {
    /// One of each.
    pub const ALL: [Self; 24] = [
        Self::SignInRefused,
        Self::FactorRefused,
        Self::TooManyAttempts { minutes: 15 },
        Self::SignInExpired,
        Self::FormExpired,
        Self::SignInAgain,
        Self::BetterFactorNeeded,
        Self::EnrolmentNeeded,
        Self::FreshProofNeeded,
        Self::CodeSent,
        Self::CodeSentRecently,
        Self::CodeNotSent,
        Self::PasswordChanged,
        Self::TwoFactorEnabled,
        Self::TwoFactorDisabled,
        Self::RecoveryCodesReplaced,
        Self::FewRecoveryCodes { left: 2 },
        Self::SessionEnded,
        Self::OtherSessionsEnded,
        Self::ApplicationRemoved,
        Self::DeviceCodeRefused,
        Self::LinkExpired,
        Self::NoMoreAuthenticators,
        Self::NotDone,
    ];

    fn message(self) -> Message {
        match self {
            Self::SignInRefused => Message::new("error", "notice-sign-in-refused"),
            Self::FactorRefused => Message::new("error", "notice-factor-refused"),
            Self::TooManyAttempts { minutes } => {
                Message::new("error", "notice-too-many-attempts").with("minutes", minutes)
            }
            Self::SignInExpired => Message::new("warning", "notice-sign-in-expired"),
            Self::FormExpired => Message::new("warning", "notice-form-expired"),
            Self::SignInAgain => Message::new("info", "notice-sign-in-again"),
            Self::BetterFactorNeeded => Message::new("info", "notice-better-factor-needed"),
            Self::EnrolmentNeeded => Message::new("info", "notice-enrolment-needed"),
            Self::FreshProofNeeded => Message::new("info", "notice-fresh-proof-needed"),
            Self::CodeSent => Message::new("success", "notice-code-sent"),
            Self::CodeSentRecently => Message::new("warning", "notice-code-sent-recently"),
            Self::CodeNotSent => Message::new("error", "notice-code-not-sent"),
            Self::PasswordChanged => Message::new("success", "notice-password-changed"),
            Self::TwoFactorEnabled => Message::new("success", "notice-two-factor-enabled"),
            Self::TwoFactorDisabled => Message::new("success", "notice-two-factor-disabled"),
            Self::RecoveryCodesReplaced => Message::new("success", "notice-recovery-codes-replaced"),
            Self::FewRecoveryCodes { left } => Message::new("warning", "notice-few-recovery-codes").with("left", left),
            Self::SessionEnded => Message::new("success", "notice-session-ended"),
            Self::OtherSessionsEnded => Message::new("success", "notice-other-sessions-ended"),
            Self::ApplicationRemoved => Message::new("success", "notice-application-removed"),
            Self::DeviceCodeRefused => Message::new("error", "notice-device-code-refused"),
            Self::LinkExpired => Message::new("error", "notice-link-expired"),
            Self::NoMoreAuthenticators => Message::new("error", "notice-no-more-authenticators"),
            Self::NotDone => Message::new("error", "notice-not-done"),
        }
    }
}

impl Serialize for Notice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.message().serialize(serializer)
    }
}

/// What is wrong with what was typed into one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldError {
    /// Nothing was typed.
    Missing,
    /// It has not the form of what belongs there.
    Malformed,
    /// The code is wrong, or was used before.
    WrongCode,
    /// The present password is wrong.
    WrongPassword,
    /// Another authenticator has the name.
    NameTaken,
    /// The two new passwords differ.
    PasswordsDiffer,
    /// The new password is the present one.
    PasswordUnchanged,
    /// The new password is shorter than [`PASSWORD_MIN`] characters.
    PasswordTooShort,
    /// The new password is longer than [`PASSWORD_MAX`] characters.
    PasswordTooLong,
    /// The new password is one that everybody tries first.
    PasswordCommon,
    /// The new password contains the user name.
    PasswordContainsUsername,
}

impl FieldError {
    /// One of each.
    pub const ALL: [Self; 11] = [
        Self::Missing,
        Self::Malformed,
        Self::WrongCode,
        Self::WrongPassword,
        Self::NameTaken,
        Self::PasswordsDiffer,
        Self::PasswordUnchanged,
        Self::PasswordTooShort,
        Self::PasswordTooLong,
        Self::PasswordCommon,
        Self::PasswordContainsUsername,
    ];

    fn message(self) -> Message {
        let error = |key| Message::new("error", key);
        match self {
            Self::Missing => error("error-missing"),
            Self::Malformed => error("error-malformed"),
            Self::WrongCode => error("error-wrong-code"),
            Self::WrongPassword => error("error-wrong-password"),
            Self::NameTaken => error("error-name-taken"),
            Self::PasswordsDiffer => error("error-passwords-differ"),
            Self::PasswordUnchanged => error("error-password-unchanged"),
            Self::PasswordTooShort => error("error-password-too-short").with("minimum", length(PASSWORD_MIN)),
            Self::PasswordTooLong => error("error-password-too-long").with("maximum", length(PASSWORD_MAX)),
            Self::PasswordCommon => error("error-password-common"),
            Self::PasswordContainsUsername => error("error-password-contains-username"),
        }
    }
}

fn length(characters: usize) -> u64 {
    u64::try_from(characters).unwrap_or(u64::MAX)
}

impl From<PasswordFault> for FieldError {
    fn from(fault: PasswordFault) -> Self {
        match fault {
            PasswordFault::TooShort => Self::PasswordTooShort,
            PasswordFault::TooLong => Self::PasswordTooLong,
            PasswordFault::Common => Self::PasswordCommon,
            PasswordFault::ContainsUsername => Self::PasswordContainsUsername,
        }
    }
}

impl Serialize for FieldError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.message().serialize(serializer)
    }
}
