//! As much of DER (ITU-T X.690) as public keys and PKCS #8 need.

/// The tags that occur in keys.
pub(crate) mod tag {
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const SEQUENCE: u8 = 0x30;
}

/// Reads elements one after another. Only the one encoding that DER allows is read (X.690 section 10.1).
pub(crate) struct Reader<'der>(&'der [u8]);

impl<'der> Reader<'der> {
    pub(crate) const fn new(der: &'der [u8]) -> Self {
        Self(der)
    }

    /// The content of the next element, which must have that tag.
    pub(crate) fn element(&mut self, tag: u8) -> Option<&'der [u8]> {
        let (head, rest) = self.0.split_first()?;
        let (length, rest) = length(rest)?;
        let content = rest.get(..length)?;
        self.0 = rest.get(length..)?;
        (*head == tag).then_some(content)
    }

    /// The bytes of a positive integer, without the leading zero that keeps it positive.
    pub(crate) fn positive_integer(&mut self) -> Option<&'der [u8]> {
        let content = self.element(tag::INTEGER)?;
        match content {
            [0, rest @ ..] if rest.first().is_some_and(|byte| *byte >= 0x80) => Some(rest),
            [first, ..] if (0x01..0x80).contains(first) => Some(content),
            _ => None,
        }
    }

    pub(crate) const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}

/// Writes an element. Nothing that belongs to a public key is longer than 65535 bytes; `None` for what is.
pub(crate) fn write(tag: u8, parts: &[&[u8]]) -> Option<Vec<u8>> {
    let content = parts.concat();
    let [high, low] = u16::try_from(content.len()).ok()?.to_be_bytes();
    let head = match (high, low) {
        (0, 0..0x80) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    Some([head, content].concat())
}

/// Writes a positive integer: big-endian, leading zeros or none.
pub(crate) fn write_positive_integer(bytes: &[u8]) -> Option<Vec<u8>> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let number = bytes.get(zeros..)?;
    let sign: &[u8] = if *number.first()? >= 0x80 { &[0] } else { &[] };
    write(tag::INTEGER, &[sign, number])
}

fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [short @ 0..=0x7F, rest @ ..] => Some((usize::from(*short), rest)),
        [0x81, one @ 0x80..=0xFF, rest @ ..] => Some((usize::from(*one), rest)),
        [0x82, high @ 1..=0xFF, low, rest @ ..] => Some((usize::from(u16::from_be_bytes([*high, *low])), rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shortest_length_is_read() {
        assert_eq!(Reader::new(&[4, 1, 9]).element(tag::OCTET_STRING), Some(&[9][..]));
        for der in [
            &[4, 0x81, 1, 9][..],
            &[4, 0x82, 0, 1, 9],
            &[4, 0x80, 9, 0, 0],
            &[4, 2, 9],
            &[4],
            &[],
        ] {
            assert_eq!(Reader::new(der).element(tag::OCTET_STRING), None, "{der:?}");
        }
        let long: Vec<u8> = [4, 0x82, 1, 0].into_iter().chain([7; 256]).collect();
        assert_eq!(Reader::new(&long).element(tag::OCTET_STRING), Some(&[7; 256][..]));
    }

    #[test]
    fn what_was_written_is_read() {
        for length in [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF] {
            let content = vec![7; length];
            let der = write(tag::OCTET_STRING, &[&content]).unwrap();
            let mut reader = Reader::new(&der);
            assert_eq!(reader.element(tag::OCTET_STRING), Some(content.as_slice()), "{length}");
            assert!(reader.is_at_end());
        }
        assert_eq!(write(tag::OCTET_STRING, &[&vec![7; 0x1_0000]]), None);
        for (bytes, expected) in [(&[1][..], &[1][..]), (&[0, 0, 0x80, 0], &[0x80, 0]), (&[0x7F], &[0x7F])] {
            let der = write_positive_integer(bytes).unwrap();
            assert_eq!(Reader::new(&der).positive_integer(), Some(expected));
        }
        assert_eq!(write_positive_integer(&[0, 0]), None);
        assert_eq!(write_positive_integer(&[]), None);
    }

    #[test]
    fn an_integer_is_read_without_its_sign_byte() {
        assert_eq!(Reader::new(&[2, 2, 0, 0x80]).positive_integer(), Some(&[0x80][..]));
        assert_eq!(Reader::new(&[2, 3, 1, 0, 1]).positive_integer(), Some(&[1, 0, 1][..]));
        for der in [&[2, 1, 0x80][..], &[2, 1, 0], &[2, 0], &[2, 2, 0, 1]] {
            assert_eq!(Reader::new(der).positive_integer(), None, "{der:?}");
        }
    }
}
