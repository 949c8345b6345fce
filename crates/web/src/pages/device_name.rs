//! What a session is called in a list: the browser and the system that its `User-Agent` names, as far as its owner needs that to
//! recognise it.

/// Browsers by what only they say of themselves. The order matters: most say that they are Chrome and Safari, too.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Systems, in an order for the same reason.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// The longest name that is taken from a program as it is.
const NAME_MAX: usize = 40;

/// The name; `None` if nothing was sent that names anything.
pub(crate) fn of(user_agent: Option<&str>) -> Option<String> {
    let text = user_agent?.trim();
    let known = |names: &[(&str, &'static str)]| {
        let found = names.iter().find(|(mark, _)| text.contains(mark));
        found.map(|(_, name)| *name)
    };
    match (known(&BROWSERS), known(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser} · {system}")),
        (Some(browser), None) => Some(browser.to_owned()),
        (None, _) => {
            let name: String = text.split(['/', ' ']).next()?.chars().take(NAME_MAX).collect();
            (!name.is_empty()).then_some(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart_though_all_say_that_they_are_each_other() {
        let blink = "(KHTML, like Gecko) Chrome/140.0.0.0";
        for (text, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0".to_owned(),
                "Firefox · Linux",
            ),
            (
                format!("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 {blink} Safari/537.36 Edg/140.0"),
                "Edge · Windows",
            ),
            (
                format!("Mozilla/5.0 (Linux; Android 10; K) {blink} Mobile Safari/537.36"),
                "Chrome · Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/18.6 Safari/604.1".to_owned(),
                "Safari · iPhone",
            ),
            ("curl/8.14.1".to_owned(), "curl"),
            ("my-job 2 (Linux)".to_owned(), "my-job"),
        ] {
            assert_eq!(of(Some(&text)).as_deref(), Some(name));
        }
        assert_eq!((of(None), of(Some("  ")), of(Some("/"))), (None, None, None));
    }
}
