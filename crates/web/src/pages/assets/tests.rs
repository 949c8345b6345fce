//! Tests of the files, and of the colours in the style sheet.

use std::collections::BTreeMap;

use super::*;

#[test]
fn a_file_is_kept_for_ever_at_its_present_address_and_not_at_another() {
    let kept = |query: Option<&str>| {
        let response = file(STYLE_PATH, query).unwrap();
        response.headers()[CACHE_CONTROL].to_str().unwrap().to_owned()
    };
    let version = style_address().split_once('?').unwrap().1;
    assert_eq!(kept(Some(version)), "public, max-age=31536000, immutable");
    assert_eq!(
        (kept(None).as_str(), kept(Some("v=x")).as_str()),
        ("no-cache", "no-cache")
    );
    assert!(
        file(SCRIPT_PATH, None)
            .unwrap()
            .content_type()
            .unwrap()
            .starts_with("text/javascript")
    );
    assert!(file("/auth/assets/pages.txt", None).is_none());
    assert_ne!(style_address(), script_address());
}

/// The colour tokens of a scheme.
fn tokens(block: &str) -> BTreeMap<&str, [f64; 3]> {
    let declarations = block.split([';', '{']).filter_map(|part| part.trim().split_once(": #"));
    declarations
        .filter(|(name, _)| name.starts_with("--"))
        .map(|(name, hex)| {
            let part = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            (name, [part(0), part(2), part(4)])
        })
        .collect()
}

/// Relative luminance (WCAG 2.2).
fn luminance(colour: [f64; 3]) -> f64 {
    let linear = colour.map(|part| {
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn text_and_controls_stand_out_in_both_schemes() {
    assert!((contrast([0.0; 3], [1.0; 3]) - 21.0).abs() < 1e-9);
    let mut roots = STYLE.split(":root {").skip(1);
    let light = tokens(roots.next().unwrap().split('}').next().unwrap());
    let dark = tokens(roots.next().unwrap().split('}').next().unwrap());
    assert_eq!(light.keys().collect::<Vec<_>>(), dark.keys().collect::<Vec<_>>());
    let text = [
        (
            "--text",
            vec![
                "--ground",
                "--card",
                "--accent-soft",
                "--danger-soft",
                "--good-soft",
                "--warn-soft",
            ],
        ),
        ("--muted", vec!["--ground", "--card"]),
        ("--accent", vec!["--ground", "--card", "--accent-soft"]),
        ("--accent-strong", vec!["--ground", "--card", "--accent-soft"]),
        ("--on-accent", vec!["--accent", "--accent-strong"]),
        ("--danger", vec!["--ground", "--card", "--danger-soft"]),
        ("--on-danger", vec!["--danger", "--danger-strong"]),
        ("--good", vec!["--good-soft"]),
        ("--warn", vec!["--warn-soft"]),
    ];
    // What is no text: the edge of a field, and of a button (WCAG 2.2, success criterion 1.4.11).
    let shapes = [("--edge", vec!["--ground", "--card"])];
    for (scheme, colours) in [("light", &light), ("dark", &dark)] {
        for (least, pairs) in [(4.5, text.as_slice()), (3.0, shapes.as_slice())] {
            for (front, backs) in pairs {
                for back in backs {
                    let ratio = contrast(colours[front], colours[back]);
                    assert!(ratio >= least, "{scheme}: {front} on {back}: {ratio:.2}");
                }
            }
        }
    }
}

#[test]
fn every_colour_is_a_token() {
    let rules = STYLE.split("*,\n").nth(1).unwrap();
    for line in rules.lines().filter(|line| line.contains('#') || line.contains("rgb")) {
        assert!(
            line.contains("background: #ffffff"),
            "only behind a QR code, which must be dark on white: {line}"
        );
    }
}
