//! Authenticators.

use application::ports::Consumption::{self, First, Spent};
use domain::authenticator::{Authenticator, AuthenticatorName, AuthenticatorState, OtpKind, OtpParameters};
use domain::id::UserId;
use domain::one_time_code::{Digits, HashAlgorithm, Position};
use domain::secret::Sealed;
use domain::time::Timestamp;
use domain::totp::Period;

use super::SharedStore;
use super::race::{Works, add_user, read, write};
use crate::builders::{authenticator, authenticator_id, instant, later, pending_authenticator, user, user_id};

async fn add(store: &SharedStore, authenticators: &[Authenticator]) {
    write(store, async |tx| {
        for authenticator in authenticators {
            tx.authenticators().insert(authenticator).await.works();
        }
    })
    .await;
}

/// Two accounts; the first with an active authenticator, number 1, and a pending one, number 2; the second with number 3.
async fn prepare(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add_user(store, &user(2)).await;
    let authenticators = [
        authenticator(1, user_id(1)),
        pending_authenticator(2, user_id(1)),
        authenticator(3, user_id(2)),
    ];
    add(store, &authenticators).await;
}

async fn of(store: &SharedStore, user: UserId) -> Vec<Authenticator> {
    read(store, async |tx| tx.authenticators().of_user(user).await.works()).await
}

async fn confirm(store: &SharedStore, number: u32, position: Position, now: Timestamp) -> Consumption {
    write(store, async |tx| {
        tx.authenticators()
            .confirm(authenticator_id(number), position, now)
            .await
            .works()
    })
    .await
}

async fn advance(store: &SharedStore, number: u32, position: Position, now: Timestamp) -> Consumption {
    write(store, async |tx| {
        tx.authenticators()
            .advance(authenticator_id(number), position, now)
            .await
            .works()
    })
    .await
}

/// The account 1 has what [`prepare`] gave it, but for these two; and so has the account 2.
async fn assert_left(store: &SharedStore, one: Authenticator, two: Authenticator) {
    assert!(of(store, user_id(1)).await == [one, two]);
    assert!(
        of(store, user_id(2)).await == [authenticator(3, user_id(2))],
        "that of another account is as it was"
    );
}

/// Every way in which codes are made.
fn every_parameter() -> Vec<OtpParameters> {
    let kinds = [
        OtpKind::Totp(Period::Thirty),
        OtpKind::Totp(Period::Sixty),
        OtpKind::Hotp,
    ];
    let mut all = Vec::new();
    for kind in kinds {
        for algorithm in HashAlgorithm::ALL {
            all.extend([Digits::Six, Digits::Eight].map(|digits| OtpParameters {
                kind,
                algorithm,
                digits,
            }));
        }
    }
    all
}

pub async fn an_authenticator_comes_back_with_every_field(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let mut expected = Vec::new();
    for (number, parameters) in (0..).zip(every_parameter()) {
        let active = authenticator(2 * number, user_id(1));
        let pending = pending_authenticator(2 * number + 1, user_id(1));
        expected.extend([active, pending].map(|sample| Authenticator { parameters, ..sample }));
    }
    let used = Authenticator {
        name: AuthenticatorName::from_stored("é 'x' \"y\" \\ %_".into()),
        secret: Sealed::from_bytes((0..=255).cycle().take(400).collect()),
        position: Position::new(i64::MAX),
        used_at: Some(instant(14)),
        replaces: Some(authenticator_id(999)),
        ..authenticator(100, user_id(1))
    };
    let replacement = Authenticator {
        position: Position::new(0),
        replaces: Some(authenticator_id(100)),
        ..pending_authenticator(101, user_id(1))
    };
    expected.extend([used, replacement]);
    add(store, &expected).await;
    assert!(of(store, user_id(1)).await == expected);
}

pub async fn the_authenticators_of_an_account_are_listed_oldest_first(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add_user(store, &user(2)).await;
    let expired = Authenticator {
        state: AuthenticatorState::Pending {
            expires_at: instant(-60),
        },
        ..pending_authenticator(2, user_id(1))
    };
    add(store, &[authenticator(4, user_id(1)), expired]).await;
    add(
        store,
        &[authenticator(3, user_id(2)), pending_authenticator(1, user_id(1))],
    )
    .await;
    let ids: Vec<_> = of(store, user_id(1)).await.into_iter().map(|one| one.id).collect();
    assert_eq!(ids, [1, 2, 4].map(authenticator_id), "an expired one, too");
    assert!(of(store, user_id(9)).await.is_empty());
}

pub async fn an_authenticator_is_not_added_to_an_account_that_does_not_exist(store: &SharedStore) {
    let mut tx = store.begin().await.works();
    let added = tx.authenticators().insert(&authenticator(1, user_id(1))).await;
    assert!(added.is_err());
    drop(tx);
    assert!(of(store, user_id(1)).await.is_empty());
}

pub async fn a_pending_authenticator_is_confirmed_once(store: &SharedStore) {
    prepare(store).await;
    assert_eq!(confirm(store, 2, Position::new(7), later()).await, First);
    assert_eq!(
        confirm(store, 2, Position::new(8), later()).await,
        Spent,
        "with a later position, too"
    );
    assert_eq!(
        confirm(store, 9, Position::new(7), later()).await,
        Spent,
        "there is no such authenticator"
    );
    let confirmed = Authenticator {
        state: AuthenticatorState::Active { confirmed_at: later() },
        position: Position::new(7),
        ..authenticator(2, user_id(1))
    };
    assert_left(store, authenticator(1, user_id(1)), confirmed).await;
    assert_eq!(
        advance(store, 2, Position::new(7), later()).await,
        Spent,
        "the code that confirmed it is spent"
    );
    assert_eq!(advance(store, 2, Position::new(8), later()).await, First);
}

pub async fn an_active_authenticator_is_not_confirmed_again(store: &SharedStore) {
    prepare(store).await;
    let further = authenticator(1, user_id(1)).position.later(1);
    assert_eq!(confirm(store, 1, further, later()).await, Spent);
    assert_left(
        store,
        authenticator(1, user_id(1)),
        pending_authenticator(2, user_id(1)),
    )
    .await;
}

pub async fn an_expired_authenticator_is_not_confirmed(store: &SharedStore) {
    prepare(store).await;
    let end = instant(7_200);
    assert_eq!(confirm(store, 2, Position::new(7), end).await, Spent);
    assert_left(
        store,
        authenticator(1, user_id(1)),
        pending_authenticator(2, user_id(1)),
    )
    .await;
    let just_before = Timestamp::from_micros(end.micros() - 1);
    assert_eq!(
        confirm(store, 2, Position::new(7), just_before).await,
        First,
        "to the microsecond"
    );
}

pub async fn an_authenticator_is_confirmed_with_a_later_position_only(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let moved = Authenticator {
        position: Position::new(5),
        ..pending_authenticator(1, user_id(1))
    };
    add(store, &[moved, pending_authenticator(2, user_id(1))]).await;
    for number in [-1, 0, 4, 5] {
        assert_eq!(confirm(store, 1, Position::new(number), later()).await, Spent);
    }
    assert_eq!(confirm(store, 1, Position::new(6), later()).await, First);
    assert_eq!(confirm(store, 2, Position::NONE, later()).await, Spent);
    assert_eq!(
        confirm(store, 2, Position::new(0), later()).await,
        First,
        "the first position of all is later than none"
    );
}

pub async fn an_authenticator_advances_to_later_positions_only(store: &SharedStore) {
    prepare(store).await;
    let start = authenticator(1, user_id(1)).position;
    let steps = [
        (0, Spent),
        (-1, Spent),
        (2, First),
        (2, Spent),
        (1, Spent),
        (0, Spent),
        (3, First),
        (3, Spent),
    ];
    for (seconds, (by, expected)) in (60..).zip(steps) {
        assert_eq!(
            advance(store, 1, start.later(by), instant(seconds)).await,
            expected,
            "by {by}"
        );
    }
    assert_eq!(
        advance(store, 9, start.later(9), later()).await,
        Spent,
        "there is no such authenticator"
    );
    let advanced = Authenticator {
        position: start.later(3),
        used_at: Some(instant(66)),
        ..authenticator(1, user_id(1))
    };
    assert_left(store, advanced, pending_authenticator(2, user_id(1))).await;
}

pub async fn a_pending_authenticator_does_not_advance(store: &SharedStore) {
    prepare(store).await;
    assert_eq!(advance(store, 2, Position::new(7), later()).await, Spent);
    assert_left(
        store,
        authenticator(1, user_id(1)),
        pending_authenticator(2, user_id(1)),
    )
    .await;
}

pub async fn an_authenticator_is_renamed_for_its_account_only(store: &SharedStore) {
    prepare(store).await;
    let name = AuthenticatorName::from_stored("Schlüssel 🔑".into());
    let rename = async |user, number| {
        write(store, async |tx| {
            tx.authenticators()
                .rename(user_id(user), authenticator_id(number), &name)
                .await
                .works()
        })
        .await
    };
    assert!(!rename(2, 1).await, "it is of another account");
    assert!(!rename(1, 9).await, "there is no such authenticator");
    assert!(rename(1, 2).await);
    let renamed = Authenticator {
        name: name.clone(),
        ..pending_authenticator(2, user_id(1))
    };
    assert_left(store, authenticator(1, user_id(1)), renamed).await;
}

pub async fn an_authenticator_is_deleted_once_and_for_its_account_only(store: &SharedStore) {
    prepare(store).await;
    let delete = async |user, number| {
        write(store, async |tx| {
            tx.authenticators()
                .delete(user_id(user), authenticator_id(number))
                .await
                .works()
        })
        .await
    };
    assert!(!delete(2, 1).await, "it is of another account");
    assert!(!delete(1, 9).await, "there is no such authenticator");
    assert!(delete(1, 1).await);
    assert!(!delete(1, 1).await);
    let further = authenticator(1, user_id(1)).position.later(1);
    assert_eq!(advance(store, 1, further, later()).await, Spent);
    assert!(of(store, user_id(1)).await == [pending_authenticator(2, user_id(1))]);
    assert!(of(store, user_id(2)).await == [authenticator(3, user_id(2))]);
}

pub async fn purging_forgets_pending_authenticators_that_expired(store: &SharedStore) {
    add_user(store, &user(1)).await;
    for (number, seconds) in [(1, 9), (2, 10), (3, 11)] {
        let expiring = Authenticator {
            state: AuthenticatorState::Pending {
                expires_at: instant(seconds),
            },
            ..pending_authenticator(number, user_id(1))
        };
        add(store, &[expiring]).await;
    }
    let long_active = Authenticator {
        state: AuthenticatorState::Active {
            confirmed_at: instant(1),
        },
        ..authenticator(4, user_id(1))
    };
    add(store, &[long_active]).await;
    let purge = async || write(store, async |tx| tx.authenticators().purge(instant(10)).await.works()).await;
    assert_eq!((purge().await, purge().await), (2, 0));
    let left: Vec<_> = of(store, user_id(1)).await.into_iter().map(|one| one.id).collect();
    assert_eq!(left, [3, 4].map(authenticator_id));
}
