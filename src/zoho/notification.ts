import { type Result, fail } from "../base/result.ts";

/** A delivery of a Zoho subscription, decoded. Ids are the digits of 64-bit numbers. */
export interface Notification {
  /** In the words of subscribing: Zoho's deliveries say insert and update for create and edit. */
  readonly operation: "create" | "edit" | "delete";
  readonly module: string;
  readonly recordIds: readonly string[];
  /** One for each record of which Zoho tells what changed. */
  readonly changes: readonly RecordChange[];
  readonly channelId: string;
  readonly token?: string;
  /** Zoho's time of the change, in milliseconds since 1970. */
  readonly serverTime?: number;
  readonly queryParams: Readonly<Record<string, unknown>>;
}

export interface RecordChange {
  readonly recordId: string;
  readonly fields: readonly string[];
  /** The new values, where the subscription asks for them. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Why a body is no notification: of another form, or of this form but damaged (`message` is a sentence). */
export type NotificationProblem =
  { readonly kind: "not-notification" } | { readonly kind: "unreadable"; readonly message: string };

/** Reads the body of a delivery, whatever content type it came with. */
export function parseNotification(_bodyText: string): Result<Notification, NotificationProblem> {
  return fail({ kind: "not-notification" });
}
