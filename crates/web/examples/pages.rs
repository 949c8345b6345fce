//! Writes every page in every language, with style sheet, script and headers, into a folder, so that they can be looked at:
//! `cargo run -p web --example pages -- <folder>`.

#[path = "../tests/pages/samples.rs"]
#[expect(
    clippy::unwrap_used,
    clippy::wildcard_imports,
    reason = "shared with the tests of the pages"
)]
mod samples;

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use web::pages::assets::{self, SCRIPT_PATH, STYLE_PATH};
use web::pages::{Brand, Frame, Languages, Theme};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("which folder?")?);
    fs::create_dir_all(folder.join("auth/assets"))?;
    for path in [STYLE_PATH, SCRIPT_PATH] {
        let file = assets::file(path, None).ok_or("no such file")?;
        fs::write(
            folder.join(path.trim_start_matches('/')),
            file.into_body().into_bytes().await?,
        )?;
    }
    let languages = Languages::built_in();
    let branded = Theme {
        title: Some("Harbour Clinic Account".to_owned()),
        brand: Some(Brand::Text("Harbour Clinic".to_owned())),
        ..Theme::default()
    };
    for (look, theme) in [("", &Theme::default()), ("-branded", &branded)] {
        for tag in languages.tags() {
            let locale = languages.choose(Some(tag), None);
            let frame = Frame {
                theme,
                locale: &locale,
                nonce: "bm9uY2U",
                csrf: "csrf",
                form_target: None,
            };
            for sample in samples::all(samples::NATURAL) {
                let response = (sample.draw)(&frame);
                let name = format!("{}{look}.{tag}.html", sample.name);
                let headers: Vec<String> = response
                    .headers()
                    .iter()
                    .filter_map(|(name, value)| Some(format!("{name}: {}", value.to_str().ok()?)))
                    .collect();
                fs::write(folder.join(format!("{name}.headers")), headers.join("\n"))?;
                fs::write(folder.join(name), response.into_body().into_bytes().await?)?;
            }
        }
    }
    Ok(())
}
