import * as l10n from "@vscode/l10n";
import { type Details, nameOf, wordsIn } from "./apiErrorDetails.ts";
import { safeCode } from "./wire.ts";

/** What Zoho means by INVALID_DATA: it says what is wrong with the value, or no more than whose value is wrong. */
export function invalidDataMessage(details: Details): string {
  const name = nameOf(details) ?? l10n.t("one of the fields");
  const { api_name, maximum_length, supported_values, expected_data_type } = details;
  if (maximum_length !== undefined) {
    return atMostSentence(maximum_length, name, details);
  }
  if (supported_values !== undefined) return unknownValueSentence(name, supported_values);
  // Of these, what is wrong is hardly ever the type that Zoho names.
  if (["channel_expiry", "channel_id", "notify_url"].includes(api_name ?? "")) return adviceOn(api_name, name);
  if (expected_data_type !== undefined) {
    return l10n.t(
      "Zoho expects {0} in another form: {1}. Change it and try again.",
      name,
      safeCode(expected_data_type),
    );
  }
  return adviceOn(api_name, name);
}

function adviceOn(field: string | undefined, name: string): string {
  const advice = field !== undefined && Object.hasOwn(fieldAdvice, field) ? fieldAdvice[field] : undefined;
  return advice?.() ?? l10n.t("Zoho does not accept the value of {0}. Change it and try again.", name);
}

/** Where Zoho says no more than the field's name, what it most often means. */
const fieldAdvice: Readonly<Record<string, () => string>> = {
  events: () =>
    l10n.t(
      "Zoho cannot notify about one of the chosen modules. Leave out modules that are not in use or not supported.",
    ),
  channel_expiry: () => l10n.t("Zoho does not accept the expiry. Choose a time from now to at most one week ahead."),
  notify_url: () =>
    l10n.t("Zoho does not accept the address for notifications. Use a public HTTPS address of at most 255 characters."),
  channel_id: () => l10n.t("Zoho does not accept the channel ID. It must be a whole number of at most 64 bits."),
};

const lists: readonly (string | undefined)[] = ["watch", "data", "events", "group", "field_selection"];
const numbers: readonly (string | undefined)[] = ["page", "per_page"];

/** A `maximum_length` counts entries, or is the largest number, or counts characters. */
function atMostSentence(most: number, name: string, { api_name, param_name }: Details): string {
  if (lists.includes(api_name)) {
    return l10n.t("Zoho takes at most {0} entries for {1}. Shorten it and try again.", most, name);
  }
  return numbers.includes(param_name)
    ? l10n.t("Zoho takes at most {0} for {1}. Lower it and try again.", most, name)
    : l10n.t("Zoho takes at most {0} characters for {1}. Shorten it and try again.", most, name);
}

/** With the values to choose from, where they are words and few. */
function unknownValueSentence(name: string, values: readonly unknown[]): string {
  const words = wordsIn(values);
  return words.length > 0
    ? l10n.t("Zoho does not know this value of {0}. Choose one of: {1}.", name, words.join(", "))
    : l10n.t("Zoho does not know this value of {0}. Choose another.", name);
}
