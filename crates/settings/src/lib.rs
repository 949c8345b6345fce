//! The settings of the service: loaded from several layers, checked as a whole, refused with every fault at once.
//!
//! `default.toml` lists and explains every setting; nothing is set anywhere else.

mod accounts;
mod browser;
mod compat;
mod data;
mod database;
mod delivery;
mod factors;
mod hotp;
mod http;
mod keys;
mod loading;
mod lockout;
mod log;
mod metrics;
mod oauth;
mod pages;
mod passwords;
mod print;
mod rate_limit;
mod recovery;
mod revocations;
mod secret;
mod secret_keys;
mod secrets;
mod tls;
mod tokens;
mod totp;
mod warnings;

#[cfg(test)]
mod documentation_tests;

use std::net::SocketAddr;

pub use accounts::{Accounts, FirstFactor, Registration};
pub use browser::Browser;
pub use compat::{Aidbox, Compat, Orion, UnknownAttributes};
pub use data::Data;
pub use database::{Database, DatabaseLocation, Engine};
pub use delivery::Delivery;
pub use factors::{Factors, Role, SecondFactor};
pub use hotp::Hotp;
pub use http::{ForwardedHeader, Http, PublicUrl};
pub use keys::Keys;
pub use loading::environment::Environment;
pub use loading::fault::{Fault, Faults};
pub use loading::secret_file::{Readers, SecretFileError, read_secret_file};
pub use loading::sources::{Override, Sources};
pub use lockout::Lockout;
pub use log::{Log, LogFormat};
pub use metrics::Metrics;
pub use oauth::OAuth;
pub use pages::Pages;
pub use passwords::Passwords;
pub use rate_limit::RateLimit;
pub use recovery::Recovery;
pub use revocations::Revocations;
pub use secret::Secret;
pub use secret_keys::SecretKeys;
pub use secrets::{MasterKey, Secrets};
pub use tls::{Tls, TlsFiles};
pub use tokens::{Algorithm, Tokens};
pub use totp::Totp;

use loading::layers::merge;
use loading::names::Names;
use loading::reader::{Read, Reader};
use print::Effective;

/// The commented defaults: the documentation of every setting.
pub const fn default_toml() -> &'static str {
    include_str!("../default.toml")
}

/// Every setting of the service, checked.
pub struct Settings {
    /// `[data]`
    pub data: Data,
    /// `[http]`
    pub http: Http,
    /// `[tls]`
    pub tls: Tls,
    /// `[metrics]`
    pub metrics: Metrics,
    /// `[log]`
    pub log: Log,
    /// `[database]`
    pub database: Database,
    /// `[secrets]`
    pub secrets: Secrets,
    /// `[accounts]`
    pub accounts: Accounts,
    /// `[passwords]`
    pub passwords: Passwords,
    /// `[factors]`
    pub factors: Factors,
    /// `[totp]`
    pub totp: Totp,
    /// `[hotp]`
    pub hotp: Hotp,
    /// `[recovery]`
    pub recovery: Recovery,
    /// `[tokens]`
    pub tokens: Tokens,
    /// `[keys]`
    pub keys: Keys,
    /// `[secret_keys]`
    pub secret_keys: SecretKeys,
    /// `[lockout]`
    pub lockout: Lockout,
    /// `[rate_limit]`
    pub rate_limit: RateLimit,
    /// `[revocations]`
    pub revocations: Revocations,
    /// `[oauth]`
    pub oauth: OAuth,
    /// `[browser]`
    pub browser: Browser,
    /// `[pages]`
    pub pages: Pages,
    /// `[delivery]`
    pub delivery: Delivery,
    /// `[compat]`
    pub compat: Compat,

    effective: Vec<Effective>,
    found_while_loading: Vec<String>,
}

impl Settings {
    /// Loads the settings, or tells everything that is wrong with them.
    pub fn load(sources: &Sources) -> Result<Self, Faults> {
        let names = Names::parse(default_toml()).map_err(|fault| Faults(vec![fault]))?;
        let mut faults = Vec::new();
        let merged = merge(sources, &names, &mut faults);
        let mut from = Reader::new(merged, faults);
        let settings = Self::read(&mut from);
        match settings {
            Ok(mut settings) if from.faults.is_empty() => {
                settings.effective = from.effective;
                settings.found_while_loading = from.warnings;
                Ok(settings)
            }
            _ => Err(Faults(from.faults)),
        }
    }

    /// Reads all sections before it gives up on one: a fault in the first must not hide one in the last.
    fn read(from: &mut Reader) -> Read<Self> {
        let data = Data::read(from);
        let known_data = data.as_ref().map_err(|recorded| *recorded);
        let http = Http::read(from);
        let tls = Tls::read(from);
        let metrics = Metrics::read(
            from,
            http.as_ref().map(|http| http.listen).map_err(|recorded| *recorded),
        );
        let log = Log::read(from);
        let database = Database::read(from, known_data);
        let secrets = Secrets::read(from, known_data);
        let accounts = Accounts::read(from);
        let passwords = Passwords::read(from);
        let factors = Factors::read(from);
        let totp = Totp::read(from);
        let hotp = Hotp::read(from);
        let recovery = Recovery::read(from);
        let tokens = Tokens::read(from);
        let keys = Keys::read(from);
        let secret_keys = SecretKeys::read(from);
        let lockout = Lockout::read(from);
        let rate_limit = RateLimit::read(from);
        let revocations = Revocations::read(from);
        let oauth = OAuth::read(from);
        let browser = Browser::read(from);
        let pages = Pages::read(from);
        let delivery = Delivery::read(from);
        let public_url = http.as_ref().ok().and_then(|http| http.public_url.clone());
        let compat = Compat::read(from, public_url.as_ref());
        Ok(Self {
            http: http?,
            tls: tls?,
            metrics: metrics?,
            log: log?,
            database: database?,
            secrets: secrets?,
            accounts: accounts?,
            passwords: passwords?,
            factors: factors?,
            totp: totp?,
            hotp: hotp?,
            recovery: recovery?,
            tokens: tokens?,
            keys: keys?,
            secret_keys: secret_keys?,
            lockout: lockout?,
            rate_limit: rate_limit?,
            revocations: revocations?,
            oauth: oauth?,
            browser: browser?,
            pages: pages?,
            delivery: delivery?,
            compat: compat?,
            data: data?,
            effective: Vec::new(),
            found_while_loading: Vec::new(),
        })
    }

    /// The issuer, once it is known where the service listens: `http.listen` may have asked for any free port.
    pub fn issuer(&self, bound: SocketAddr) -> String {
        match (&self.http.public_url, &self.tls.files) {
            (Some(url), _) => url.as_str().to_owned(),
            (None, Some(_)) => format!("https://{bound}"),
            (None, None) => format!("http://{bound}"),
        }
    }

    /// What is allowed and still worth a word to the operator.
    pub fn warnings(&self) -> Vec<String> {
        warnings::warnings(self)
    }

    /// The settings in effect, as TOML: secrets as `***`, and behind each value that is not the default where it came from.
    pub fn print(&self) -> String {
        print::print(&self.effective)
    }
}
