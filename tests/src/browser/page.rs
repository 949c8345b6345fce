//! What a person does with a page: looks for something by what is written on it, reads, types, clicks.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Browser, PATIENCE, PAUSE};

/// The key under which WebDriver answers an element (W3C WebDriver section 11).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How an element is looked for. A plain text is a CSS selector.
#[derive(Debug, Clone)]
pub struct By {
    using: &'static str,
    value: String,
}

/// By a CSS selector.
pub fn css(selector: impl Into<String>) -> By {
    By {
        using: "css selector",
        value: selector.into(),
    }
}

/// A field, by the whole text of its label.
pub fn label(text: &str) -> By {
    let text = literal(text);
    xpath(format!(
        "//*[@id=//label[normalize-space(.)={text}]/@for]\
         | //label[normalize-space(.)={text}]//*[self::input or self::select or self::textarea]\
         | //*[@aria-label={text}]"
    ))
}

/// A button, by the whole text on it.
pub fn button(text: &str) -> By {
    let text = literal(text);
    xpath(format!(
        "//button[normalize-space(.)={text}] | //input[@type='submit' and @value={text}]"
    ))
}

/// A link, by its whole text.
pub fn link(text: &str) -> By {
    xpath(format!("//a[normalize-space(.)={}]", literal(text)))
}

/// The innermost element that contains this text. What is only said where scripts are switched off does not count.
pub fn text(part: &str) -> By {
    let part = literal(part);
    let contains = format!("contains(normalize-space(.), {part})");
    xpath(format!(
        "//body//*[{contains} and not(*[{contains}]) and not(self::script or self::style or self::noscript)]"
    ))
}

fn xpath(path: String) -> By {
    By {
        using: "xpath",
        value: path,
    }
}

/// `XPath` has no escapes within its literals.
fn literal(text: &str) -> String {
    if !text.contains('"') {
        return format!("\"{text}\"");
    }
    assert!(!text.contains('\''), "a text with both kinds of quotes: {text}");
    format!("'{text}'")
}

impl From<&str> for By {
    fn from(selector: &str) -> Self {
        css(selector)
    }
}

impl From<&String> for By {
    fn from(selector: &String) -> Self {
        css(selector)
    }
}

impl Browser {
    /// The elements that are there now.
    async fn elements(&self, by: &By) -> Vec<String> {
        let wanted = json!({ "using": by.using, "value": by.value });
        let found = self.post("elements", wanted).await.unwrap();
        let found = found.as_array().unwrap().iter();
        found
            .map(|element| element[ELEMENT].as_str().unwrap().to_owned())
            .collect()
    }

    /// The first element, as soon as there is one.
    async fn element(&self, by: &By) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(first) = self.elements(by).await.into_iter().next() {
                return first;
            }
            if Instant::now() >= deadline {
                let (address, shown) = (self.address().await, self.visible_text().await);
                panic!("there is no {by:?} at {address}, which says:\n{shown}");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Does something with an element, again if the page changed in between.
    async fn with_element(&self, by: &By, command: &str, body: &Value) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let element = self.element(by).await;
            let path = format!("element/{element}/{command}");
            match self.post(&path, body.clone()).await {
                Ok(_) => return,
                // An animation may cover it for a moment, a script may replace it.
                Err(error) => assert!(
                    Instant::now() < deadline,
                    "{command} cannot be done with {by:?}: {error}"
                ),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn of_element(&self, by: &By, property: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let element = self.element(by).await;
            match self.driver.get(&format!("element/{element}/{property}")).await {
                Ok(value) => return value,
                Err(error) => assert!(Instant::now() < deadline, "no {property} of {by:?}: {error}"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// How many such elements there are now.
    pub async fn count(&self, by: impl Into<By>) -> usize {
        self.elements(&by.into()).await.len()
    }

    /// Whether there is such an element now.
    pub async fn has(&self, by: impl Into<By>) -> bool {
        self.count(by).await > 0
    }

    /// Waits until there is such an element.
    pub async fn see(&self, by: impl Into<By>) {
        self.element(&by.into()).await;
    }

    /// The text of an element as it is shown.
    pub async fn read(&self, by: impl Into<By>) -> String {
        let shown = self.of_element(&by.into(), "text").await;
        shown.as_str().unwrap().to_owned()
    }

    /// An attribute of an element as the document gives it.
    pub async fn attribute(&self, by: impl Into<By>, name: &str) -> Option<String> {
        let value = self.of_element(&by.into(), &format!("attribute/{name}")).await;
        value.as_str().map(str::to_owned)
    }

    /// A property of an element as it is now: what is in a field is its `value`.
    pub async fn property(&self, by: impl Into<By>, name: &str) -> Value {
        self.of_element(&by.into(), &format!("property/{name}")).await
    }

    /// The value that a CSS property of an element has in the end.
    pub async fn style(&self, by: impl Into<By>, property: &str) -> String {
        let value = self.of_element(&by.into(), &format!("css/{property}")).await;
        value.as_str().unwrap().to_owned()
    }

    /// What assistive technology calls the element.
    pub async fn accessible_name(&self, by: impl Into<By>) -> String {
        let name = self.of_element(&by.into(), "computedlabel").await;
        name.as_str().unwrap().to_owned()
    }

    /// All text that the page shows.
    pub async fn visible_text(&self) -> String {
        let Some(body) = self.elements(&css("body")).await.into_iter().next() else {
            return String::new();
        };
        let shown = self.driver.get(&format!("element/{body}/text")).await;
        shown.map_or_else(|gone| gone, |text| text.as_str().unwrap_or_default().to_owned())
    }

    /// Clicks as a person would: the element is scrolled to, and must not be covered.
    pub async fn click(&self, by: impl Into<By>) {
        let by = by.into();
        let centre = json!({ "block": "center" });
        let element = self.element(&by).await;
        let scroll = json!({
            "script": "arguments[0].scrollIntoView(arguments[1])",
            "args": [{ ELEMENT: element }, centre],
        });
        // The click scrolls too, though it may leave the element under something that is fixed to the edge of the window.
        let _ = self.post("execute/sync", scroll).await;
        self.with_element(&by, "click", &json!({})).await;
    }

    /// Empties a field and types into it.
    pub async fn fill(&self, by: impl Into<By>, text: &str) {
        let by = by.into();
        self.with_element(&by, "clear", &json!({})).await;
        self.press(by, text).await;
    }

    /// Types over what is in a field, for fields that put something in as soon as they are empty.
    pub async fn overwrite(&self, by: impl Into<By>, text: &str) {
        // Control and A, then all keys up (W3C WebDriver section 17.4.2).
        const ALL: &str = "\u{e009}a\u{e000}";
        self.press(by, &format!("{ALL}{text}")).await;
    }

    /// Presses keys while an element has the focus.
    pub async fn press(&self, by: impl Into<By>, keys: &str) {
        self.with_element(&by.into(), "value", &json!({ "text": keys })).await;
    }

    /// Presses keys wherever the focus is, one after the other: what a person without a mouse does.
    pub async fn keys(&self, keys: &str) {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key })))
            .collect();
        let typed = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] });
        self.post("actions", typed).await.unwrap();
    }
}
