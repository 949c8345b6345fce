//! One account of the file.

use application::admin::{ImportedAuthenticator, ImportedPassword, ImportedUser};
use domain::authenticator::AUTHENTICATORS_MAX;
use domain::email::Email;
use domain::secret::{PASSWORD_MAX, Password};
use domain::user::{Role, is_display_name};
use domain::username::Username;
use serde_json::Value;

use super::fields::{Fields, Notes, Read};
use super::{authenticator, password_hash};

const KNOWN: [&str; 7] = [
    "username",
    "email",
    "display_name",
    "role",
    "password",
    "password_hash",
    "authenticators",
];

/// Reads everything before it gives up on one field: a fault in the first must not hide one in the last.
pub(super) fn read(value: Value, notes: &mut Notes) -> Read<ImportedUser> {
    let mut fields = Fields::open(value, "", notes)?;
    let email = email(&mut fields);
    let username = username(&mut fields, email.as_ref().map(Option::as_ref).map_err(|noted| *noted));
    let display_name = fields.parsed("display_name", display_name);
    let role = fields.parsed("role", |name| {
        Role::from_name(name).ok_or("must be \"user\" or \"admin\"")
    });
    let password = password(&mut fields);
    let authenticators = authenticators(&mut fields);
    fields.close(&KNOWN)?;
    Ok(ImportedUser {
        username: username?,
        email: email?,
        display_name: display_name?,
        role: role?.unwrap_or(Role::User),
        password: password?,
        authenticators: authenticators?,
    })
}

fn email(fields: &mut Fields<'_>) -> Read<Option<Email>> {
    let Some(email) = fields.parsed("email", Email::new)? else {
        return Ok(None);
    };
    let notes = fields.notes();
    let line = notes.line;
    match *notes.emails.entry(email.key()).or_insert(line) {
        first if first != line => Err(fields.refuse("email", format!("is that of the account in line {first}, too"))),
        _ => Ok(Some(email)),
    }
}

/// The name that is given, or the address in its place.
fn username(fields: &mut Fields<'_>, email: Read<Option<&Email>>) -> Read<Username> {
    let username = match (fields.parsed("username", Username::new)?, email?) {
        (Some(username), _) => username,
        (None, Some(email)) => Username::new(email.as_str()).map_err(|fault| {
            let problem = format!("is missing, and the e-mail address cannot take its place: it {fault}");
            fields.refuse("username", problem)
        })?,
        (None, None) => {
            let problem = "is missing; it can be left out if there is an e-mail address to take its place";
            return Err(fields.refuse("username", problem));
        }
    };
    let notes = fields.notes();
    let line = notes.line;
    match *notes.usernames.entry(username.clone()).or_insert(line) {
        first if first != line => {
            Err(fields.refuse("username", format!("is that of the account in line {first}, too")))
        }
        _ => Ok(username),
    }
}

fn display_name(text: &str) -> Result<String, &'static str> {
    if is_display_name(text) {
        Ok(text.to_owned())
    } else {
        Err("must have 1 to 128 characters, none of them a control character")
    }
}

fn password(fields: &mut Fields<'_>) -> Read<ImportedPassword> {
    let plain = fields.parsed("password", |text| match Password::new(text) {
        _ if text.is_empty() => Err("must not be empty".to_owned()),
        Some(password) => Ok(password),
        None => Err(format!("must have at most {PASSWORD_MAX} characters")),
    });
    let hash = fields.parsed("password_hash", password_hash::read);
    match (plain?, hash?) {
        (Some(password), None) => Ok(ImportedPassword::Plain(password)),
        (None, Some(hash)) => Ok(ImportedPassword::Hash(hash)),
        (Some(_), Some(_)) => Err(fields.refuse("password_hash", "is there beside `password`: give one of the two")),
        (None, None) => Err(fields.refuse("password", "is missing, and so is `password_hash`: give one of the two")),
    }
}

fn authenticators(fields: &mut Fields<'_>) -> Read<Vec<ImportedAuthenticator>> {
    const LIST: &str = "authenticators";
    let items = fields.list(LIST)?;
    if items.len() > AUTHENTICATORS_MAX {
        return Err(fields.refuse(LIST, format!("must be at most {AUTHENTICATORS_MAX}")));
    }
    let mut read: Vec<Read<ImportedAuthenticator>> = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let place = format!("{LIST}[{index}]");
        let new = Fields::open(item, &place, fields.notes()).and_then(authenticator::read);
        let new = new.and_then(|new| {
            let is_taken = read.iter().flatten().any(|other| other.name.resembles(&new.name));
            if is_taken {
                let problem = "is the name of another authenticator of the account, too";
                return Err(fields.refuse(&format!("{place}.name"), problem));
            }
            Ok(new)
        });
        read.push(new);
    }
    read.into_iter().collect()
}
