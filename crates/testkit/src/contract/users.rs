//! Accounts.

use application::ports::{Insertion, UserFilter, UserProfile};
use domain::email::Email;
use domain::secret::PasswordHash;
use domain::user::{Enrolment, Epoch, Role, User, UserState};

use super::SharedStore;
use super::race::{Works, add_user, read, write};
use crate::builders::{admin, instant, user, user_id, username};

fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_phc(text.to_owned())
}

async fn find(store: &SharedStore, number: u32) -> Option<User> {
    read(store, async |tx| tx.users().find(user_id(number)).await.works()).await
}

pub async fn an_account_comes_back_with_every_field(store: &SharedStore) {
    let full = User {
        role: Role::Admin,
        state: UserState::Disabled,
        password_is_weak: true,
        enrolment: Enrolment::Required,
        epoch: Epoch(7),
        ..user(1)
    };
    let bare = User {
        email: None,
        display_name: None,
        ..user(2)
    };
    let open = User {
        enrolment: Enrolment::Open,
        ..user(3)
    };
    for account in [&full, &bare, &open] {
        add_user(store, account).await;
    }
    for expected in [full, bare, open] {
        let by_id = read(store, async |tx| tx.users().find(expected.id).await.works()).await;
        assert!(by_id.as_ref() == Some(&expected), "by identity");
        let by_name = read(store, async |tx| {
            tx.users().find_by_username(&expected.username).await.works()
        })
        .await;
        assert!(by_name.as_ref() == Some(&expected), "by name");
        let held = write(store, async |tx| tx.users().hold(expected.id).await.works()).await;
        assert!(held.as_ref() == Some(&expected), "held");
        let listed = read(store, async |tx| {
            tx.users().list(&UserFilter::default(), 9).await.works()
        })
        .await;
        assert!(listed.contains(&expected), "in a list");
    }
}

pub async fn an_account_that_does_not_exist_is_not_found(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let (id, name) = (user_id(9), username(9));
    write(store, async |tx| {
        let users = tx.users();
        assert!(users.find(id).await.works().is_none());
        assert!(users.find_by_username(&name).await.works().is_none());
        assert!(users.hold(id).await.works().is_none());
        assert!(!users.set_password(id, &hash("new"), instant(1)).await.works());
        assert!(!users.rehash_password(id, &hash("old"), &hash("new")).await.works());
        assert!(!users.set_state(id, UserState::Disabled).await.works());
        assert!(!users.set_enrolment(id, Enrolment::Open).await.works());
        assert_eq!(users.advance_epoch(id).await.works(), None);
        assert!(!users.delete(id).await.works());
        assert_eq!(users.count().await.works(), 1);
    })
    .await;
    assert!(find(store, 1).await == Some(user(1)), "another account is as it was");
}

pub async fn an_account_is_found_by_its_address_in_whatever_letter_case(store: &SharedStore) {
    let nobody = User { email: None, ..user(2) };
    for account in [user(1), nobody, user(3)] {
        add_user(store, &account).await;
    }
    let found = async |text: &str| {
        let address = Email::from_stored(text.to_owned());
        let found = read(store, async |tx| tx.users().find_by_email(&address).await.works()).await;
        found.map(|user| user.id)
    };
    for spelling in ["Some.Body+1@Example.ORG", "sOME.bODY+1@eXAMPLE.org"] {
        assert_eq!(found(spelling).await, Some(user_id(1)), "{spelling}");
    }
    assert_eq!(found("some.body+3@example.org").await, Some(user_id(3)));
    for other in ["some.body+2@example.org", "some.body+_@example.org", "%", ""] {
        assert_eq!(found(other).await, None, "{other}");
    }
}

pub async fn a_user_name_is_given_once_and_the_transaction_goes_on(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let same_name = User {
        username: username(1),
        ..user(2)
    };
    write(store, async |tx| {
        let users = tx.users();
        assert_eq!(users.insert(&same_name).await.works(), Insertion::UsernameTaken);
        assert_eq!(users.insert(&user(3)).await.works(), Insertion::Done);
        assert_eq!(users.insert(&same_name).await.works(), Insertion::UsernameTaken);
    })
    .await;
    assert!(find(store, 1).await == Some(user(1)));
    assert!(find(store, 2).await.is_none());
    assert!(find(store, 3).await.is_some(), "what came after the conflict is kept");
}

pub async fn an_address_is_given_once_in_whatever_letter_case(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let address = Email::from_stored("sOME.bODY+1@eXAMPLE.org".into());
    let same_address = User {
        email: Some(address.clone()),
        ..user(2)
    };
    let profile = UserProfile {
        email: Some(address),
        display_name: None,
        role: Role::Admin,
    };
    write(store, async |tx| {
        let users = tx.users();
        assert_eq!(users.insert(&same_address).await.works(), Insertion::EmailTaken);
        assert_eq!(users.insert(&user(3)).await.works(), Insertion::Done);
        users.hold(user_id(3)).await.works();
        assert_eq!(
            users.set_profile(user_id(3), &profile).await.works(),
            Insertion::EmailTaken
        );
        assert!(users.set_state(user_id(3), UserState::Disabled).await.works());
    })
    .await;
    let expected = User {
        state: UserState::Disabled,
        ..user(3)
    };
    assert!(find(store, 2).await.is_none());
    assert!(
        find(store, 3).await == Some(expected),
        "nothing of a refused profile is kept, all the rest is"
    );
}

pub async fn accounts_without_address_do_not_collide(store: &SharedStore) {
    for number in 1..=3 {
        let nobody = User {
            email: None,
            ..user(number)
        };
        add_user(store, &nobody).await;
    }
    assert_eq!(read(store, async |tx| tx.users().count().await.works()).await, 3);
}

pub async fn a_new_password_changes_hash_and_instant_only(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add_user(store, &user(2)).await;
    assert!(
        write(store, async |tx| tx
            .users()
            .set_password(user_id(1), &hash("$new"), instant(5))
            .await
            .works())
        .await
    );
    let expected = User {
        password_hash: hash("$new"),
        password_changed_at: instant(5),
        ..user(1)
    };
    assert!(find(store, 1).await == Some(expected));
    assert!(find(store, 2).await == Some(user(2)), "another account is as it was");
}

pub async fn a_new_password_is_not_a_weak_one(store: &SharedStore) {
    for number in [1, 2] {
        let weak = User {
            password_is_weak: true,
            ..user(number)
        };
        add_user(store, &weak).await;
    }
    let old = user(2).password_hash;
    write(store, async |tx| {
        let users = tx.users();
        assert!(users.set_password(user_id(1), &hash("$new"), instant(5)).await.works());
        assert!(users.rehash_password(user_id(2), &old, &hash("$fresh")).await.works());
    })
    .await;
    let is_weak = async |number| find(store, number).await.map(|user| user.password_is_weak);
    assert_eq!(is_weak(1).await, Some(false));
    assert_eq!(is_weak(2).await, Some(true), "another hash of it makes it no better");
}

pub async fn a_rehash_replaces_the_hash_it_was_made_from_and_no_other(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let old = user(1).password_hash;
    let (stale, fresh) = write(store, async |tx| {
        let users = tx.users();
        let stale = users
            .rehash_password(user_id(1), &hash("$other"), &hash("$stale"))
            .await
            .works();
        (
            stale,
            users.rehash_password(user_id(1), &old, &hash("$fresh")).await.works(),
        )
    })
    .await;
    assert_eq!((stale, fresh), (false, true));
    let expected = User {
        password_hash: hash("$fresh"),
        ..user(1)
    };
    assert!(
        find(store, 1).await == Some(expected),
        "the password was not changed, so its instant stays"
    );
}

pub async fn a_profile_is_set_and_cleared_and_nothing_else(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add_user(store, &user(2)).await;
    let email = Some(Email::from_stored("Other@Example.net".into()));
    for (email, display_name, role) in [
        (email, Some("Ƞew 𝔑ame".to_owned()), Role::Admin),
        (user(1).email, Some(String::new()), Role::Admin),
        (None, None, Role::User),
    ] {
        let profile = UserProfile {
            email: email.clone(),
            display_name: display_name.clone(),
            role,
        };
        let answer = write(store, async |tx| {
            tx.users().hold(user_id(1)).await.works();
            tx.users().set_profile(user_id(1), &profile).await.works()
        })
        .await;
        assert_eq!(answer, Insertion::Done);
        let expected = User {
            email,
            display_name,
            role,
            ..user(1)
        };
        assert!(find(store, 1).await == Some(expected));
    }
    assert!(find(store, 2).await == Some(user(2)), "another account is as it was");
    let reuse = User {
        email: user(1).email,
        ..user(3)
    };
    add_user(store, &reuse).await;
}

pub async fn an_account_may_keep_its_own_address_in_another_spelling(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let email = Some(Email::from_stored("SOME.BODY+1@EXAMPLE.ORG".into()));
    let profile = UserProfile {
        email: email.clone(),
        display_name: user(1).display_name,
        role: Role::User,
    };
    let answer = write(store, async |tx| {
        tx.users().hold(user_id(1)).await.works();
        tx.users().set_profile(user_id(1), &profile).await.works()
    })
    .await;
    assert_eq!(answer, Insertion::Done);
    assert!(find(store, 1).await == Some(User { email, ..user(1) }));
}

pub async fn a_state_is_set_and_nothing_else(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add_user(store, &user(2)).await;
    for state in [UserState::Disabled, UserState::Disabled, UserState::Active] {
        assert!(write(store, async |tx| tx.users().set_state(user_id(1), state).await.works()).await);
        assert!(find(store, 1).await == Some(User { state, ..user(1) }));
    }
    assert!(find(store, 2).await == Some(user(2)), "another account is as it was");
}

pub async fn what_an_account_owes_is_set_and_nothing_else(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add_user(store, &user(2)).await;
    for enrolment in [
        Enrolment::Open,
        Enrolment::Required,
        Enrolment::Required,
        Enrolment::Done,
    ] {
        let answer = write(store, async |tx| {
            tx.users().set_enrolment(user_id(1), enrolment).await.works()
        })
        .await;
        assert!(answer);
        assert!(find(store, 1).await == Some(User { enrolment, ..user(1) }));
    }
    assert!(find(store, 2).await == Some(user(2)), "another account is as it was");
}

pub async fn an_epoch_advances_by_one(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add_user(store, &user(2)).await;
    for value in 1..=3 {
        let epoch = write(store, async |tx| tx.users().advance_epoch(user_id(1)).await.works()).await;
        assert_eq!(epoch, Some(Epoch(value)));
    }
    let expected = User {
        epoch: Epoch(3),
        ..user(1)
    };
    assert!(find(store, 1).await == Some(expected));
    assert!(find(store, 2).await == Some(user(2)), "another account is as it was");
}

pub async fn only_active_administrators_are_held(store: &SharedStore) {
    let disabled = User {
        state: UserState::Disabled,
        ..admin(3)
    };
    for account in [user(1), admin(2), disabled, admin(4)] {
        add_user(store, &account).await;
    }
    let mut admins = write(store, async |tx| tx.users().hold_active_admins().await.works()).await;
    admins.sort_unstable();
    assert_eq!(admins, [user_id(2), user_id(4)]);
}

pub async fn accounts_are_counted(store: &SharedStore) {
    for expected in 0..3 {
        assert_eq!(
            read(store, async |tx| tx.users().count().await.works()).await,
            u64::from(expected)
        );
        add_user(store, &user(expected)).await;
    }
}
