//! Many callers at the same moment.

use std::sync::Arc;

use tokio::sync::Barrier;

use crate::answer::Answer;
use crate::call::Call;

/// Sends all calls at once, and gives the answers in the order of the calls.
pub async fn crowd(calls: impl IntoIterator<Item = Call>) -> Vec<Answer> {
    let calls: Vec<Call> = calls.into_iter().collect();
    let start = Arc::new(Barrier::new(calls.len()));
    let running: Vec<_> = calls
        .into_iter()
        .map(|call| {
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                call.await
            })
        })
        .collect();
    let mut answers = Vec::with_capacity(running.len());
    for call in running {
        answers.push(call.await.unwrap());
    }
    answers
}

/// How many have this status.
pub fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// Demands that one call succeeded with 200 and every other was refused with this status and code; gives the one.
#[track_caller]
pub fn one_winner<'a>(answers: &'a [Answer], status: u16, code: &str) -> &'a Answer {
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.problem(status, code);
    }
    let mut winners = answers.iter().filter(|answer| answer.status == 200);
    let winner = winners.next().expect("a winner");
    assert_eq!(winners.count(), 0, "more than one winner");
    winner
}
