//! `AuthConfig` documents. The values of a webhook's headers are often credentials: they are sealed in the document, and never
//! shown again. Written back as they are shown, they stay.

use data_encoding::HEXLOWER;
use domain::aidbox::auth_config::{AuthConfig, HEADERS, is_same_receiver};
use domain::aidbox::node::Node;
use domain::aidbox::{AidboxResource, ResourceKind};
use domain::secret::Sealed;
use zeroize::Zeroizing;

use super::json;
use super::resources::{Draft, ResourceError};
use crate::core::Core;
use crate::ports::StoreError;

const SEALED: &str = "sealed";

/// Judges a document and makes it fit to be stored.
pub(super) fn prepare(
    core: &Core,
    id: &str,
    mut document: Node,
    before: Option<&AidboxResource>,
) -> Result<Draft, ResourceError> {
    if let Some(before) = before {
        keep_headers(core, before, &mut document)?;
    }
    let read = AuthConfig::read(&document, core.policies.style_origins());
    ResourceError::unless_sound(core, read.faults, &read.idle)?;
    for (name, value) in headers_of(&mut document) {
        let text = match &*value {
            Node::Text(text) => Zeroizing::new(text.clone()),
            Node::Integer(number) => Zeroizing::new(number.to_string()),
            _ => continue,
        };
        let sealed = core.ports.sealer.seal(text.as_bytes(), &identity(id, name));
        *value = Node::Map(vec![(
            SEALED.to_owned(),
            Node::Text(HEXLOWER.encode(sealed.as_bytes())),
        )]);
    }
    Ok(Draft {
        document,
        account: None,
    })
}

/// The document as it is shown.
pub(super) fn shown(stored: &AidboxResource) -> Result<Node, StoreError> {
    let mut document = json::parse(&stored.document)?;
    for (_, value) in headers_of(&mut document) {
        *value = Node::Null;
    }
    Ok(document)
}

/// The document with the headers as they were written.
pub(super) fn opened(core: &Core, stored: &AidboxResource) -> Result<Node, StoreError> {
    let mut document = json::parse(&stored.document)?;
    for (name, value) in headers_of(&mut document) {
        if let Some(text) = open(core, &stored.id, name, value)? {
            *value = Node::Text(text);
        }
    }
    Ok(document)
}

/// Puts the stored values of headers where a document has none, as long as they go to the same receiver: whoever cannot read
/// them must not have them sent to himself either.
fn keep_headers(core: &Core, before: &AidboxResource, document: &mut Node) -> Result<(), StoreError> {
    let mut old = opened(core, before)?;
    if !is_same_receiver(&old, document) {
        return Ok(());
    }
    let old: Vec<(String, Node)> = headers_of(&mut old)
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
    for (name, value) in headers_of(document) {
        let kept = old.iter().find(|(old, _)| old == name);
        if let (Node::Null, Some((_, kept))) = (&*value, kept) {
            *value = kept.clone();
        }
    }
    Ok(())
}

fn headers_of(document: &mut Node) -> impl Iterator<Item = (&str, &mut Node)> {
    let members = match document.at_mut(&HEADERS) {
        Some(Node::Map(members)) => members.as_mut_slice(),
        _ => &mut [],
    };
    members.iter_mut().map(|(name, value)| (name.as_str(), value))
}

fn open(core: &Core, id: &str, name: &str, value: &Node) -> Result<Option<String>, StoreError> {
    const ACTION: &str = "open a header of a webhook";
    let Some(text) = value.get(SEALED).and_then(Node::as_text) else {
        return Ok(None);
    };
    let bytes = HEXLOWER.decode(text.as_bytes());
    let bytes = bytes.map_err(|cause| StoreError::new(ACTION, cause))?;
    let opened = core.ports.sealer.open(&Sealed::from_bytes(bytes), &identity(id, name));
    let opened = opened.map_err(|cause| StoreError::new(ACTION, cause))?;
    let text = String::from_utf8(opened.to_vec());
    text.map(Some).map_err(|_| StoreError::new(ACTION, "it is no text"))
}

fn identity(id: &str, name: &str) -> String {
    let kind = ResourceKind::AuthConfig.name();
    format!("aidbox_resources.document.{kind}.{id}.{}.{name}", HEADERS.join("."))
}
