//! The arguments of `countersign client`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use domain::client::GrantType;

#[derive(Debug, Subcommand)]
pub(crate) enum Client {
    /// Register an application; prints the secret that it is given, this once
    Add(Box<NewClient>),
    /// List applications
    List,
    /// Show an application
    Show {
        /// Its `client_id`
        id: String,
    },
    /// Give an application a new secret; prints it, this once. The old one is worth nothing from then on
    RotateSecret {
        /// Its `client_id`
        id: String,
    },
    /// Delete an application; nothing that it was issued is accepted any more
    Delete {
        /// Its `client_id`
        id: String,
    },
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("proof"))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct NewClient {
    /// Its `client_id`: letters, digits and `. _ ~ - : /`
    pub(crate) id: String,
    /// What people are shown [default: the `client_id`]
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,
    /// An application on somebody's device or in a browser, which can keep no secret
    #[arg(long, group = "proof")]
    pub(crate) public: bool,
    /// It proves itself with keys of its own (`private_key_jwt`), whose public parts are in this file, a JWK Set
    #[arg(long, value_name = "FILE", group = "proof")]
    pub(crate) jwks: Option<PathBuf>,
    /// The operator's own: nobody is asked for consent
    #[arg(long)]
    pub(crate) first_party: bool,
    /// Where answers of the authorization endpoint may go, exactly; can be repeated
    #[arg(long = "redirect-uri", value_name = "URI")]
    pub(crate) redirect_uris: Vec<String>,
    /// Where a browser may go after a logout; can be repeated
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    pub(crate) post_logout_redirect_uris: Vec<String>,
    /// Where it is told of logouts
    #[arg(long, value_name = "URI")]
    pub(crate) backchannel_logout_uri: Option<String>,
    /// A way to get tokens: `authorization_code`, `refresh_token`, `client_credentials`, `device_code`, `token-exchange`
    /// or `password`; can be repeated [default: `authorization_code` and `refresh_token`]
    #[arg(long = "grant", value_name = "GRANT", value_parser = grant)]
    pub(crate) grants: Vec<GrantType>,
    /// What it may ask for, with spaces between [default: `openid profile email offline_access`]
    #[arg(long, value_name = "SCOPES")]
    pub(crate) scope: Option<String>,
    /// A resource that its tokens may be for; can be repeated, the first is the default [default: this service]
    #[arg(long = "audience", value_name = "URI")]
    pub(crate) audiences: Vec<String>,
    /// A web origin whose scripts may call for it; can be repeated
    #[arg(long = "cors-origin", value_name = "ORIGIN")]
    pub(crate) cors_origins: Vec<String>,
    /// Its access tokens are references, for introspection, and not JWTs
    #[arg(long)]
    pub(crate) opaque: bool,
    /// Its authorization requests must be pushed (RFC 9126)
    #[arg(long)]
    pub(crate) require_par: bool,
    /// It need not use PKCE
    #[arg(long)]
    pub(crate) optional_pkce: bool,
}

/// A grant by its whole name or, for those that are URNs, the end of it.
fn grant(text: &str) -> Result<GrantType, String> {
    let is_meant = |grant: &GrantType| grant.name() == text || grant.name().rsplit(':').next() == Some(text);
    let known = || {
        let names = GrantType::ALL
            .iter()
            .map(|grant| grant.name().rsplit(':').next().unwrap_or_default());
        names.collect::<Vec<_>>().join(", ")
    };
    GrantType::ALL
        .into_iter()
        .find(is_meant)
        .ok_or_else(|| format!("must be one of {}", known()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_has_a_short_name_and_a_long_one() {
        assert_eq!(grant("device_code"), Ok(GrantType::DeviceCode));
        assert_eq!(grant("token-exchange"), Ok(GrantType::TokenExchange));
        for known in GrantType::ALL {
            assert_eq!(grant(known.name()), Ok(known));
        }
        assert!(grant("implicit").is_err_and(|error| error.contains("client_credentials")));
        assert!(grant("").is_err());
    }
}
