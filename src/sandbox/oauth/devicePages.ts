import type { User } from "../crm/users.ts";
import { escapeHtml, page } from "../pages/html.ts";
import { decisionForm } from "./consentPage.ts";
import type { DeviceRequest } from "./deviceCodes.ts";

/** Where a person enters the code that another device shows. `wrong`: what was entered and is no open code. */
export function enterCodePage(wrong?: string): string {
  const refusal =
    wrong === undefined
      ? ""
      : `<p role="alert">No device waits with the code ${escapeHtml(wrong)}. Check it, or get a new one.</p>`;
  return page(
    "Enter the code",
    `<h1>Enter the code</h1>
    ${refusal}
    <form method="get" action="device">
      <p><label for="user_code">Code that your device shows</label>
      <input id="user_code" name="user_code" autocomplete="off" required></p>
      <p><button class="primary">Continue</button></p>
    </form>`,
  );
}

/** Asks whether the device that shows the code may act for one of the sandbox's users. */
export function deviceConsentPage(request: DeviceRequest, users: readonly User[]): string {
  const form = { action: "device", hidden: { user_code: request.userCode } };
  return page("Allow access?", decisionForm(request, users, form));
}

/** Says how it ended. */
export function deviceEndPage(accepted: boolean): string {
  return accepted
    ? page("Device connected", "<h1>Device connected</h1><p>You can close this page and go back to your device.</p>")
    : page("Access denied", "<h1>Access denied</h1><p>The device gets no access. You can close this page.</p>");
}
