//! Accounts, in lists and searches.

use application::ports::UserFilter;
use domain::email::Email;
use domain::user::{User, UserState};
use domain::username::Username;

use super::SharedStore;
use super::race::{Works, add_user, read};
use crate::builders::{user, username};

async fn names(store: &SharedStore, filter: UserFilter, limit: u32) -> Vec<String> {
    let users = read(store, async |tx| tx.users().list(&filter, limit).await.works()).await;
    users.iter().map(|user| user.username.as_str().to_owned()).collect()
}

/// Accounts whose names are these and who have neither address nor display name.
async fn add_names(store: &SharedStore, names: &[&str]) {
    for (number, name) in (1_u32..).zip(names) {
        let named = User {
            username: Username::from_stored((*name).to_owned()),
            email: None,
            display_name: None,
            ..user(number)
        };
        add_user(store, &named).await;
    }
}

pub async fn a_list_is_ordered_by_bytes(store: &SharedStore) {
    // Each pair stands the other way round in the alphabetical orders of most languages, or by UTF-16.
    let sorted = ["-b", "a-c", "a.b", "a_b", "ab", "a~", "b", "z", "ä", "ﬀ", "𝔞"];
    let mut shuffled = sorted;
    shuffled.reverse();
    shuffled.swap(1, 5);
    add_names(store, &shuffled).await;
    assert_eq!(names(store, UserFilter::default(), 99).await, sorted);
    for (place, name) in sorted.iter().enumerate() {
        let filter = UserFilter {
            after: Some(Username::from_stored((*name).to_owned())),
            ..UserFilter::default()
        };
        let rest: Vec<_> = sorted.iter().skip(place + 1).copied().collect();
        assert_eq!(names(store, filter, 99).await, rest, "after {name}");
    }
}

pub async fn a_list_is_read_in_pages_without_loss_or_repetition(store: &SharedStore) {
    for number in (1..=7).rev() {
        add_user(store, &user(number)).await;
    }
    assert!(names(store, UserFilter::default(), 0).await.is_empty());
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let filter = UserFilter {
            after,
            ..UserFilter::default()
        };
        let page = names(store, filter, 3).await;
        assert!(page.len() <= 3);
        let Some(last) = page.last() else { break };
        after = Some(Username::from_stored(last.clone()));
        seen.extend(page);
    }
    let all: Vec<_> = (1..=7).map(|number| username(number).as_str().to_owned()).collect();
    assert_eq!(seen, all);
}

pub async fn a_search_looks_into_name_address_and_display_name(store: &SharedStore) {
    add_names(store, &["äpfel-𝔘", "other"]).await;
    let by_address = User {
        email: Some(Email::from_stored("Ärger@Example.org".into())),
        display_name: None,
        ..user(11)
    };
    let by_display_name = User {
        email: None,
        display_name: Some("Übung MACHT den Meister".into()),
        ..user(12)
    };
    add_user(store, &by_address).await;
    add_user(store, &by_display_name).await;
    for (text, found) in [
        ("äpfel-𝔘", vec!["äpfel-𝔘".to_owned()]),
        ("pfe", vec!["äpfel-𝔘".to_owned()]),
        ("ärger@ex", vec![username(11).as_str().to_owned()]),
        ("übung macht", vec![username(12).as_str().to_owned()]),
        ("nothing like this", vec![]),
    ] {
        let filter = UserFilter {
            search: Some(text.to_owned()),
            ..UserFilter::default()
        };
        assert_eq!(names(store, filter, 9).await, found, "{text}");
    }
}

pub async fn a_search_takes_every_character_literally(store: &SharedStore) {
    let odd = ["a%b", "a'b", "a*b", "a?b", "a[b", "a\\b", "a_b", "axb"];
    add_names(store, &odd).await;
    for name in odd {
        let middle: String = name.chars().skip(1).collect();
        let filter = UserFilter {
            search: Some(middle),
            ..UserFilter::default()
        };
        assert_eq!(names(store, filter, 9).await, [name]);
    }
    for nothing in ["%", "_", "\\", "%%", "[a-z]"] {
        let filter = UserFilter {
            search: Some(format!("{nothing}x")),
            ..UserFilter::default()
        };
        assert!(names(store, filter, 9).await.is_empty(), "{nothing}");
    }
}

pub async fn a_list_filters_by_state_search_and_place_together(store: &SharedStore) {
    for number in 1..=6 {
        let state = if number % 2 == 0 {
            UserState::Disabled
        } else {
            UserState::Active
        };
        add_user(store, &User { state, ..user(number) }).await;
    }
    let filter = UserFilter {
        search: Some("user-000".into()),
        state: Some(UserState::Disabled),
        after: Some(username(2)),
    };
    let expected = [username(4), username(6)].map(|name| name.as_str().to_owned());
    assert_eq!(names(store, filter.clone(), 9).await, expected);
    assert_eq!(names(store, filter.clone(), 1).await, expected[..1]);
    let nobody = UserFilter {
        search: Some("user-0003".into()),
        ..filter
    };
    assert!(names(store, nobody, 9).await.is_empty());
}
