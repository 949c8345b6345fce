//! The answer to a client, which the browser carries (RFC 6749 section 4.1.2, RFC 9207).

use url::form_urlencoded;

use super::fault::Fault;

/// How the browser carries an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of the address.
    Query,
    /// In a form that it sends (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// Where an answer goes. The address was found among those that are registered for the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnTo {
    /// The address.
    pub redirect_uri: String,
    /// How.
    pub mode: ResponseMode,
    /// What the client gets back unchanged.
    pub state: Option<String>,
    /// Who answers (RFC 9207).
    pub issuer: String,
}

impl ReturnTo {
    /// An answer with a code.
    pub fn code(&self, code: &str) -> Answer {
        self.with(vec![("code", code.to_owned())])
    }

    /// An answer with an error.
    pub fn fault(&self, fault: Fault) -> Answer {
        self.with(vec![
            ("error", fault.error.name().to_owned()),
            ("error_description", fault.detail.to_owned()),
        ])
    }

    fn with(&self, mut parameters: Vec<(&'static str, String)>) -> Answer {
        parameters.extend(self.state.clone().map(|state| ("state", state)));
        parameters.push(("iss", self.issuer.clone()));
        Answer {
            redirect_uri: self.redirect_uri.clone(),
            mode: self.mode,
            parameters,
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Where it goes.
    pub redirect_uri: String,
    /// How.
    pub mode: ResponseMode,
    /// What it says.
    pub parameters: Vec<(&'static str, String)>,
}

impl Answer {
    /// The address with the answer in its query. A query that is there already stays (RFC 6749 section 3.1.2), and nothing of
    /// the address is written anew: it is what was registered.
    pub fn location(&self) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(&self.parameters);
        let separator = match self.redirect_uri.split_once('?') {
            None => "?",
            Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
            Some(_) => "&",
        };
        format!("{}{separator}{}", self.redirect_uri, text.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_added_to_the_address_and_changes_nothing_of_it() {
        let to = |redirect_uri: &str| ReturnTo {
            redirect_uri: redirect_uri.to_owned(),
            mode: ResponseMode::Query,
            state: Some("a&b=c#\"<".to_owned()),
            issuer: "https://issuer.example".to_owned(),
        };
        let rest = "code=x&state=a%26b%3Dc%23%22%3C&iss=https%3A%2F%2Fissuer.example";
        for (address, separator) in [
            ("https://app.example/cb", "?"),
            ("https://app.example/cb?tenant=1", "&"),
            ("https://app.example/cb?", ""),
            ("com.example.app:/cb", "?"),
            ("http://127.0.0.1:4711", "?"),
        ] {
            assert_eq!(to(address).code("x").location(), format!("{address}{separator}{rest}"));
        }
    }
}
