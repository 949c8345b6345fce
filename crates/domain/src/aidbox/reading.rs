//! Reading the attributes of a document: each has a type, every fault names its attribute, and attributes that mean nothing here
//! are told apart from those that act.

use std::time::Duration;

use super::node::Node;

/// The most values of a list.
pub const LIST_MAX: usize = 64;
/// The longest text of an attribute that acts, in bytes.
pub const TEXT_MAX: usize = 4_096;

/// Whether a text says something, and is short enough for a heading: 1 to 64 characters, none of them a control character.
pub fn is_label(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= 64 && !text.chars().any(char::is_control)
}

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeFault {
    /// The attribute: names with dots between, places of lists in brackets.
    pub attribute: String,
    /// What is wrong with it. It never repeats what was sent.
    pub detail: String,
}

impl AttributeFault {
    /// Something wrong with an attribute.
    pub fn new(attribute: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            attribute: attribute.into(),
            detail: detail.into(),
        }
    }

    /// Where it is, as a JSON pointer (RFC 6901).
    pub fn pointer(&self) -> String {
        let dotted = self.attribute.replace('~', "~0").replace('/', "~1");
        let path = dotted.replace('[', ".").replace(']', "");
        path.split('.')
            .filter(|part| !part.is_empty())
            .fold(String::new(), |pointer, part| pointer + "/" + part)
    }
}

/// What comes to light while a document is read.
#[derive(Default)]
pub(super) struct Reading {
    /// What is wrong.
    pub faults: Vec<AttributeFault>,
    /// The attributes that mean nothing here.
    pub idle: Vec<String>,
}

/// A part of a document with named attributes.
#[derive(Clone)]
pub(super) struct Part<'a> {
    path: String,
    node: Option<&'a Node>,
}

impl Part<'_> {
    /// The name of an attribute of this part in the whole document.
    pub fn name_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// The name of this part in the whole document.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it is in the document.
    pub const fn is_there(&self) -> bool {
        self.node.is_some()
    }
}

impl Reading {
    /// Notes a fault.
    pub fn fault(&mut self, attribute: impl Into<String>, detail: impl Into<String>) {
        self.faults.push(AttributeFault::new(attribute, detail));
    }

    /// The whole document, in which `known` attributes act.
    pub fn document<'a>(&mut self, node: &'a Node, known: &[&str]) -> Part<'a> {
        self.open(String::new(), Some(node), known)
    }

    /// A part of a part, in which `known` attributes act.
    pub fn part<'a>(&mut self, of: &Part<'a>, name: &str, known: &[&str]) -> Part<'a> {
        let path = of.name_of(name);
        let node = of.node.and_then(|node| node.get(name));
        self.open(path, node, known)
    }

    fn open<'a>(&mut self, path: String, node: Option<&'a Node>, known: &[&str]) -> Part<'a> {
        let mut part = Part { path, node };
        match node {
            Some(Node::Map(members)) => {
                let idle = members.iter().filter(|(name, _)| !known.contains(&name.as_str()));
                let names: Vec<String> = idle.map(|(name, _)| part.name_of(name)).collect();
                self.idle.extend(names);
            }
            Some(_) => {
                self.fault(part.path.clone(), "must have named attributes");
                part.node = None;
            }
            None => {}
        }
        part
    }

    fn value<'a, T>(
        &mut self,
        part: &Part<'a>,
        name: &str,
        kind: &str,
        read: impl Fn(&'a Node) -> Option<T>,
    ) -> Option<T> {
        let node = part.node?.get(name)?;
        let value = read(node);
        if value.is_none() {
            self.fault(part.name_of(name), format!("must be {kind}"));
        }
        value
    }

    /// A text.
    pub fn text<'a>(&mut self, part: &Part<'a>, name: &str) -> Option<&'a str> {
        self.value(part, name, "a text of at most 4096 bytes", |node| {
            node.as_text().filter(|text| text.len() <= TEXT_MAX)
        })
    }

    /// A text that says something, short enough for a heading.
    pub fn label<'a>(&mut self, part: &Part<'a>, name: &str) -> Option<&'a str> {
        let kind = "a text of 1 to 64 characters, none of them a control character";
        self.value(part, name, kind, |node| node.as_text().filter(|text| is_label(text)))
    }

    /// Yes or no.
    pub fn boolean(&mut self, part: &Part<'_>, name: &str) -> Option<bool> {
        self.value(part, name, "true or false", |node| match node {
            Node::Boolean(value) => Some(*value),
            _ => None,
        })
    }

    /// A whole number within bounds.
    pub fn integer(&mut self, part: &Part<'_>, name: &str, bounds: (i64, i64)) -> Option<i64> {
        let (least, most) = bounds;
        let kind = format!("a whole number from {least} to {most}");
        self.value(part, name, &kind, |node| match node {
            Node::Integer(value) if (least..=most).contains(value) => Some(*value),
            _ => None,
        })
    }

    /// Whole seconds within bounds.
    pub fn seconds(&mut self, part: &Part<'_>, name: &str, bounds: (i64, i64)) -> Option<Duration> {
        let seconds = self.integer(part, name, bounds)?;
        u64::try_from(seconds).ok().map(Duration::from_secs)
    }

    /// Texts, each with its place.
    pub fn texts<'a>(&mut self, part: &Part<'a>, name: &str) -> Vec<(String, &'a str)> {
        let list = self.value(part, name, "a list of at most 64 texts", |node| match node {
            Node::List(values) if values.len() <= LIST_MAX => Some(values),
            _ => None,
        });
        let mut texts = Vec::new();
        for (place, value) in list.into_iter().flatten().enumerate() {
            let attribute = format!("{}[{place}]", part.name_of(name));
            match value.as_text().filter(|text| text.len() <= TEXT_MAX) {
                Some(text) => texts.push((attribute, text)),
                None => self.fault(attribute, "must be a text"),
            }
        }
        texts
    }

    /// A value as it is.
    pub fn node<'a>(part: &Part<'a>, name: &str) -> Option<&'a Node> {
        part.node?.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_a_place_in_either_notation() {
        for (attribute, pointer) in [
            ("twoFactor.webhook.timeout", "/twoFactor/webhook/timeout"),
            ("grant_types[2]", "/grant_types/2"),
            (
                "auth.client_credentials.audience[0]",
                "/auth/client_credentials/audience/0",
            ),
            ("a/b", "/a~1b"),
        ] {
            assert_eq!(AttributeFault::new(attribute, "").pointer(), pointer);
        }
    }
}
