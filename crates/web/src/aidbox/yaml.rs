//! YAML in and out, as far as documents need it: one document of maps, lists and scalars of the core schema (YAML 1.2 section
//! 10.3). Anchors, aliases and tags are refused: a few lines of them can stand for gigabytes, or for another type than one sees.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Number, Value};

use crate::problem::{Code, Problem};

/// How deep a document may be nested.
const DEPTH: usize = 8;

fn fault(detail: impl Into<String>) -> Problem {
    Problem::fault(Code::InvalidRequest, "", detail)
}

/// A map or a list that is not complete.
enum Open {
    List(Vec<Value>),
    /// With the name whose value comes next.
    Map(Map<String, Value>, Option<String>),
}

struct Builder {
    open: Vec<Open>,
    root: Option<Value>,
    documents: usize,
}

/// Reads a text.
pub(super) fn read(bytes: &[u8]) -> Result<Value, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| fault("is not valid UTF-8"))?;
    let mut builder = Builder {
        open: Vec::new(),
        root: None,
        documents: 0,
    };
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| {
            // The place only: the reader's own words may repeat what was sent.
            let marker = error.marker();
            fault(format!(
                "is not YAML: line {}, column {}",
                marker.line(),
                marker.col() + 1
            ))
        })?;
        let line = span.start.line();
        builder
            .take(event)
            .map_err(|detail| fault(format!("{detail} (line {line})")))?;
    }
    builder.root.ok_or_else(|| fault("is empty; a document is expected"))
}

impl Builder {
    fn take(&mut self, event: Event<'_>) -> Result<(), &'static str> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err("must be one document");
                }
                Ok(())
            }
            Event::Alias(_) => Err("must have no aliases"),
            Event::Scalar(text, style, anchor, tag) => {
                plain(anchor, tag.is_some())?;
                self.scalar(&text, style)
            }
            Event::SequenceStart(anchor, tag) => {
                plain(anchor, tag.is_some())?;
                self.begin(Open::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                plain(anchor, tag.is_some())?;
                self.begin(Open::Map(Map::new(), None))
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(values)) => self.value(Value::Array(values)),
                Some(Open::Map(members, _)) => self.value(Value::Object(members)),
                None => Err("is not a document"),
            },
        }
    }

    fn begin(&mut self, open: Open) -> Result<(), &'static str> {
        if matches!(self.open.last(), Some(Open::Map(_, None))) {
            return Err("must have texts as names");
        }
        if self.open.len() >= DEPTH {
            return Err("is nested deeper than 8 levels");
        }
        self.open.push(open);
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle) -> Result<(), &'static str> {
        if let Some(Open::Map(members, name @ None)) = self.open.last_mut() {
            // Two readers of one document must not come to two results.
            if members.contains_key(text) {
                return Err("has a name that is there more than once");
            }
            *name = Some(text.to_owned());
            return Ok(());
        }
        let value = match style {
            ScalarStyle::Plain => resolved(text),
            _ => Value::from(text),
        };
        self.value(value)
    }

    fn value(&mut self, value: Value) -> Result<(), &'static str> {
        match self.open.last_mut() {
            Some(Open::List(values)) => values.push(value),
            Some(Open::Map(members, name)) => {
                let name = name.take().ok_or("must have texts as names")?;
                members.insert(name, value);
            }
            None => self.root = Some(value),
        }
        Ok(())
    }
}

fn plain(anchor: usize, has_tag: bool) -> Result<(), &'static str> {
    match (anchor, has_tag) {
        (0, false) => Ok(()),
        (0, true) => Err("must have no tags"),
        _ => Err("must have no anchors"),
    }
}

/// What a plain scalar means.
fn resolved(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return Value::from(text);
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(number) = text.parse::<i64>()
    {
        return Value::from(number);
    }
    let is_number = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    let number = text
        .parse::<f64>()
        .ok()
        .filter(|_| is_number)
        .and_then(Number::from_f64);
    number.map_or_else(|| Value::from(text), Value::Number)
}

/// Writes a value in block style.
pub(super) fn write(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(members) if !members.is_empty() => map(&mut text, members, 0),
        Value::Array(values) if !values.is_empty() => list(&mut text, values, 0),
        scalar => {
            text.push_str(&inline(scalar));
            text.push('\n');
        }
    }
    text
}

fn indent(text: &mut String, depth: usize) {
    (0..depth).for_each(|_| text.push_str("  "));
}

fn map(text: &mut String, members: &Map<String, Value>, depth: usize) {
    for (name, value) in members {
        indent(text, depth);
        text.push_str(&quoted(name));
        text.push(':');
        below(text, value, depth);
    }
}

fn list(text: &mut String, values: &[Value], depth: usize) {
    for value in values {
        indent(text, depth);
        text.push('-');
        below(text, value, depth);
    }
}

fn below(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            text.push('\n');
            map(text, members, depth + 1);
        }
        Value::Array(values) if !values.is_empty() => {
            text.push('\n');
            list(text, values, depth + 1);
        }
        scalar => {
            text.push(' ');
            text.push_str(&inline(scalar));
            text.push('\n');
        }
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        // As JSON, which is YAML.
        other => other.to_string(),
    }
}

/// A text as it is, if nobody could take it for something else; in quotes otherwise.
fn quoted(text: &str) -> String {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./@+".contains(&byte);
    let begins_with_letter = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/');
    let is_word = begins_with_letter && text.bytes().all(is_safe);
    // What an older YAML takes for a truth value.
    let is_truth = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    if is_word && !is_truth {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::problem::Fault;

    fn detail(text: &str) -> String {
        let problem = read(text.as_bytes()).unwrap_err();
        problem
            .first_fault()
            .map(|fault: &Fault| fault.detail.clone())
            .unwrap_or_default()
    }

    #[test]
    fn documents_are_read_as_the_core_schema_says() {
        let text = "
secret: verysecret
first_party: true
grant_types:
  - code
auth:
  authorization_code:
    redirect_uri: 'http://localhost:3001'
    access_token_expiration: 360
    ratio: 0.5
empty:
quoted: \"360\"
octal: 0o17
date: 2021-01-25
version: 1.2.3
text: |
  two
  lines
";
        let expected = json!({
            "secret": "verysecret",
            "first_party": true,
            "grant_types": ["code"],
            "auth": { "authorization_code": {
                "redirect_uri": "http://localhost:3001", "access_token_expiration": 360, "ratio": 0.5,
            } },
            "empty": null,
            "quoted": "360",
            "octal": "0o17",
            "date": "2021-01-25",
            "version": "1.2.3",
            "text": "two\nlines\n",
        });
        assert_eq!(read(text.as_bytes()).ok(), Some(expected));
        assert_eq!(
            read(b"{\"a\": [1, \"b\"]}").ok(),
            Some(json!({ "a": [1, "b"] })),
            "JSON is YAML"
        );
    }

    #[test]
    fn what_could_grow_or_mean_something_else_is_refused() {
        for (text, expected) in [
            ("a: &x [1]\nb: *x\n", "must have no anchors (line 1)"),
            ("a: *x\n", "is not YAML: line 1, column 4"),
            ("a: !!binary x\n", "must have no tags (line 1)"),
            ("a: 1\na: 2\n", "has a name that is there more than once (line 2)"),
            ("? [a]\n: 1\n", "must have texts as names (line 1)"),
            ("a: 1\n---\nb: 2\n", "must be one document (line 2)"),
            ("", "is empty; a document is expected"),
            ("[[[[[[[[[1]]]]]]]]]", "is nested deeper than 8 levels (line 1)"),
        ] {
            assert_eq!(detail(text), expected, "{text}");
        }
        assert!(detail("a: [1\nb: }").starts_with("is not YAML: line "));
        // The parser itself stops at the depth that it can bear.
        let deep = "[".repeat(60_000);
        assert!(detail(&deep).starts_with("is not YAML: line 1"));
        assert_eq!(
            read(&[0xff]).err().map(|problem| problem.code()),
            Some(Code::InvalidRequest)
        );
    }

    #[test]
    fn what_is_written_reads_back() {
        let value = json!({
            "id": "my-user",
            "plain": "verysecret",
            "number": "360",
            "yes": "no",
            "url": "https://my-app.com/?a=b#c",
            "lines": "a\nb: \"c\"",
            "none": null,
            "list": [1, true, "x", { "a": [], "b": {} }, [1, 2]],
            "deep": { "a": { "b": 0.5 } },
            "ü: x": "~",
        });
        let text = write(&value);
        assert_eq!(read(text.as_bytes()).ok(), Some(value), "{text}");
        assert!(
            text.contains("id: my-user\n") && text.contains("\"yes\": \"no\"\n"),
            "{text}"
        );
    }
}
