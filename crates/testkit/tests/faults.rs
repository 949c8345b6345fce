//! That the contract finds what it is for: each of these clauses fails on a store with the fault in question.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use testkit::contract::Harness;
use testkit::memory::{Fault, MemoryStore};
use testkit::requirement::Missing;

async fn without_lock() -> Result<Harness, Missing> {
    Ok(Harness::new(Arc::new(MemoryStore::with_fault(Fault::NoLock))))
}

async fn without_rollback() -> Result<Harness, Missing> {
    Ok(Harness::new(Arc::new(MemoryStore::with_fault(Fault::NoRollback))))
}

/// The clause must fail, and not because it waits for ever.
fn assert_found(clause: impl FnOnce()) {
    let fault = catch_unwind(AssertUnwindSafe(clause)).err();
    assert!(fault.is_some(), "the clause does not find the fault");
    let said = fault
        .and_then(|fault| fault.downcast::<String>().ok())
        .unwrap_or_default();
    assert!(!said.contains("does not end"), "{said}");
}

macro_rules! found {
    ($module:ident, $factory:ident: $($file:ident { $($clause:ident)* })*) => {
        mod $module {
            $($(
                #[test]
                fn $clause() {
                    super::assert_found(|| {
                        testkit::contract::run(stringify!($clause), super::$factory, testkit::contract::$file::$clause);
                    });
                }
            )*)*
        }
    };
}

found! { a_store_without_lock_fails, without_lock:
    user_races {
        a_user_name_taken_in_an_open_transaction_is_taken
        an_address_taken_in_an_open_transaction_is_taken
        a_crowd_gets_a_user_name_once
        a_crowd_gets_an_address_once
        an_epoch_advanced_in_an_open_transaction_counts
        a_crowd_gets_each_epoch_once
        a_rehash_does_not_undo_a_password_changed_in_an_open_transaction
        a_held_account_keeps_its_password_until_the_end
        a_held_account_is_not_deleted_until_the_end
        a_hold_shows_what_the_holder_before_committed
        a_crowd_that_holds_an_account_changes_it_one_by_one
        an_administrator_who_is_disabled_in_an_open_transaction_is_not_counted
        a_crowd_of_administrators_leaves_one
        a_session_is_not_added_to_an_account_deleted_in_an_open_transaction
    }
    attempts {
        a_first_attempt_in_an_open_transaction_is_counted
        a_further_attempt_in_an_open_transaction_is_counted
        an_attempt_beside_a_clearing_in_an_open_transaction_is_the_first_again
        a_crowd_of_first_attempts_is_counted_exactly
        a_crowd_of_further_attempts_is_counted_exactly
    }
    secret_keys {
        a_key_superseded_in_an_open_transaction_is_superseded
        a_crowd_supersedes_a_key_once
    }
    authenticator_races {
        an_authenticator_confirmed_in_an_open_transaction_is_confirmed
        a_crowd_confirms_an_authenticator_once
        a_code_accepted_in_an_open_transaction_is_spent
        a_code_before_one_accepted_in_an_open_transaction_is_spent
        a_crowd_has_a_code_accepted_once
        a_code_of_an_authenticator_deleted_in_an_open_transaction_is_not_accepted
    }
    recovery_codes {
        a_recovery_code_spent_in_an_open_transaction_is_spent
        a_crowd_spends_a_recovery_code_once
        a_recovery_code_forgotten_in_an_open_transaction_is_not_spent
    }
    auth_sessions {
        an_authentication_session_redeemed_in_an_open_transaction_is_spent
        a_crowd_redeems_an_authentication_session_once
    }
    sessions {
        a_refresh_token_of_a_session_ended_in_an_open_transaction_is_unknown
    }
    refresh_tokens {
        a_refresh_token_retired_in_an_open_transaction_is_reused
        a_successor_added_in_an_open_transaction_is_retired_with_the_others
        a_refresh_token_rotated_in_an_open_transaction_is_reused
        a_crowd_rotates_a_refresh_token_once
    }
    clients {
        an_identity_taken_in_an_open_transaction_is_taken
        a_client_changed_in_an_open_transaction_is_another_version
        a_crowd_changes_a_version_of_a_client_once
    }
    codes {
        a_code_spent_in_an_open_transaction_is_spent
        a_crowd_spends_a_code_once
        a_code_of_a_browser_logged_out_in_an_open_transaction_is_unknown
    }
    device_races {
        a_device_refused_in_an_open_transaction_is_not_approved
        a_crowd_decides_a_device_once
        a_device_redeemed_in_an_open_transaction_is_spent
        a_crowd_redeems_a_device_once
        a_device_of_a_browser_logged_out_in_an_open_transaction_is_not_redeemed
        a_user_code_taken_in_an_open_transaction_is_taken
        a_crowd_gets_a_user_code_once
    }
    pushed_requests {
        a_pushed_request_spent_in_an_open_transaction_is_spent
        a_crowd_spends_a_pushed_request_once
    }
    logout_notices {
        a_notice_leased_in_an_open_transaction_is_not_leased_again
        a_crowd_leases_each_notice_once
    }
    password_resets {
        a_reset_redeemed_in_an_open_transaction_is_spent
        a_crowd_redeems_a_reset_once
        a_reset_replaced_in_an_open_transaction_is_not_redeemed
    }
    aidbox_resources {
        a_document_written_in_an_open_transaction_is_what_the_next_holds
        a_crowd_writes_each_version_of_a_document_once
        a_held_document_is_not_deleted_until_the_end
    }
    spent_tokens {
        a_token_spent_in_an_open_transaction_is_taken
        a_crowd_spends_a_token_once
    }
    signing_keys {
        an_active_key_added_in_an_open_transaction_is_the_only_one
        a_next_key_added_in_an_open_transaction_is_the_only_one
        a_crowd_adds_one_active_key
        a_key_advanced_in_an_open_transaction_has_advanced
        a_crowd_turns_the_ring_once
    }
    revocations {
        a_place_taken_in_an_open_transaction_is_taken
        a_later_place_is_not_visible_before_an_earlier_one
        a_crowd_gets_each_place_once_and_a_follower_misses_none
    }
    events {
        an_entry_appended_in_an_open_transaction_is_the_head
        a_crowd_appends_to_one_chain
    }
    transactions {
        a_crowd_that_writes_in_the_order_of_repositories_gets_through
    }
}

found! { a_store_without_rollback_fails, without_rollback:
    user_races {
        a_user_name_whose_taking_is_rolled_back_is_free
        an_address_whose_taking_is_rolled_back_is_free
        an_epoch_whose_advance_is_rolled_back_does_not_count
        a_rehash_succeeds_when_a_change_of_password_is_rolled_back
        a_hold_does_not_show_what_was_rolled_back
        an_administrator_whose_disabling_is_rolled_back_is_counted
    }
    attempts {
        a_first_attempt_that_is_rolled_back_is_not_counted
        a_further_attempt_that_is_rolled_back_is_not_counted
        an_attempt_beside_a_clearing_that_is_rolled_back_counts_on
    }
    secret_keys {
        a_key_whose_superseding_is_rolled_back_can_be_superseded
    }
    authenticator_races {
        an_authenticator_whose_confirmation_is_rolled_back_can_be_confirmed
        a_code_whose_acceptance_is_rolled_back_can_be_accepted
        a_code_before_one_whose_acceptance_is_rolled_back_can_be_accepted
        a_code_of_an_authenticator_whose_deletion_is_rolled_back_can_be_accepted
    }
    recovery_codes {
        a_recovery_code_whose_spending_is_rolled_back_can_be_spent
        a_recovery_code_whose_forgetting_is_rolled_back_can_be_spent
    }
    auth_sessions {
        an_authentication_session_whose_redemption_is_rolled_back_can_be_redeemed
    }
    sessions {
        a_refresh_token_of_a_session_whose_end_is_rolled_back_can_be_used
    }
    refresh_tokens {
        a_refresh_token_whose_retirement_is_rolled_back_can_be_rotated
        a_successor_whose_addition_is_rolled_back_is_unknown_after_the_retirement
        a_refresh_token_whose_rotation_is_rolled_back_can_be_rotated
    }
    clients {
        an_identity_whose_taking_is_rolled_back_is_free
        a_client_whose_change_is_rolled_back_can_be_changed
    }
    codes {
        a_code_whose_spending_is_rolled_back_can_be_spent
        a_code_of_a_browser_whose_logout_is_rolled_back_can_be_spent
    }
    device_races {
        a_device_whose_refusal_is_rolled_back_can_be_approved
        a_device_whose_redemption_is_rolled_back_can_be_redeemed
        a_device_of_a_browser_whose_logout_is_rolled_back_can_be_redeemed
        a_user_code_whose_taking_is_rolled_back_is_free
    }
    pushed_requests {
        a_pushed_request_whose_spending_is_rolled_back_can_be_spent
    }
    logout_notices {
        a_notice_whose_lease_is_rolled_back_can_be_leased
    }
    password_resets {
        a_reset_whose_redemption_is_rolled_back_can_be_redeemed
        a_reset_whose_replacement_is_rolled_back_can_be_redeemed
    }
    aidbox_resources {
        a_document_whose_writing_is_rolled_back_is_held_as_it_was
    }
    session_families {
        a_session_keeps_its_parent_when_the_end_of_its_browser_is_rolled_back
    }
    spent_tokens {
        a_token_whose_spending_is_rolled_back_can_be_spent
    }
    signing_keys {
        an_active_key_whose_addition_is_rolled_back_leaves_the_place_free
        a_next_key_whose_addition_is_rolled_back_leaves_the_place_free
        a_key_whose_advance_is_rolled_back_can_advance
    }
    revocations {
        a_dropped_revocation_leaves_no_gap
        a_place_whose_taking_is_rolled_back_is_given_again
    }
    events {
        a_dropped_entry_leaves_no_trace
        an_entry_whose_appending_is_rolled_back_is_not_the_head
    }
    transactions {
        a_drop_keeps_nothing
    }
}
