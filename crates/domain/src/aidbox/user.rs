//! `User`: an account.

use super::node::Node;
use super::reading::{AttributeFault, Part, Reading};
use crate::email::Email;
use crate::otp_secret::OtpSecret;
use crate::secret::Password;
use crate::user::{DISPLAY_NAME_MAX, UserState, is_display_name};
use crate::username::Username;

/// What an authenticator that came with a document is called.
pub const AUTHENTICATOR_NAME: &str = "Aidbox";

/// The second factor of an account, as a document has it.
#[derive(Default)]
pub struct TwoFactor {
    /// Whether it is on; `None` for as it is.
    pub enabled: Option<bool>,
    /// The shared secret of an authenticator.
    pub secret: Option<OtpSecret>,
    /// How codes are brought to the owner.
    pub transport: Option<String>,
}

/// A document that was read.
pub struct UserRead {
    /// The user name: `userName`, or else the identity; `None` if it is no name.
    pub username: Option<Username>,
    /// The e-mail address.
    pub email: Option<Email>,
    /// What to call it on screens.
    pub display_name: Option<String>,
    /// Whether it can log in; `None` for as it is, and for a new account that it can.
    pub state: Option<UserState>,
    /// A new password.
    pub password: Option<Password>,
    /// The second factor.
    pub two_factor: TwoFactor,
    /// What is wrong with the document.
    pub faults: Vec<AttributeFault>,
    /// Attributes that mean nothing here.
    pub idle: Vec<String>,
}

impl UserRead {
    /// Reads the document of the user `id`.
    pub fn of(document: &Node, id: &str) -> Self {
        let mut reading = Reading::default();
        let names = [
            "id",
            "resourceType",
            "meta",
            "userName",
            "email",
            "password",
            "inactive",
            "active",
            "displayName",
            "twoFactor",
        ];
        let all = reading.document(document, &names);
        let named = reading.text(&all, "userName");
        let username = match Username::new(named.unwrap_or(id)) {
            Ok(username) => Some(username),
            Err(fault) => {
                reading.fault(if named.is_some() { "userName" } else { "id" }, fault.to_string());
                None
            }
        };
        let is_inactive = reading.boolean(&all, "inactive");
        let is_active = reading.boolean(&all, "active");
        Self {
            username,
            email: email(&mut reading, &all),
            display_name: display_name(&mut reading, &all),
            state: match (is_inactive, is_active) {
                (None, None) => None,
                (Some(true), _) | (_, Some(false)) => Some(UserState::Disabled),
                (Some(false), _) | (_, Some(true)) => Some(UserState::Active),
            },
            password: password(&mut reading, &all),
            two_factor: two_factor(&mut reading, &all),
            faults: reading.faults,
            idle: reading.idle,
        }
    }
}

fn email(reading: &mut Reading, all: &Part<'_>) -> Option<Email> {
    let email = Email::new(reading.text(all, "email")?);
    email.map_err(|fault| reading.fault("email", fault.to_string())).ok()
}

fn display_name(reading: &mut Reading, all: &Part<'_>) -> Option<String> {
    let name = reading.text(all, "displayName")?;
    if is_display_name(name) {
        return Some(name.to_owned());
    }
    let detail = format!("must have 1 to {DISPLAY_NAME_MAX} characters, none of them a control character");
    reading.fault("displayName", detail);
    None
}

fn password(reading: &mut Reading, all: &Part<'_>) -> Option<Password> {
    let text = reading.text(all, "password")?;
    if text.starts_with("$s0$") {
        // What reading a user there gives. As a password it would be one that its owner does not know.
        reading.fault("password", "must be the password itself, not its hash");
        return None;
    }
    let password = Password::new(text).filter(|_| !text.is_empty());
    if password.is_none() {
        reading.fault("password", "must have 1 to 256 characters");
    }
    password
}

fn two_factor(reading: &mut Reading, all: &Part<'_>) -> TwoFactor {
    let part = reading.part(all, "twoFactor", &["enabled", "secretKey", "secret", "transport"]);
    if Reading::node(&part, "secret").is_some() {
        // The prose of the product calls it so. Kept as an attribute without a meaning, it would be stored in the clear.
        reading.fault(part.name_of("secret"), "must be sent as secretKey");
    }
    let secret = reading.text(&part, "secretKey").and_then(|text| {
        let secret = OtpSecret::parse(text);
        secret
            .map_err(|fault| reading.fault(part.name_of("secretKey"), fault.to_string()))
            .ok()
    });
    TwoFactor {
        enabled: reading.boolean(&part, "enabled"),
        secret,
        transport: reading.label(&part, "transport").map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(members: &[(&str, Node)]) -> Node {
        Node::Map(
            members
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        )
    }

    #[test]
    fn the_example_is_an_account_named_by_its_identity() {
        let document = map(&[("id", Node::from("my-user")), ("password", Node::from("password"))]);
        let read = UserRead::of(&document, "my-user");
        assert!(read.faults.is_empty() && read.idle.is_empty());
        assert_eq!(read.username.unwrap().as_str(), "my-user");
        assert_eq!(read.password.unwrap().expose(), "password");
        assert_eq!(read.state, None);
        assert!(read.two_factor.enabled.is_none() && read.two_factor.secret.is_none());
    }

    #[test]
    fn either_word_for_it_disables_an_account() {
        for (name, value, state) in [
            ("inactive", true, UserState::Disabled),
            ("inactive", false, UserState::Active),
            ("active", false, UserState::Disabled),
            ("active", true, UserState::Active),
        ] {
            let read = UserRead::of(&map(&[(name, Node::Boolean(value))]), "x");
            assert_eq!(read.state, Some(state), "{name} {value}");
        }
    }

    #[test]
    fn every_fault_names_its_attribute() {
        let second = |name: &str, value: Node| map(&[("twoFactor", map(&[(name, value)]))]);
        for (document, place) in [
            (map(&[("userName", Node::from("a b"))]), "userName"),
            (map(&[("email", Node::from("nobody"))]), "email"),
            (map(&[("displayName", Node::from(" "))]), "displayName"),
            (map(&[("password", Node::from(""))]), "password"),
            (map(&[("password", Node::Integer(12_345_678))]), "password"),
            (
                map(&[("password", Node::from("$s0$f0801$c2FsdA==$aGFzaA=="))]),
                "password",
            ),
            (map(&[("inactive", Node::from("yes"))]), "inactive"),
            (second("secretKey", Node::from("JBSWY3DP")), "twoFactor.secretKey"),
            (second("secretKey", Node::from("not base32!")), "twoFactor.secretKey"),
            (second("enabled", Node::from("true")), "twoFactor.enabled"),
            (second("transport", Node::from("")), "twoFactor.transport"),
        ] {
            let places: Vec<_> = UserRead::of(&document, "x")
                .faults
                .into_iter()
                .map(|fault| fault.attribute)
                .collect();
            assert_eq!(places, [place]);
        }
        let read = UserRead::of(&map(&[("roles", Node::List(Vec::new()))]), "x");
        assert_eq!(read.idle, ["roles"]);
    }
}
