//! The list of clauses, and the macro that runs them all.

macro_rules! clauses {
    (($dollar:tt) $($file:ident { $($clause:ident)* })*) => {
        /// Every clause, as `file::name`.
        pub const CLAUSES: &[&str] = &[$($(concat!(stringify!($file), "::", stringify!($clause)),)*)*];

        /// `store_contract!(module, factory)` makes a module with a `#[test]` for each clause of the storage contract.
        /// `factory` is an `async fn() -> Result<Harness, Missing>` in the place of the call, and gives an empty store each
        /// time. See the documentation of this crate.
        #[macro_export]
        macro_rules! store_contract {
            ($dollar module:ident, $dollar factory:ident) => {
                mod $dollar module {
                    $($(
                        #[test]
                        fn $clause() {
                            let name = concat!(stringify!($dollar module), "::", stringify!($clause));
                            ::testkit::contract::run(name, super::$dollar factory, ::testkit::contract::$file::$clause);
                        }
                    )*)*
                }
            };
        }
    };
}

clauses! { ($)
    users {
        an_account_comes_back_with_every_field
        an_account_that_does_not_exist_is_not_found
        an_account_is_found_by_its_address_in_whatever_letter_case
        a_user_name_is_given_once_and_the_transaction_goes_on
        an_address_is_given_once_in_whatever_letter_case
        accounts_without_address_do_not_collide
        a_new_password_changes_hash_and_instant_only
        a_new_password_is_not_a_weak_one
        a_rehash_replaces_the_hash_it_was_made_from_and_no_other
        a_profile_is_set_and_cleared_and_nothing_else
        an_account_may_keep_its_own_address_in_another_spelling
        a_state_is_set_and_nothing_else
        what_an_account_owes_is_set_and_nothing_else
        an_epoch_advances_by_one
        only_active_administrators_are_held
        accounts_are_counted
    }
    user_lists {
        a_list_is_ordered_by_bytes
        a_list_is_read_in_pages_without_loss_or_repetition
        a_search_looks_into_name_address_and_display_name
        a_search_takes_every_character_literally
        a_list_filters_by_state_search_and_place_together
    }
    user_races {
        a_user_name_taken_in_an_open_transaction_is_taken
        a_user_name_whose_taking_is_rolled_back_is_free
        an_address_taken_in_an_open_transaction_is_taken
        an_address_whose_taking_is_rolled_back_is_free
        a_crowd_gets_a_user_name_once
        a_crowd_gets_an_address_once
        an_epoch_advanced_in_an_open_transaction_counts
        an_epoch_whose_advance_is_rolled_back_does_not_count
        a_crowd_gets_each_epoch_once
        a_rehash_does_not_undo_a_password_changed_in_an_open_transaction
        a_rehash_succeeds_when_a_change_of_password_is_rolled_back
        a_held_account_keeps_its_password_until_the_end
        a_held_account_is_not_deleted_until_the_end
        a_hold_shows_what_the_holder_before_committed
        a_hold_does_not_show_what_was_rolled_back
        a_crowd_that_holds_an_account_changes_it_one_by_one
        an_administrator_who_is_disabled_in_an_open_transaction_is_not_counted
        an_administrator_whose_disabling_is_rolled_back_is_counted
        a_crowd_of_administrators_leaves_one
        a_session_is_not_added_to_an_account_deleted_in_an_open_transaction
    }
    attempts {
        a_counter_that_does_not_exist_is_at_nothing
        a_tally_comes_back_with_every_field
        a_tally_can_be_held_twice_and_recorded_in_one_transaction
        counters_of_other_accounts_budgets_and_networks_are_others
        clearing_sets_one_counter_back
        clearing_an_account_sets_all_its_counters_back
        the_counters_of_an_account_are_listed
        purging_leaves_the_counters_of_accounts
        purging_counters_heeds_cutoff_and_limit
        a_first_attempt_in_an_open_transaction_is_counted
        a_first_attempt_that_is_rolled_back_is_not_counted
        a_further_attempt_in_an_open_transaction_is_counted
        a_further_attempt_that_is_rolled_back_is_not_counted
        an_attempt_beside_a_clearing_in_an_open_transaction_is_the_first_again
        an_attempt_beside_a_clearing_that_is_rolled_back_counts_on
        a_crowd_of_first_attempts_is_counted_exactly
        a_crowd_of_further_attempts_is_counted_exactly
    }
    secret_keys {
        a_secret_key_comes_back_with_every_field
        the_live_keys_of_an_account_are_listed_newest_first
        an_account_without_keys_has_none
        a_key_is_superseded_once
        all_keys_of_an_account_end_at_once
        purging_forgets_keys_that_ended_before_the_cutoff
        a_key_superseded_in_an_open_transaction_is_superseded
        a_key_whose_superseding_is_rolled_back_can_be_superseded
        a_crowd_supersedes_a_key_once
    }
    authenticators {
        an_authenticator_comes_back_with_every_field
        the_authenticators_of_an_account_are_listed_oldest_first
        an_authenticator_is_not_added_to_an_account_that_does_not_exist
        a_pending_authenticator_is_confirmed_once
        an_active_authenticator_is_not_confirmed_again
        an_expired_authenticator_is_not_confirmed
        an_authenticator_is_confirmed_with_a_later_position_only
        an_authenticator_advances_to_later_positions_only
        a_pending_authenticator_does_not_advance
        an_authenticator_is_renamed_for_its_account_only
        an_authenticator_is_deleted_once_and_for_its_account_only
        purging_forgets_pending_authenticators_that_expired
    }
    authenticator_races {
        an_authenticator_confirmed_in_an_open_transaction_is_confirmed
        an_authenticator_whose_confirmation_is_rolled_back_can_be_confirmed
        a_crowd_confirms_an_authenticator_once
        a_code_accepted_in_an_open_transaction_is_spent
        a_code_whose_acceptance_is_rolled_back_can_be_accepted
        a_code_before_one_accepted_in_an_open_transaction_is_spent
        a_code_before_one_whose_acceptance_is_rolled_back_can_be_accepted
        a_code_after_one_accepted_in_an_open_transaction_is_accepted
        a_crowd_has_a_code_accepted_once
        a_crowd_with_different_codes_never_moves_an_authenticator_back
        a_code_of_an_authenticator_deleted_in_an_open_transaction_is_not_accepted
        a_code_of_an_authenticator_whose_deletion_is_rolled_back_can_be_accepted
    }
    recovery_codes {
        a_recovery_code_comes_back_with_every_field
        the_unused_recovery_codes_of_an_account_are_listed_oldest_first
        a_recovery_code_is_not_added_to_an_account_that_does_not_exist
        a_recovery_code_is_spent_once
        a_recovery_code_is_spent_for_its_account_only
        an_expired_recovery_code_is_not_spent
        the_recovery_codes_of_an_account_are_forgotten_together
        purging_forgets_recovery_codes_that_expired_before_the_cutoff
        a_recovery_code_spent_in_an_open_transaction_is_spent
        a_recovery_code_whose_spending_is_rolled_back_can_be_spent
        a_crowd_spends_a_recovery_code_once
        a_recovery_code_forgotten_in_an_open_transaction_is_not_spent
        a_recovery_code_whose_forgetting_is_rolled_back_can_be_spent
    }
    password_resets {
        a_reset_comes_back_with_every_field
        a_reset_takes_the_place_of_any_other_of_the_account
        a_reset_is_redeemed_once_and_at_its_stage_only
        an_expired_reset_is_not_redeemed
        a_reset_needs_its_account_and_goes_with_it
        purging_forgets_expired_resets
        a_reset_redeemed_in_an_open_transaction_is_spent
        a_reset_whose_redemption_is_rolled_back_can_be_redeemed
        a_crowd_redeems_a_reset_once
        a_reset_replaced_in_an_open_transaction_is_not_redeemed
        a_reset_whose_replacement_is_rolled_back_can_be_redeemed
    }
    aidbox_resources {
        a_document_comes_back_with_every_field
        an_identity_that_no_document_can_have_is_not_found
        a_document_is_replaced_but_for_its_creation
        the_document_of_an_account_is_its_user_only
        documents_are_read_in_pages_by_the_bytes_of_their_identity
        a_document_is_deleted_once_and_of_its_kind_only
        a_document_of_an_account_needs_it_and_goes_with_it
        a_document_written_in_an_open_transaction_is_what_the_next_holds
        a_document_whose_writing_is_rolled_back_is_held_as_it_was
        a_crowd_writes_each_version_of_a_document_once
        a_held_document_is_not_deleted_until_the_end
    }
    auth_sessions {
        an_authentication_session_comes_back_with_every_field
        an_authentication_session_gives_way_to_another_with_its_digest
        a_crowd_adds_one_authentication_session_under_one_digest
        an_authentication_session_that_does_not_exist_is_not_found
        an_authentication_session_is_redeemed_once
        an_expired_authentication_session_is_not_redeemed
        the_authentication_sessions_of_an_account_are_forgotten_together
        purging_forgets_expired_authentication_sessions
        an_authentication_session_redeemed_in_an_open_transaction_is_spent
        an_authentication_session_whose_redemption_is_rolled_back_can_be_redeemed
        a_crowd_redeems_an_authentication_session_once
    }
    sessions {
        a_session_comes_back_with_every_field
        a_session_that_does_not_exist_is_not_found
        a_session_is_not_added_to_an_account_that_does_not_exist
        an_expired_session_is_not_found
        the_live_sessions_of_an_account_are_listed_newest_first
        touching_changes_the_last_use_only
        what_a_session_has_proved_is_set_and_nothing_else
        a_session_ends_once_with_its_refresh_tokens
        all_sessions_of_an_account_end_with_their_refresh_tokens
        purging_forgets_expired_sessions_with_their_refresh_tokens
        a_refresh_token_of_a_session_ended_in_an_open_transaction_is_unknown
        a_refresh_token_of_a_session_whose_end_is_rolled_back_can_be_used
    }
    session_families {
        a_session_of_a_client_comes_back_with_every_field
        the_live_sessions_from_a_browser_are_listed
        the_live_sessions_of_a_client_are_listed
        the_sessions_of_one_browser_are_given_to_another
        sessions_stay_without_parent_when_their_browser_ends
        sessions_stay_without_parent_when_their_browser_is_purged
        all_sessions_of_an_account_end_parents_and_children_alike
        a_session_is_not_added_to_a_parent_that_does_not_exist
        a_session_is_used_while_its_browser_ends_in_an_open_transaction
        a_session_keeps_its_parent_when_the_end_of_its_browser_is_rolled_back
    }
    browsers {
        the_session_of_a_browser_is_found_expired_or_not
        a_browser_is_forgotten_with_its_session
        a_browser_is_not_added_to_a_session_that_does_not_exist
        a_cookie_belongs_to_one_session
        a_session_gets_another_cookie_and_the_old_one_is_good_for_nothing
        a_cookie_is_replaced_by_one_of_two_at_once
    }
    refresh_tokens {
        a_refresh_token_is_rotated_once
        a_refresh_token_that_does_not_exist_is_unknown
        an_expired_refresh_token_is_unknown
        a_used_refresh_token_is_reused_ever_after
        the_session_of_a_refresh_token_is_found_used_or_not
        a_refresh_token_is_not_added_to_a_session_that_does_not_exist
        the_refresh_tokens_of_a_session_are_retired_together
        a_refresh_token_retired_in_an_open_transaction_is_reused
        a_refresh_token_whose_retirement_is_rolled_back_can_be_rotated
        a_successor_added_in_an_open_transaction_is_retired_with_the_others
        a_successor_whose_addition_is_rolled_back_is_unknown_after_the_retirement
        a_refresh_token_rotated_in_an_open_transaction_is_reused
        a_refresh_token_whose_rotation_is_rolled_back_can_be_rotated
        a_crowd_rotates_a_refresh_token_once
    }
    clients {
        a_client_comes_back_with_every_field
        a_client_that_does_not_exist_is_not_found
        an_identity_of_a_client_is_given_once_and_the_transaction_goes_on
        a_client_changes_in_everything_but_identity_and_creation
        a_client_changes_from_the_version_that_was_read_only
        clients_are_read_in_pages_without_loss_or_repetition
        a_deleted_client_takes_along_what_belongs_to_it_but_no_session
        a_client_changed_in_an_open_transaction_is_another_version
        a_client_whose_change_is_rolled_back_can_be_changed
        a_crowd_changes_a_version_of_a_client_once
        an_identity_taken_in_an_open_transaction_is_taken
        an_identity_whose_taking_is_rolled_back_is_free
    }
    consents {
        a_consent_comes_back_with_every_field
        a_consent_takes_the_place_of_the_one_before
        the_consents_of_an_account_are_listed_by_client
        a_consent_is_withdrawn_once_and_for_its_account_and_client_only
        a_consent_needs_its_account_and_its_client
    }
    codes {
        a_code_comes_back_with_every_field
        a_code_that_does_not_exist_is_unknown
        a_code_is_spent_once_and_names_the_session_ever_after
        an_expired_code_is_not_spent
        a_code_needs_its_account_its_client_and_its_session
        a_code_is_forgotten_with_the_session_that_it_came_from
        a_spent_code_is_remembered_when_the_session_it_opened_ends
        purging_forgets_codes_that_expired_before_the_cutoff
        a_code_spent_in_an_open_transaction_is_spent
        a_code_whose_spending_is_rolled_back_can_be_spent
        a_crowd_spends_a_code_once
        a_code_of_a_browser_logged_out_in_an_open_transaction_is_unknown
        a_code_of_a_browser_whose_logout_is_rolled_back_can_be_spent
    }
    devices {
        a_request_of_a_device_comes_back_with_every_field
        a_request_of_a_device_is_found_expired_or_not
        a_user_code_finds_what_is_pending_and_has_not_expired
        a_user_code_is_given_once_and_the_transaction_goes_on
        a_poll_changes_its_instant_and_the_interval_only
        a_request_of_a_device_is_decided_once
        a_refused_request_of_a_device_stays_refused
        an_expired_request_of_a_device_is_not_decided
        an_approved_request_of_a_device_is_redeemed_once
        a_request_of_a_device_is_deleted_once
        an_approved_request_of_a_device_goes_with_its_login
        a_request_of_a_device_needs_its_client_and_its_login
        purging_forgets_requests_of_devices_that_expired_before_the_cutoff
    }
    device_races {
        a_device_refused_in_an_open_transaction_is_not_approved
        a_device_whose_refusal_is_rolled_back_can_be_approved
        a_crowd_decides_a_device_once
        a_device_redeemed_in_an_open_transaction_is_spent
        a_device_whose_redemption_is_rolled_back_can_be_redeemed
        a_crowd_redeems_a_device_once
        a_device_of_a_browser_logged_out_in_an_open_transaction_is_not_redeemed
        a_device_of_a_browser_whose_logout_is_rolled_back_can_be_redeemed
        a_user_code_taken_in_an_open_transaction_is_taken
        a_user_code_whose_taking_is_rolled_back_is_free
        a_crowd_gets_a_user_code_once
    }
    pushed_requests {
        a_pushed_request_comes_back_with_every_field
        an_expired_pushed_request_is_not_found
        a_pushed_request_is_spent_once
        a_pushed_request_needs_its_client
        purging_forgets_expired_pushed_requests
        a_pushed_request_spent_in_an_open_transaction_is_spent
        a_pushed_request_whose_spending_is_rolled_back_can_be_spent
        a_crowd_spends_a_pushed_request_once
    }
    opaque_tokens {
        an_opaque_token_comes_back_with_every_field
        an_expired_opaque_token_is_not_found
        an_opaque_token_is_deleted_once
        an_opaque_token_is_forgotten_with_its_session
        an_opaque_token_needs_its_client_and_its_session
        purging_forgets_expired_opaque_tokens
    }
    logout_notices {
        a_notice_comes_back_with_every_field_and_the_attempt_counted
        due_notices_are_leased_earliest_first_up_to_a_limit
        a_notice_that_is_put_off_is_due_then
        a_notice_is_deleted_once
        a_notice_outlives_what_it_is_about
        a_notice_leased_in_an_open_transaction_is_not_leased_again
        a_notice_whose_lease_is_rolled_back_can_be_leased
        a_crowd_leases_each_notice_once
    }
    spent_tokens {
        a_token_is_spent_once
        a_token_spent_in_an_open_transaction_is_taken
        a_token_whose_spending_is_rolled_back_can_be_spent
        a_crowd_spends_a_token_once
        purging_forgets_spent_tokens_that_expired_before_the_cutoff
    }
    signing_keys {
        a_signing_key_comes_back_with_every_field
        published_keys_come_oldest_first_and_retired_ones_not_at_all
        keys_are_listed_newest_first_up_to_a_limit
        each_purpose_has_places_of_its_own
        an_occupied_place_is_refused_and_the_transaction_goes_on
        a_key_advances_once_from_the_state_it_is_in
        a_ring_turns_in_one_transaction
        a_key_does_not_advance_into_an_occupied_place
        an_active_key_added_in_an_open_transaction_is_the_only_one
        an_active_key_whose_addition_is_rolled_back_leaves_the_place_free
        a_next_key_added_in_an_open_transaction_is_the_only_one
        a_next_key_whose_addition_is_rolled_back_leaves_the_place_free
        a_crowd_adds_one_active_key
        a_key_advanced_in_an_open_transaction_has_advanced
        a_key_whose_advance_is_rolled_back_can_advance
        a_crowd_turns_the_ring_once
    }
    revocations {
        a_revocation_comes_back_with_every_field
        an_empty_sequence_is_at_zero
        places_count_up_within_and_over_transactions
        the_same_thing_can_be_revoked_again
        a_dropped_revocation_leaves_no_gap
        revocations_are_read_in_order_from_a_place_on_up_to_a_limit
        expired_revocations_are_not_read_and_do_not_fill_the_limit
        purging_revocations_does_not_move_the_place
        a_place_taken_in_an_open_transaction_is_taken
        a_place_whose_taking_is_rolled_back_is_given_again
        a_later_place_is_not_visible_before_an_earlier_one
        a_crowd_gets_each_place_once_and_a_follower_misses_none
    }
    events {
        an_empty_log_has_the_empty_head
        an_entry_comes_back_with_every_field
        the_head_is_the_last_entry
        several_entries_are_appended_in_one_transaction
        an_entry_that_does_not_follow_the_head_is_refused
        a_dropped_entry_leaves_no_trace
        entries_are_filtered_by_kind_subject_and_place
        entries_after_a_place_come_oldest_first_up_to_a_limit
        entries_outlive_the_account_that_they_are_about
        an_entry_appended_in_an_open_transaction_is_the_head
        an_entry_whose_appending_is_rolled_back_is_not_the_head
        a_crowd_appends_to_one_chain
    }
    transactions {
        a_commit_keeps_everything
        a_drop_keeps_nothing
        a_transaction_sees_what_it_wrote
        nobody_sees_or_waits_for_what_is_not_committed
        a_transaction_that_did_nothing_can_be_committed_or_dropped
        a_reading_transaction_that_is_dropped_harms_nobody
        a_deleted_account_takes_along_all_that_belongs_to_it
        a_crowd_that_writes_in_the_order_of_repositories_gets_through
    }
}
