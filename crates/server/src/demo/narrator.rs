//! Tells what is sent and what comes back, and insists on the expected status.

use std::fmt::Write as _;

use hyper::StatusCode;
use serde_json::Value;

use super::http::{Answer, Call, Caller};
use crate::commands::Failure;
use crate::output::{self, Paint};

/// Headers of answers that a caller acts on.
const TELLING: [&str; 3] = ["www-authenticate", "cache-control", "retry-after"];
/// Longer texts (tokens) are shortened; this much of them is shown.
const SHOWN: usize = 44;

pub(super) struct Narrator {
    caller: Caller,
    paint: Paint,
    steps: u32,
}

impl Narrator {
    pub(super) fn new(base: &str, paint: Paint) -> Self {
        Self {
            caller: Caller::new(base),
            paint,
            steps: 0,
        }
    }

    /// Opens the next step with a line that says what it is about.
    pub(super) fn step(&mut self, about: &str) {
        self.steps += 1;
        output::line(format_args!(
            "\n{}",
            self.paint.bold(&format!("{}. {about}", self.steps))
        ));
    }

    /// Makes a call, and fails unless the answer has that status.
    pub(super) async fn call(&self, call: Call, expected: StatusCode) -> Result<Answer, Failure> {
        let mut text = format!("   {} {}", self.paint.bold(call.method.as_str()), call.path);
        if let Some(token) = &call.bearer {
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "\n   {}",
                self.paint.faint(&format!("Authorization: Bearer {}", shortened(token)))
            );
        }
        output::line(text);
        call.body.as_ref().inspect(|body| self.show(body));

        let silent = |error: super::http::Silence| Failure::new(format!("step {}: {error}", self.steps));
        let answer = self.caller.call(&call).await.map_err(silent)?;
        let is_expected = answer.status == expected;
        let status = answer.status.to_string();
        let status = if is_expected {
            self.paint.green(&status)
        } else {
            self.paint.red(&status)
        };
        let mut text = format!("   => {status}");
        for name in TELLING {
            if let Some(value) = answer.headers.get(name).and_then(|value| value.to_str().ok()) {
                let _ = write!(text, "\n   {}", self.paint.faint(&format!("{name}: {value}")));
            }
        }
        output::line(text);
        answer.body.as_ref().inspect(|body| self.show(body));
        if is_expected {
            Ok(answer)
        } else {
            Err(Failure::new(format!(
                "step {}: expected {expected}, got {}",
                self.steps, answer.status
            )))
        }
    }

    /// Shows JSON, indented, with long texts shortened.
    fn show(&self, value: &Value) {
        for line in format!("{:#}", with_short_texts(value)).lines() {
            output::line(format_args!("   {}", self.paint.faint(line)));
        }
    }

    /// Shows JSON under a title.
    pub(super) fn show_titled(&self, title: &str, value: &Value) {
        output::line(format_args!("   {title}"));
        self.show(value);
    }

    /// A text field of an answer.
    pub(super) fn field(&self, answer: &Answer, name: &str) -> Result<String, Failure> {
        let text = answer
            .body
            .as_ref()
            .and_then(|body| body.get(name))
            .and_then(Value::as_str);
        text.map(str::to_owned)
            .ok_or_else(|| Failure::new(format!("step {}: the answer has no {name}", self.steps)))
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) if text.len() > SHOWN + 16 && !text.contains(' ') => {
            format!(
                "{}... ({} characters)",
                text.get(..end).unwrap_or_default(),
                text.chars().count()
            )
        }
        _ => text.to_owned(),
    }
}

fn with_short_texts(value: &Value) -> Value {
    match value {
        Value::String(text) => shortened(text).into(),
        Value::Array(items) => items.iter().map(with_short_texts).collect(),
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), with_short_texts(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_shortened_and_sentences_are_not() {
        let token = "e".repeat(400);
        assert_eq!(shortened(&token), format!("{}... (400 characters)", "e".repeat(44)));
        let sentence = "a sentence that somebody wants to read from its first to its last word";
        assert_eq!(shortened(sentence), sentence);
    }
}
