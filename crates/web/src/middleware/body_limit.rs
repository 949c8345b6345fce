//! How large a body may be, and how much all of them together may hold. The framework reads whatever comes.

use http_body_util::BodyExt as _;
use http_body_util::combinators::BoxBody;
use hyper::body::Bytes;
use poem::Request;
use poem::http::header::CONTENT_LENGTH;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::problem::{Code, Fault, Problem};

/// What all bodies together may hold, in KiB.
const TOGETHER_KIB: usize = 64 * 1024;
/// What every request may hold without being counted: it is little beside the request itself, and a login fits. So callers
/// who send large bodies slowly take room from each other, and not from those who log in.
const UNCOUNTED: usize = 1024;

/// The room for the bodies of all requests.
pub(crate) struct Bodies {
    limit: usize,
    room: Semaphore,
}

/// The room that one body takes; free again when this is dropped.
#[must_use]
pub(crate) struct Room<'a>(Option<SemaphorePermit<'a>>);

impl Bodies {
    /// For bodies of up to `limit` bytes each.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            room: Semaphore::new(TOGETHER_KIB),
        }
    }

    /// Reads the body into memory, if it is not too large and there is room. What comes is counted, not what is announced:
    /// an announcement costs its author nothing.
    pub async fn read(&self, request: &mut Request) -> Result<Room<'_>, Problem> {
        self.refuse_announced(request)?;
        let mut body: BoxBody<Bytes, std::io::Error> = request.take_body().into();
        let (mut read, mut room) = (Vec::new(), Room(None));
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                let fault = Fault::new("", "could not be read to its end");
                return Err(Problem::faults(Code::InvalidRequest, vec![fault]));
            };
            // The other kind are trailers, which nothing here asks for.
            let Ok(data) = frame.into_data() else { continue };
            let length = read.len() + data.len();
            if length > self.limit {
                return Err(Problem::new(Code::BodyTooLarge));
            }
            self.make_room(&mut room, length)?;
            read.extend_from_slice(&data);
        }
        request.set_body(read);
        Ok(room)
    }

    fn make_room<'a>(&'a self, room: &mut Room<'a>, length: usize) -> Result<(), Problem> {
        let needed = length.saturating_sub(UNCOUNTED).div_ceil(1024);
        let held = room.0.as_ref().map_or(0, SemaphorePermit::num_permits);
        if needed <= held {
            return Ok(());
        }
        // Bodies are far smaller than what a u32 holds.
        let more = u32::try_from(needed - held).unwrap_or(u32::MAX);
        let more = self.room.try_acquire_many(more).map_err(|_| {
            Problem::new(Code::Busy).because("the bodies of all requests together hold as much as they may")
        })?;
        match &mut room.0 {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }

    /// Refuses a body that says itself that it is too large, before a byte of it is read.
    fn refuse_announced(&self, request: &Request) -> Result<(), Problem> {
        let announced = request
            .headers()
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.parse::<u64>().ok());
        match announced {
            Some(length) if usize::try_from(length).map_or(true, |length| length > self.limit) => {
                Err(Problem::new(Code::BodyTooLarge))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use poem::Body;

    use super::*;

    const LIMIT: usize = 64 * 1024;

    fn request(pieces: &[usize]) -> Request {
        let pieces: Vec<_> = pieces
            .iter()
            .map(|&length| Ok::<_, std::io::Error>(vec![b'a'; length]))
            .collect();
        Request::builder().body(Body::from_bytes_stream(stream::iter(pieces)))
    }

    fn code<T>(outcome: Result<T, Problem>) -> Option<Code> {
        outcome.err().map(|problem| problem.code())
    }

    #[tokio::test]
    async fn a_body_takes_room_as_it_comes_until_its_request_is_over() {
        let bodies = Bodies::new(LIMIT);
        let mut whole = request(&[1000, 24, 1, 9_000]);
        let room = bodies.read(&mut whole).await.ok().unwrap();
        assert_eq!(whole.take_body().into_bytes().await.unwrap().len(), 10_025);
        assert_eq!(TOGETHER_KIB - bodies.room.available_permits(), 9);
        drop(room);
        let too_large = bodies.read(&mut request(&[LIMIT, 1])).await;
        assert_eq!(code(too_large), Some(Code::BodyTooLarge));
        assert_eq!(bodies.room.available_permits(), TOGETHER_KIB);
    }

    #[tokio::test]
    async fn where_there_is_no_room_only_short_bodies_are_read() {
        let bodies = Bodies::new(LIMIT);
        let mut rooms = Vec::new();
        while let Ok(room) = bodies.read(&mut request(&[LIMIT])).await {
            rooms.push(room);
        }
        // 63 KiB are counted of each.
        assert_eq!(rooms.len(), TOGETHER_KIB / 63);
        assert_eq!(code(bodies.read(&mut request(&[LIMIT])).await), Some(Code::Busy));
        let _rest = bodies
            .room
            .try_acquire_many(u32::try_from(bodies.room.available_permits()).unwrap());
        assert_eq!(
            code(bodies.read(&mut request(&[UNCOUNTED + 1])).await),
            Some(Code::Busy)
        );
        assert_eq!(code(bodies.read(&mut request(&[UNCOUNTED])).await), None);
        rooms.pop();
        assert_eq!(code(bodies.read(&mut request(&[UNCOUNTED + 1])).await), None);
    }
}
