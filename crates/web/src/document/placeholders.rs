//! What stands in examples for things that only an answer can give. The page replaces it by the real thing
//! (`docs/start.js`), so that the examples work as they stand.

/// A secret key.
pub(crate) const SECRET_KEY: &str = "csk_from_the_answer_of_registering";
/// An authentication session.
pub(crate) const AUTH_SESSION: &str = "cas_from_the_answer_of_the_first_call";
/// An authenticator. It has the form of an identifier, because a body is checked for that.
pub(crate) const AUTHENTICATOR: &str = "00000000-0000-4000-8000-00000000a07e";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_knows_them() {
        let page = include_str!("../docs/start.js");
        for placeholder in [SECRET_KEY, AUTH_SESSION, AUTHENTICATOR] {
            assert!(page.contains(placeholder), "{placeholder}");
        }
    }
}
