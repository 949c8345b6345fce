//! Accounts as their owners know them, and what a login gives.

use application::App;
use application::actor::Actor;
use application::admin::{ImportedPassword, ImportedUser};
use domain::email::Email;
use domain::secret::Password;
use domain::session::Origin;
use domain::user::Role;
use domain::username::Username;
use serde_json::{Value, json};

/// A password that is good enough and contains none of the user names in these tests.
pub const PASSWORD: &str = "correct horse battery staple";

/// An account with its secrets.
#[derive(Debug, Clone)]
pub struct Person {
    /// Its identity.
    pub id: String,
    /// Its user name.
    pub username: String,
    /// Its password.
    pub password: String,
    /// Its secret key.
    pub secret_key: String,
}

impl Person {
    /// The body of a login in one call.
    pub fn credentials(&self) -> Value {
        json!({"username": self.username, "password": self.password, "secret_key": self.secret_key})
    }

    /// As [`Person::credentials`], with some members changed or added; `null` takes one away.
    pub fn credentials_with(&self, changes: &Value) -> Value {
        let mut body = self.credentials();
        let members = body.as_object_mut().unwrap();
        for (name, value) in changes.as_object().unwrap() {
            if value.is_null() {
                members.remove(name);
            } else {
                members.insert(name.clone(), value.clone());
            }
        }
        body
    }

    /// The body of the first of two calls.
    pub fn password_only(&self) -> Value {
        self.credentials_with(&json!({"secret_key": null}))
    }
}

/// What a login gives.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token; empty for a token that may be used once.
    pub refresh: String,
}

impl Tokens {
    /// Reads the answer of the token operations.
    #[track_caller]
    pub fn read(answer: &Value) -> Self {
        Self {
            access: answer["access_token"].as_str().expect("an access token").to_owned(),
            refresh: answer["refresh_token"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

/// A well-formed secret key that belongs to nobody.
pub fn foreign_secret_key() -> String {
    let random = application::ports::entropy::secret_bytes(&crypto::entropy::OsEntropy);
    domain::secret::SecretKey::generate(&random).expose().to_owned()
}

/// A secret key with one character changed: a typo, which its checksum tells.
pub fn mistyped(secret_key: &str) -> String {
    let last = secret_key.chars().last().unwrap();
    let other = if last == '0' { '4' } else { '0' };
    format!("{}{other}", &secret_key[..secret_key.len() - 1])
}

/// Brings an account from another service, under its e-mail address, with the password that it has there and nothing else.
pub async fn import(app: &App, email: &str, password: &str) {
    let new = ImportedUser {
        username: Username::new(email).unwrap(),
        email: Some(Email::new(email).unwrap()),
        display_name: None,
        role: Role::User,
        password: ImportedPassword::Plain(Password::new(password).unwrap()),
        authenticators: Vec::new(),
    };
    let origin = Origin::default();
    let import = app.import.user(&Actor::Operator, new, &origin);
    import.await.unwrap_or_else(|error| panic!("{error}"));
}
