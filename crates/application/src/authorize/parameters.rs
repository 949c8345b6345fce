//! The parameters of a request: each at most once, those without a value not there (RFC 6749 section 3.1).

use url::form_urlencoded;

/// More than these are not read; nobody needs so many.
const PARAMETERS_MAX: usize = 64;

/// Parameters as they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a form-encoded text.
    pub fn parse(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes()).take(PARAMETERS_MAX);
        let pairs = pairs.filter(|(_, value)| !value.is_empty());
        Self(
            pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// The value of a parameter that was sent once; `None` if it was not, or more than once.
    pub fn once(&self, name: &str) -> Option<&str> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }

    /// Every value of a parameter.
    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.0
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether a parameter was sent more than once.
    pub fn is_repeated(&self, name: &str) -> bool {
        self.all(name).nth(1).is_some()
    }

    /// The form-encoded text, without parameters of these names.
    pub fn text_without(&self, names: &[&str]) -> String {
        self.text(|name| !names.contains(&name))
    }

    /// The form-encoded text of the parameters of these names.
    pub fn text_of(&self, names: &[&str]) -> String {
        self.text(|name| names.contains(&name))
    }

    fn text(&self, keeps: impl Fn(&str) -> bool) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(self.0.iter().filter(|(name, _)| keeps(name)));
        text.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_is_not_there_and_what_is_repeated_has_no_value() {
        let parameters = Parameters::parse("a=1&b=&c=x&c=y&d=%C3%A4+b&b=2");
        assert_eq!(parameters.once("a"), Some("1"));
        assert_eq!(parameters.once("b"), Some("2"));
        assert_eq!(parameters.once("c"), None);
        assert!(parameters.is_repeated("c") && !parameters.is_repeated("b"));
        assert_eq!(parameters.once("d"), Some("\u{e4} b"));
        assert_eq!(parameters.once("e"), None);
        assert_eq!(parameters.text_without(&["c"]), "a=1&d=%C3%A4+b&b=2");
        assert_eq!(parameters.text_of(&["a", "c"]), "a=1&c=x&c=y");
    }
}
