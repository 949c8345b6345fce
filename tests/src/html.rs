//! Forms of a page, read as a browser reads them: enough HTML for pages of our own.

/// A form and what it would send.
#[derive(Debug, Clone)]
pub struct Form {
    /// `GET` or `POST`.
    pub method: String,
    /// Where it goes; empty for the page's own address.
    pub action: String,
    /// Its fields with their values, those of hidden and empty ones too, in the order of the page.
    pub fields: Vec<(String, String)>,
    /// Its buttons with a name, and their values.
    pub buttons: Vec<(String, String)>,
}

impl Form {
    /// Whether it has a field of this name.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    /// The value of a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut found = self.fields.iter().filter(|(field, _)| field == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// With another value in a field that it has.
    #[track_caller]
    #[must_use]
    pub fn fill(mut self, name: &str, text: &str) -> Self {
        let fields = &mut self.fields;
        let field = fields.iter_mut().find(|(field, _)| field == name);
        let (_, value) = field.unwrap_or_else(|| panic!("the form has no {name}"));
        text.clone_into(value);
        self
    }

    /// With the button of this name and value pressed.
    #[track_caller]
    #[must_use]
    pub fn press(mut self, name: &str, value: &str) -> Self {
        let button = (name.to_owned(), value.to_owned());
        assert!(self.buttons.contains(&button), "no button {button:?} in {self:?}");
        self.fields.push(button);
        self
    }

    /// Without a field, as nobody's browser would send it.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self
    }
}

/// One start tag.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, String)>,
}

impl Tag<'_> {
    fn attribute(&self, name: &str) -> Option<&str> {
        let mut found = self.attributes.iter().filter(|(key, _)| *key == name);
        found.next().map(|(_, value)| value.as_str())
    }
}

/// The forms of a page.
pub fn forms(page: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut open = false;
    for tag in tags(page) {
        let text = |name: &str| tag.attribute(name).unwrap_or_default().to_owned();
        match tag.name {
            "form" => {
                let method = tag.attribute("method").unwrap_or("GET").to_ascii_uppercase();
                forms.push(Form {
                    method,
                    action: text("action"),
                    fields: Vec::new(),
                    buttons: Vec::new(),
                });
                open = true;
            }
            "/form" => open = false,
            "input" | "button" | "textarea" if open => {
                let Some(name) = tag.attribute("name") else { continue };
                let form = forms.last_mut().unwrap();
                let kind = tag.attribute("type").unwrap_or_default();
                let pair = (name.to_owned(), text("value"));
                match kind {
                    _ if tag.name == "button" => form.buttons.push(pair),
                    "submit" => form.buttons.push(pair),
                    "checkbox" | "radio" if tag.attribute("checked").is_none() => {}
                    _ => form.fields.push(pair),
                }
            }
            _ => {}
        }
    }
    forms
}

/// An attribute of the first element of this name.
pub fn attribute(page: &str, element: &str, name: &str) -> Option<String> {
    let found = tags(page).into_iter().find(|tag| tag.name == element)?;
    found.attribute(name).map(str::to_owned)
}

fn tags(page: &str) -> Vec<Tag<'_>> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (tag, after) = tag(rest);
        rest = after;
        // What scripts and styles contain is no mark-up.
        if matches!(tag.name, "script" | "style") {
            let end = format!("</{}", tag.name);
            rest = rest.find(&end).map_or("", |place| &rest[place..]);
        }
        found.push(tag);
    }
    found
}

/// The tag at the beginning of a text, and what follows it.
fn tag(text: &str) -> (Tag<'_>, &str) {
    let is_end = |letter: char| letter.is_ascii_whitespace() || letter == '>';
    let (name, mut rest) = text.split_at(text.find(is_end).unwrap_or(text.len()));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|letter: char| letter.is_ascii_whitespace() || letter == '/');
        if rest.is_empty() || rest.starts_with('>') {
            break;
        }
        let end = rest
            .find(|letter: char| is_end(letter) || letter == '=')
            .unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix('=') {
            Some(value) => value_of(value),
            None => ("", after),
        };
        attributes.push((key, decode(value)));
        rest = after;
    }
    (Tag { name, attributes }, rest.strip_prefix('>').unwrap_or(rest))
}

fn value_of(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let end = text
        .find(|letter: char| letter.is_ascii_whitespace() || letter == '>')
        .unwrap_or(text.len());
    text.split_at(end)
}

/// A text without character references.
pub fn decode(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let reference = after
            .split_once(';')
            .and_then(|(name, after)| Some((character(name)?, after)));
        match reference {
            Some((letter, after)) => {
                decoded.push(letter);
                rest = after;
            }
            None => {
                decoded.push('&');
                rest = after;
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

fn character(name: &str) -> Option<char> {
    let number = match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => name.strip_prefix('#')?,
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_its_fields_buttons_and_references() {
        let page = r#"<!doctype html><!-- <form><input name="no"> --><script>"<form>"</script>
            <form method=post action="/to?a=1&amp;b=&#x2F;"><input type="hidden" name="csrf" value="x&quot;&#39;y">
            <input name='otp' autofocus required/><input type=checkbox name=off><input type="checkbox" name="on" value="1" checked>
            <button name="decision" value="allow">Yes</button><button>No name</button></form><input name="outside">"#;
        let forms = forms(page);
        let [form] = &forms[..] else { panic!("{forms:?}") };
        assert_eq!((form.method.as_str(), form.action.as_str()), ("POST", "/to?a=1&b=/"));
        let fields = [("csrf", "x\"'y"), ("otp", ""), ("on", "1")];
        assert_eq!(
            form.fields,
            fields.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        let pressed = form.clone().fill("otp", "1").press("decision", "allow").without("csrf");
        assert_eq!(pressed.value("decision"), Some("allow"));
        assert_eq!((pressed.value("otp"), pressed.has("csrf")), (Some("1"), false));
    }
}
