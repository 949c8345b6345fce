//! One-time codes at login: which are accepted, what they prove, and that each is accepted once.

mod world;

use std::sync::Arc;
use std::time::Duration;

use application::accounts::NewAuthenticator;
use application::core::Policies;
use domain::authenticator::{OtpKind, OtpParameters, OtpRule};
use domain::hotp::LookAhead;
use domain::one_time_code::{Digits, HashAlgorithm};
use domain::totp::{Period, Window};
use world::phone::{NOWHERE, STEP, key, login_of, new_authenticator, otp, otp_of, pair};
use world::{PASSWORD, World, granted, is_refused, policies, terms};

fn with_rule(otp: OtpRule) -> Policies {
    Policies { otp, ..policies() }
}

#[tokio::test]
async fn a_code_completes_a_login_in_one_call_and_in_two_and_says_so() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let caller = world.caller_by(&owner, otp(&phone.code(&world))).await;
    assert_eq!(caller.proved.amr(), ["pwd", "otp"]);
    assert_eq!(caller.proved.assurance().acr(), "urn:countersign:acr:pwd+otp");
    let with_key = world.caller_by(&owner, key(&owner.key)).await;
    assert!(caller.proved.assurance() > with_key.proved.assurance());
    assert_eq!(with_key.proved.amr(), ["pwd", "secret_key"]);

    world.clock.advance(STEP);
    let pending = world.pending(&owner).await;
    let code = phone.code(&world);
    granted(world.complete_with(pending.expose(), otp_of(&code, phone.id)).await);
    assert!(is_refused(&world.complete_with(pending.expose(), otp(&code)).await));
    let another = world.pending(&owner).await;
    assert!(is_refused(&world.complete_with(another.expose(), otp(&code)).await));
    assert_eq!(world.store.dropped_with_changes(), 0);
}

#[tokio::test]
async fn every_kind_of_authenticator_logs_in() {
    let world = World::new().await;
    let owner = world.register("alice").await;
    for algorithm in HashAlgorithm::ALL {
        for digits in [Digits::Six, Digits::Eight] {
            for kind in [
                OtpKind::Totp(Period::Thirty),
                OtpKind::Totp(Period::Sixty),
                OtpKind::Hotp,
            ] {
                let name = format!("{} {} {kind:?}", algorithm.name(), digits.number());
                let user = world.register(&format!("u{}", world.codes_compared())).await;
                let caller = world.caller(&user).await;
                let new = NewAuthenticator {
                    parameters: OtpParameters {
                        kind,
                        algorithm,
                        digits,
                    },
                    ..new_authenticator("Phone")
                };
                let (phone, _) = world.add_phone(&caller, new).await;
                world.clock.advance(STEP);
                let code = match kind {
                    OtpKind::Totp(_) => phone.code(&world),
                    OtpKind::Hotp => phone.at(1),
                };
                assert!(is_refused(&world.prove(&owner, otp(&code)).await), "{name}");
                let caller = world.caller_by(&user, otp(&code)).await;
                assert_eq!(caller.proved.amr(), ["pwd", "otp"], "{name}");
                assert!(is_refused(&world.prove(&user, otp(&code)).await), "{name}: again");
                world.unlock(&owner).await;
            }
        }
    }
}

#[tokio::test]
async fn over_several_authenticators_one_guess_is_charged_and_a_named_one_is_compared_alone() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let caller = world.caller_by(&owner, otp(&phone.code(&world))).await;
    let (tablet, _) = world.add_phone(&caller, new_authenticator("Tablet")).await;
    let before = world.codes_compared();
    let mistaken = otp_of(&phone.code(&world), tablet.id);
    assert!(is_refused(&world.prove(&owner, mistaken).await), "of the other one");
    assert_eq!(world.codes_compared() - before, 1);
    for _ in 0..4 {
        assert!(is_refused(&world.prove(&owner, otp(&phone.wrong(&world))).await));
    }
    assert_eq!(world.codes_compared() - before, 1 + 4 * 2);
    assert!(
        is_refused(&world.prove(&owner, otp(&tablet.code(&world))).await),
        "held"
    );
    assert_eq!(world.codes_compared() - before, 1 + 4 * 2);
    world.clock.advance(Duration::from_mins(1));
    granted(world.prove(&owner, otp(&tablet.code(&world))).await);
    // Each has its own steps.
    granted(world.prove(&owner, otp(&phone.code(&world))).await);
}

#[tokio::test]
async fn the_window_is_what_the_settings_say_and_not_a_step_more() {
    for past in [0, 1, 2, 10] {
        for future in [0, 1] {
            let rule = OtpRule {
                window: Window {
                    past_steps: past,
                    future_steps: future,
                },
                ..OtpRule::default()
            };
            let world = World::with(with_rule(rule)).await;
            let (owner, phone, _) = world.enrolled("alice").await;
            world.clock.advance(STEP * 30);
            let (present, past, future) = (phone.step(&world), i64::from(past), i64::from(future));
            let what = format!("-{past}..={future}");
            for outside in [present - past - 1, present + future + 1] {
                assert!(
                    is_refused(&world.prove(&owner, otp(&phone.at(outside))).await),
                    "{what}"
                );
            }
            for inside in present - past..=present + future {
                granted(world.prove(&owner, otp(&phone.at(inside))).await);
            }
            for spent in present - past..=present + future {
                world.unlock(&owner).await;
                assert!(is_refused(&world.prove(&owner, otp(&phone.at(spent))).await), "{what}");
            }
        }
    }
}

#[tokio::test]
async fn after_a_step_only_later_ones_are_accepted() {
    let rule = OtpRule {
        window: Window {
            past_steps: 3,
            future_steps: 1,
        },
        ..OtpRule::default()
    };
    let world = World::with(with_rule(rule)).await;
    let (owner, phone, _) = world.enrolled("alice").await;
    world.clock.advance(STEP * 10);
    let present = phone.step(&world);
    granted(world.prove(&owner, otp(&phone.at(present - 1))).await);
    for earlier in [present - 3, present - 2, present - 1] {
        assert!(is_refused(&world.prove(&owner, otp(&phone.at(earlier))).await));
    }
    granted(world.prove(&owner, otp(&phone.at(present))).await);
    // A clock that goes back brings no step back.
    world.clock.set(world.app.core.now().before(STEP));
    assert!(is_refused(&world.prove(&owner, otp(&phone.at(present))).await));
    world.clock.advance(STEP);
    granted(world.prove(&owner, otp(&phone.at(present + 1))).await);
}

#[tokio::test]
async fn a_counter_is_looked_for_ahead_and_two_codes_find_it_again() {
    let look_ahead = LookAhead {
        counters: 3,
        resync: 20,
    };
    let rule = OtpRule {
        look_ahead,
        ..OtpRule::default()
    };
    let world = World::with(with_rule(rule)).await;
    let owner = world.register("alice").await;
    let caller = world.caller(&owner).await;
    let new = NewAuthenticator {
        parameters: OtpParameters::HOTP,
        ..new_authenticator("Token")
    };
    let (token, _) = world.add_phone(&caller, new).await;
    // The next one and three more.
    assert!(is_refused(&world.prove(&owner, otp(&token.at(5))).await));
    granted(world.prove(&owner, otp(&token.at(4))).await);
    for spent in [0, 2, 4] {
        assert!(is_refused(&world.prove(&owner, otp(&token.at(spent))).await));
    }
    granted(world.prove(&owner, otp(&token.at(5))).await);
    // It ran ahead: from 6 on, up to 26 is the first of a pair.
    assert!(is_refused(&world.prove(&owner, otp(&token.at(26))).await));
    let too_far = pair(&token.at(27), &token.at(28));
    assert!(is_refused(&world.prove(&owner, too_far).await));
    let turned = pair(&token.at(27), &token.at(26));
    assert!(is_refused(&world.prove(&owner, turned).await));
    granted(world.prove(&owner, pair(&token.at(26), &token.at(27))).await);
    let again = pair(&token.at(26), &token.at(27));
    assert!(is_refused(&world.prove(&owner, again).await));
    granted(world.prove(&owner, otp(&token.at(28))).await);
}

#[tokio::test]
async fn two_hundred_logins_with_one_code_have_one_winner_on_one_node_and_on_two() {
    for nodes in [1, 2] {
        let world = Arc::new(World::new().await);
        let (owner, phone, _) = world.enrolled("alice").await;
        let nodes = world.nodes(nodes).await;
        let (owner, code) = (Arc::new(owner), phone.code(&world));
        let mut racers = tokio::task::JoinSet::new();
        for racer in 0..200 {
            let (node, owner, code) = (
                Arc::clone(&nodes[racer % nodes.len()]),
                Arc::clone(&owner),
                code.clone(),
            );
            racers.spawn(async move { World::prove_on(&node, &owner, otp(&code)).await.is_ok() });
        }
        let won = racers.join_all().await.into_iter().filter(|won| *won).count();
        assert_eq!(won, 1, "{} nodes", nodes.len());
    }
}

#[tokio::test]
async fn one_code_in_one_and_in_two_hundred_authentication_sessions_has_one_winner() {
    for sessions in [1, 200] {
        for nodes in [1, 2] {
            let world = Arc::new(World::new().await);
            let (owner, phone, _) = world.enrolled("alice").await;
            let nodes = world.nodes(nodes).await;
            let mut handles = Vec::new();
            for _ in 0..sessions {
                handles.push(world.pending(&owner).await.expose().to_owned());
            }
            let code = phone.code(&world);
            let mut racers = tokio::task::JoinSet::new();
            for racer in 0..200 {
                let node = Arc::clone(&nodes[racer % nodes.len()]);
                let (handle, code) = (handles[racer % sessions].clone(), code.clone());
                racers.spawn(async move { World::complete_on(&node, &handle, otp(&code)).await.is_ok() });
            }
            let won = racers.join_all().await.into_iter().filter(|won| *won).count();
            assert_eq!(won, 1, "{sessions} authentication sessions, {} nodes", nodes.len());
        }
    }
}

#[tokio::test]
async fn fifty_rounds_of_a_race_have_fifty_winners() {
    let world = Arc::new(World::new().await);
    let (owner, phone, _) = world.enrolled("alice").await;
    let (owner, nodes) = (Arc::new(owner), world.nodes(2).await);
    for round in 0..50 {
        // Also across the border between two steps.
        world.clock.advance(if round % 2 == 0 {
            STEP
        } else {
            Duration::from_micros(59_999_999)
        });
        // Those who came too late in the round before sent a spent code, and that is a failure.
        world.unlock(&owner).await;
        let code = phone.code(&world);
        let mut racers = tokio::task::JoinSet::new();
        for racer in 0..8 {
            let (node, owner, code) = (Arc::clone(&nodes[racer % 2]), Arc::clone(&owner), code.clone());
            racers.spawn(async move { World::prove_on(&node, &owner, otp(&code)).await.is_ok() });
        }
        let won = racers.join_all().await.into_iter().filter(|won| *won).count();
        assert_eq!(won, 1, "round {round}");
    }
}

#[tokio::test]
async fn everything_wrong_beside_a_code_is_one_refusal_at_one_cost() {
    let world = World::new().await;
    let (owner, phone, _) = world.enrolled("alice").await;
    let (disabled, his, _) = world.enrolled("mallory").await;
    let plain = world.register("bob").await;
    let users = &world.app.manage_users;
    let operator = application::actor::Actor::Operator;
    users.disable(&operator, disabled.user.id, &NOWHERE).await.unwrap();
    let (right, wrong) = (phone.code(&world), phone.wrong(&world));
    let cases = [
        ("unknown name", "nobody", PASSWORD, right.clone()),
        ("wrong password, right code", "alice", "not the password", right.clone()),
        ("wrong password, wrong code", "alice", "not the password", wrong.clone()),
        ("right password, wrong code", "alice", PASSWORD, wrong),
        ("disabled, everything right", "mallory", PASSWORD, his.code(&world)),
        ("no authenticator", "bob", PASSWORD, right.clone()),
    ];
    for (what, name, password, code) in cases {
        let before = world.hashing_work();
        let login = login_of(name, password, Some(otp(&code)), terms("192.0.2.1"));
        assert!(is_refused(&world.app.sign_in.with_password(login).await), "{what}");
        assert_eq!(
            world.hashing_work() - before,
            1,
            "{what}: one hash, no more and no less"
        );
    }
    // A wrong password spends no code.
    granted(world.prove(&owner, otp(&right)).await);
    granted(world.prove(&plain, key(&plain.key)).await);
}
