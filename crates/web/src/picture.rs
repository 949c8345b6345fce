//! Answers that are pictures: a PNG or an SVG, as the caller likes best.

use poem::http::header::{ACCEPT, CONTENT_TYPE};
use poem::http::{HeaderMap, HeaderValue};
use poem::{FromRequest, IntoResponse, Request, RequestBody, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};

use crate::problem::{Code, Problem};
use crate::qr::{self, Correction};

const PNG: &str = "image/png";
const SVG: &str = "image/svg+xml";

/// The width and height of a PNG, in pixels.
const SIZE: u32 = 400;

/// The form of a picture that a request asks for by `Accept` (RFC 9110 section 12.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A PNG: also for who says nothing, likes both alike, or likes neither. A picture that was not asked for does no harm, so
    /// nobody is turned away with 406.
    Png,
    /// An SVG.
    Svg,
}

impl Form {
    fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let ranges: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
        if weight(&ranges, SVG) > weight(&ranges, PNG) {
            Self::Svg
        } else {
            Self::Png
        }
    }
}

impl<'a> FromRequest<'a> for Form {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::of(request.headers()))
    }
}

/// How much somebody likes a media type, in thousandths: the weight of the narrowest range that holds it, or nothing.
fn weight(ranges: &[&str], media_type: &str) -> u16 {
    let found = ranges.iter().filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let narrowness = match parts.next()? {
            name if name.eq_ignore_ascii_case(media_type) => 2,
            name if name.eq_ignore_ascii_case("image/*") => 1,
            "*/*" => 0,
            _ => return None,
        };
        let q = parts
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        let weight = q.map_or(Some(1_000), |(_, value)| thousandths(value.trim()))?;
        Some((narrowness, weight))
    });
    found.max().map_or(0, |(_, weight)| weight)
}

/// RFC 9110 section 12.4.2: from `0` to `1`, with three decimals at most.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_weight = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let whole = match whole {
        "0" => 0,
        "1" => 1_000,
        _ => return None,
    };
    let decimals = format!("{decimals:0<3}").parse::<u16>().ok()?;
    (is_weight && whole + decimals <= 1_000).then_some(whole + decimals)
}

/// A picture.
pub(crate) struct Picture {
    media_type: &'static str,
    bytes: Vec<u8>,
}

impl Picture {
    /// A key URI as a QR code.
    pub fn of_key_uri(uri: &str, form: Form) -> Result<Self, Problem> {
        let (media_type, drawn) = match form {
            Form::Png => (PNG, qr::png(uri, SIZE, Correction::Medium)),
            Form::Svg => (SVG, qr::svg(uri, Correction::Medium).map(String::into_bytes)),
        };
        // Only a configured issuer of thousands of characters makes such a URI.
        let bytes =
            drawn.map_err(|_| Problem::new(Code::InternalError).because("the key URI does not fit into a QR code"))?;
        Ok(Self { media_type, bytes })
    }
}

impl IntoResponse for Picture {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        response.set_body(self.bytes);
        response
    }
}

impl ApiResponse for Picture {
    fn meta() -> MetaResponses {
        let content = [PNG, SVG].map(|content_type| MetaMediaType {
            content_type,
            schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary"))),
        });
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The QR code.",
                status: Some(200),
                status_range: None,
                content: content.into(),
                headers: Vec::new(),
            }],
        }
    }

    fn register(_: &mut Registry) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(lines: &[&str]) -> Form {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT, HeaderValue::from_str(line).unwrap());
        }
        Form::of(&headers)
    }

    #[test]
    fn a_picture_is_a_png_unless_an_svg_is_liked_better() {
        let cases: &[(&[&str], Form)] = &[
            (&[], Form::Png),
            (&["*/*"], Form::Png),
            (&["image/*"], Form::Png),
            (&["image/png"], Form::Png),
            (&["image/svg+xml"], Form::Svg),
            (&["IMAGE/SVG+XML"], Form::Svg),
            (&["image/png, image/svg+xml"], Form::Png),
            (&["image/png;q=0.5, image/svg+xml"], Form::Svg),
            (&["image/png; q=0.5", "image/svg+xml;q=0.501"], Form::Svg),
            (&["image/svg+xml;q=0.9, */*;q=0.8"], Form::Svg),
            (&["image/svg+xml;q=0.5, */*;q=0.8"], Form::Png),
            (&["image/png;q=0, */*"], Form::Svg),
            (&["image/*;q=0.1, image/svg+xml"], Form::Svg),
            (
                &["image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"],
                Form::Png,
            ),
            (&["text/html"], Form::Png),
            (&["image/png;q=0, image/svg+xml;q=0"], Form::Png),
            (&["image/svg+xml;q=2"], Form::Png),
            (&["image/svg+xml;q=x, image/png;q=0.1"], Form::Png),
            (&["image/svg+xml;q=0.0001"], Form::Png),
            (&[", ,;q=1,"], Form::Png),
        ];
        for (lines, expected) in cases {
            assert_eq!(form(lines), *expected, "{lines:?}");
        }
    }
}
