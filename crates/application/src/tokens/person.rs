//! What is said of a person (OpenID Connect Core section 5.1), at the `UserInfo` endpoint and in ID tokens.

use domain::email::Email;
use domain::id_token::ClaimValue;
use domain::scope::{Scope, Scopes};
use domain::user::User;

/// The claims that can be had, and the scope that asks for each.
const CLAIMS: [(&str, Scope); 4] = [
    ("name", Scope::Profile),
    ("preferred_username", Scope::Profile),
    ("email", Scope::Email),
    ("email_verified", Scope::Email),
];

/// Names of the claims about a person that can be had; `sub` is not among them, because it is always there.
pub fn supported() -> impl Iterator<Item = &'static str> {
    CLAIMS.iter().map(|(name, _)| *name)
}

/// The scope that a claim is part of.
pub fn scope_of(name: &str) -> Option<Scope> {
    CLAIMS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, scope)| scope.clone())
}

/// What these scopes, and these names besides (OpenID Connect Core section 5.5), give of an account. A claim that the account
/// has no value for is left out (section 5.3.2), and so is one that nobody knows.
pub fn claims_of(user: &User, scopes: Option<&Scopes>, names: &[String]) -> Vec<(String, ClaimValue)> {
    let is_asked = |name: &str, scope: &Scope| {
        scopes.is_some_and(|scopes| scopes.contains(scope)) || names.iter().any(|asked| asked == name)
    };
    CLAIMS
        .iter()
        .filter(|(name, scope)| is_asked(name, scope))
        .filter_map(|(name, _)| Some(((*name).to_owned(), value(user, name)?)))
        .collect()
}

fn value(user: &User, name: &str) -> Option<ClaimValue> {
    let email = user.email.as_ref().map(Email::as_str);
    match name {
        "name" => user.display_name.clone().map(ClaimValue::Text),
        "preferred_username" => Some(ClaimValue::Text(user.username.as_str().to_owned())),
        "email" => email.map(|email| ClaimValue::Text(email.to_owned())),
        // Nobody has looked whether mail arrives there.
        "email_verified" => email.map(|_| ClaimValue::Flag(false)),
        _ => None,
    }
}
