//! The `aud` of our own tokens (RFC 7519 section 4.1.3): a string for one resource, a list for several, each once.

use std::fmt;

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize as _, Serializer};

/// The most resources that one token is for.
const AUDIENCES_MAX: usize = 16;

/// Writes the one form that there is for a list. An empty one is refused: a token that is for nobody would be for anybody.
pub(super) fn write<S: Serializer>(audience: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    if !is_sound(audience) {
        return Err(S::Error::custom("no audience, or one twice, or too many"));
    }
    match audience {
        [one] => serializer.serialize_str(one),
        several => several.serialize(serializer),
    }
}

/// Reads what [`write`] writes, and nothing else.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    deserializer.deserialize_any(OneOrSeveral)
}

fn is_sound(audience: &[String]) -> bool {
    let is_repeated = |(place, one): (usize, &String)| audience.iter().take(place).any(|other| other == one);
    (1..=AUDIENCES_MAX).contains(&audience.len()) && !audience.iter().enumerate().any(is_repeated)
}

struct OneOrSeveral;

impl<'de> Visitor<'de> for OneOrSeveral {
    type Value = Vec<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string, or a list of several strings")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<String>, E> {
        Ok(vec![text.to_owned()])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<String>, A::Error> {
        let mut audience = Vec::new();
        while let Some(one) = list.next_element()? {
            audience.push(one);
        }
        if audience.len() > 1 && is_sound(&audience) {
            Ok(audience)
        } else {
            Err(de::Error::custom("not a list of several"))
        }
    }
}
