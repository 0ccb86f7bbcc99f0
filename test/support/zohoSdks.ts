import * as sdk7 from "@zohocrm/nodejs-sdk-7.0";
import * as sdk8 from "@zohocrm/nodejs-sdk-8.0";

/** What all versions of Zoho's Node.js SDK export; the declared types are those of 8.0. */
export type ZohoSdk = typeof sdk8;

/** One version of Zoho's Node.js SDK, and where it differs from the others in what the tests do. */
export interface ZohoSdkVersion {
  readonly name: string;
  /** The version of the API that it calls. */
  readonly api: 7 | 8;
  readonly sdk: ZohoSdk;
  /** Says that a notification names events to drop; the member's name changed its case from 7.0 to 8.0. */
  readonly dropEvents: (notification: sdk8.Notifications.Notification) => void;
}

/** Every SDK that the contract tests run with. Each keeps its state to itself, so that one process can hold both. */
export const zohoSdks: readonly ZohoSdkVersion[] = [
  {
    name: "@zohocrm/nodejs-sdk-7.0",
    api: 7,
    sdk: sdk7,
    dropEvents: notification => notification.setDeleteevents(new sdk7.Choice(true)),
  },
  {
    name: "@zohocrm/nodejs-sdk-8.0",
    api: 8,
    sdk: sdk8,
    dropEvents: notification => notification.setDeleteEvents(new sdk8.Choice(true)),
  },
];
