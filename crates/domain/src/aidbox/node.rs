//! What a document of the Aidbox profile is made of, whichever notation it came in.

/// A value.
#[derive(Clone, PartialEq)]
pub enum Node {
    /// Nothing; as good as leaving the attribute out.
    Null,
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number; none has a meaning here.
    Number(f64),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Node>),
    /// Values by name, in the order in which they came.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value of that name, unless it is nothing.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Map(members) = self else { return None };
        let member = members.iter().find(|(key, _)| key == name);
        member.map(|(_, value)| value).filter(|value| **value != Self::Null)
    }

    /// The value that is reached by these names, one below the other, to be changed.
    pub fn at_mut(&mut self, path: &[&str]) -> Option<&mut Self> {
        path.iter().try_fold(self, |node, name| match node {
            Self::Map(members) => members.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        })
    }

    /// Takes the value of that name out.
    pub fn take(&mut self, name: &str) -> Option<Self> {
        let Self::Map(members) = self else { return None };
        let place = members.iter().position(|(key, _)| key == name)?;
        Some(members.remove(place).1)
    }

    /// Puts a value under a name, in the place of the one that is there.
    pub fn set(&mut self, name: &str, value: Self) {
        let Self::Map(members) = self else { return };
        match members.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = value,
            None => members.push((name.to_owned(), value)),
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
