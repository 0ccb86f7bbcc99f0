/**
 * Names of members that Zoho's documents and live answers have. Only these stand in a shape as they are: any other name may
 * be an id, a custom field, or whatever else somebody called something.
 */
export const knownNames: ReadonlySet<string> = new Set(
  [
    // deliveries
    "server_time affected_values record_id values query_params module resource_uri ids affected_fields operation",
    "channel_id token",
    // the watch API
    "watch code details message status events channel_expiry resource_id resource_name notify_url fields",
    "notify_on_related_action return_affected_field_values notification_condition type field_selection group_operator",
    "group field api_name id comparator",
    // pages and refusals
    "info page per_page count more_records next_page_token previous_page_token page_token_expiry sort_by sort_order",
    "json_path expected_data_type maximum_length minimum_length supported_values expected_fields ambiguity_due_to",
    "dependee param_name param_names permissions limit limit_due_to regex range from to error error_description data",
    // sign-in
    "access_token refresh_token api_domain token_type expires_in expires_in_sec scope device_code user_code",
    "verification_url verification_uri verification_uri_complete interval locations",
    // modules, fields, organisation, users, deleted records
    "modules singular_label plural_label api_supported creatable editable deletable viewable convertable visible",
    "generated_type module_name display_label field_label data_type custom_field read_only field_read_only",
    "system_mandatory mandatory pick_list_values display_value actual_value reference_value lookup multi_module_lookup",
    "multiselectlookup connected_module connected_lookup subform associated_module length decimal_place json_type",
    "org company_name license_details paid paid_type users_license_purchased zgid country_code domain_name time_zone",
    "iso_code currency users email full_name first_name last_name role profile zuid name display_name created_by",
    "deleted_by deleted_time created_time modified_time modified_by",
    "Created_Time Modified_Time Created_By Modified_By Owner Record_Status__s",
  ].flatMap(names => names.split(" ")),
);
