import { escapeHtml, page } from "../pages/html.ts";
import type { User } from "../crm/users.ts";
import type { ConsentRequest } from "./consentRoutes.ts";

/** Asks a person whether the application may act for one of the sandbox's users. */
export function consentPage(asked: ConsentRequest, users: readonly User[]): string {
  return page("Allow access?", decisionForm(asked, users, { action: "auth", hidden: consentFields(asked) }));
}

/** The question itself, which the page for device codes asks too. `hidden`: what the form sends beside the decision. */
export function decisionForm(
  { client, scopes }: Pick<ConsentRequest, "client" | "scopes">,
  users: readonly User[],
  { action, hidden }: { readonly action: string; readonly hidden: Readonly<Record<string, string>> },
): string {
  return `<h1>Allow access?</h1>
    <p><strong>${escapeHtml(client.name)}</strong> wants to use this CRM sandbox. It asks for:</p>
    <ul>${scopes.map(scope => `<li><code>${escapeHtml(scope)}</code></li>`).join("")}</ul>
    <form method="post" action="${action}">
      ${Object.entries(hidden).map(hiddenField).join("\n")}
      <p><label for="user">As</label> <select id="user" name="user">${users.map(userOption).join("")}</select></p>
      <p class="actions">
        <button class="primary" name="decision" value="accept">Accept</button>
        <button name="decision" value="deny">Deny</button>
      </p>
    </form>`;
}

/** Says why a request for consent cannot be shown. */
export function refusalPage(reason: string): string {
  return page(
    "Request refused",
    `<h1>This request cannot be granted</h1>
    <p role="alert">${escapeHtml(reason)}</p>
    <p>The registered clients and their redirect URIs are listed at <a href="../../sandbox/clients">/sandbox/clients</a>.</p>`,
  );
}

function userOption({ id, full_name, email, profile }: User): string {
  return `<option value="${escapeHtml(id)}">${escapeHtml(`${full_name} (${email}), ${profile}`)}</option>`;
}

function consentFields({
  client,
  redirectUri,
  scopes,
  state,
  offline,
  challenge,
}: ConsentRequest): Readonly<Record<string, string>> {
  return {
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: redirectUri,
    scope: scopes.join(","),
    access_type: offline ? "offline" : "online",
    ...(state === undefined ? {} : { state }),
    ...(challenge === undefined ? {} : { code_challenge: challenge.value, code_challenge_method: challenge.method }),
  };
}

function hiddenField([name, value]: readonly [string, string]): string {
  return `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;
}
