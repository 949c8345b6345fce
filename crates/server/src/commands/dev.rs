//! The administrator of a development service: made at the first start, kept in a file, and mended when the file and the
//! database have parted.

use std::path::PathBuf;

use application::App;
use application::accounts::{NewUser, RegisterError};
use application::actor::Actor;
use application::admin::UserChange;
use application::core::FirstFactor;
use application::ports::{PasswordCheck, Purpose};
use domain::secret::{Password, SecretKey};
use domain::session::Origin;
use domain::user::{Role, User, UserState};
use domain::username::Username;
use serde_json::{Value, json};
use settings::Settings;
use zeroize::Zeroizing;

use super::Failure;
use super::password::generate_password;
use super::user::find;
use crate::files;
use crate::service::Running;

const FILE: &str = "dev-credentials.json";
const ADMIN: &str = "admin";

/// What somebody needs to log in.
pub(crate) struct Credentials {
    pub(crate) username: String,
    pub(crate) password: Zeroizing<String>,
    pub(crate) secret_key: Zeroizing<String>,
}

impl Credentials {
    fn read(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let field = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
        Some(Self {
            username: field("username")?,
            password: Zeroizing::new(field("password")?),
            secret_key: Zeroizing::new(field("secret_key")?),
        })
    }

    fn write(&self) -> Zeroizing<String> {
        let value = json!({
            "username": self.username, "password": self.password.as_str(), "secret_key": self.secret_key.as_str(),
        });
        Zeroizing::new(format!("{value:#}\n"))
    }
}

/// Where the credentials are kept.
pub(super) fn file(settings: &Settings) -> PathBuf {
    settings.data.join(FILE)
}

/// The administrator's credentials: those in the file if they still work, else new ones.
pub(super) async fn administrator(running: &Running, settings: &Settings) -> Result<Credentials, Failure> {
    let path = file(settings);
    let kept = std::fs::read_to_string(&path)
        .ok()
        .and_then(|text| Credentials::read(&text));
    if let Some(kept) = kept
        && still_work(&running.app, &kept).await?
    {
        return Ok(kept);
    }
    let credentials = make(&running.app, ADMIN, Role::Admin).await?;
    let unwritable = |error| Failure::new(format!("{} cannot be written: {error}", path.display()));
    files::make_private_folder(files::folder_of(&path)).map_err(unwritable)?;
    files::write_private(&path, credentials.write().as_bytes()).map_err(unwritable)?;
    Ok(credentials)
}

/// Makes an account with a password of its own, or gives an existing one new credentials.
pub(crate) async fn make(app: &App, name: &str, role: Role) -> Result<Credentials, Failure> {
    let username = Username::new(name).map_err(|fault| Failure::new(format!("the user name {fault}")))?;
    let password = generate_password(app);
    let new = NewUser {
        username: username.clone(),
        password: typed(&password)?,
        email: None,
        display_name: None,
        role,
        // Whatever is configured: its credentials are printed to be used at once.
        first_factor: Some(FirstFactor::SecretKey),
    };
    let made = match app
        .register
        .execute(Some(&Actor::Operator), new, &Origin::default())
        .await
    {
        Ok(registered) => registered.secret_key,
        Err(RegisterError::UsernameTaken) => None,
        Err(error) => return Err(Failure::new(crate::error::with_causes(&error))),
    };
    let secret_key = match made {
        Some(secret_key) => secret_key,
        None => mend(app, &username, &password, role).await?,
    };
    Ok(Credentials {
        username: username.as_str().to_owned(),
        password,
        secret_key: Zeroizing::new(secret_key.expose().to_owned()),
    })
}

/// Whether the credentials are those of an active administrator. Compared here and not by a login: a start must leave
/// neither a session nor a failed attempt behind.
async fn still_work(app: &App, kept: &Credentials) -> Result<bool, Failure> {
    let Ok(username) = Username::new(&kept.username) else {
        return Ok(false);
    };
    let Some(user) = find(app, &username).await? else {
        return Ok(false);
    };
    if user.role != Role::Admin || user.state != UserState::Active {
        return Ok(false);
    }
    let (Some(password), Ok(secret_key)) = (Password::new(&kept.password), SecretKey::parse(&kept.secret_key)) else {
        return Ok(false);
    };
    let ports = &app.core.ports;
    let digest = ports
        .digester
        .digest(Purpose::SecretKey, secret_key.expose().as_bytes());
    let mut tx = ports.store.read().await?;
    let live = tx.secret_keys().live_of(user.id, app.core.now()).await?;
    drop(tx);
    if !live.iter().any(|key| key.digest == digest) {
        return Ok(false);
    }
    let check = ports.password_hasher.check(password, Some(user.password_hash)).await;
    Ok(matches!(check, Ok(PasswordCheck::Right | PasswordCheck::RightOutdated)))
}

/// Gives an account that exists a new password and a new secret key, and whatever else it needs.
async fn mend(app: &App, username: &Username, password: &str, role: Role) -> Result<SecretKey, Failure> {
    let taken = || Failure::new(format!("the account {username} vanished; start again"));
    let user: User = find(app, username).await?.ok_or_else(taken)?;
    let (actor, origin) = (Actor::Operator, Origin::default());
    let failed = |error: application::admin::AdminError| Failure::new(crate::error::with_causes(&error));
    if user.role != role {
        let change = UserChange {
            role: Some(role),
            ..UserChange::default()
        };
        app.manage_users
            .update(&actor, user.id, change, &origin)
            .await
            .map_err(failed)?;
    }
    if user.state != UserState::Active {
        app.manage_users
            .enable(&actor, user.id, &origin)
            .await
            .map_err(failed)?;
    }
    app.manage_users
        .set_password(&actor, user.id, typed(password)?, &origin)
        .await
        .map_err(|error| Failure::new(error.to_string()))?;
    let (secret_key, _) = app
        .manage_users
        .reset_secret_key(&actor, user.id, &origin)
        .await
        .map_err(failed)?;
    Ok(secret_key)
}

fn typed(password: &str) -> Result<Password, Failure> {
    Password::new(password).ok_or_else(|| Failure::new("the password is too long"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_read_back() {
        let credentials = Credentials {
            username: "admin".to_owned(),
            password: Zeroizing::new("a \"quoted\" one".to_owned()),
            secret_key: Zeroizing::new("csk_1".to_owned()),
        };
        let read = Credentials::read(&credentials.write()).unwrap();
        assert_eq!(
            (read.username.as_str(), read.password.as_str(), read.secret_key.as_str()),
            ("admin", "a \"quoted\" one", "csk_1")
        );
        assert!(Credentials::read("{\"username\": \"admin\"}").is_none());
        assert!(Credentials::read("").is_none());
    }
}
