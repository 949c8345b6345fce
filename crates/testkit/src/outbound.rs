//! A way out that leads nowhere: it keeps what was sent, and answers as it is told.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use application::ports::{Outbound, OutboundAnswer, OutboundError, OutboundPost};
use async_trait::async_trait;

/// What was sent, in the order in which it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The URL.
    pub endpoint: String,
    /// The media type of the body.
    pub content_type: String,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The body; what is not UTF-8 in it is replaced.
    pub body: String,
    /// How long it might have taken.
    pub timeout: Duration,
}

/// Records posts. Without [`answer_next`](Recorded::answer_next) every receiver answers 200.
#[derive(Default)]
pub struct Recorded {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sent: Vec<Sent>,
    answers: VecDeque<Result<u16, OutboundError>>,
}

impl Recorded {
    /// Everything that was sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.state().sent.clone()
    }

    /// Takes what was sent since the last time.
    pub fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut self.state().sent)
    }

    /// The next post that nobody spoke for yet ends like this. A failed one is recorded, too.
    pub fn answer_next(&self, answer: Result<u16, OutboundError>) {
        self.state().answers.push_back(answer);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Outbound for Recorded {
    async fn post(&self, post: OutboundPost) -> Result<OutboundAnswer, OutboundError> {
        let mut state = self.state();
        state.sent.push(Sent {
            endpoint: post.endpoint,
            content_type: post.content_type,
            headers: post.headers,
            body: String::from_utf8_lossy(&post.body).into_owned(),
            timeout: post.timeout,
        });
        let status = state.answers.pop_front().unwrap_or(Ok(200))?;
        Ok(OutboundAnswer { status })
    }
}
