import { escapeHtml, page } from "../pages/html.ts";
import type { User } from "../crm/users.ts";
import type { ConsentRequest } from "./consentRoutes.ts";

/** Asks a person whether the application may act for one of the sandbox's users. */
export function consentPage(asked: ConsentRequest, users: readonly User[]): string {
  const scopes = asked.scopes.map(scope => `<li><code>${escapeHtml(scope)}</code></li>`).join("");
  return page(
    "Allow access?",
    `<h1>Allow access?</h1>
    <p><strong>${escapeHtml(asked.client.name)}</strong> wants to use this CRM sandbox. It asks for:</p>
    <ul>${scopes}</ul>
    <form method="post" action="auth">
      ${hiddenFields(asked)}
      <p><label for="user">As</label> <select id="user" name="user">${users.map(userOption).join("")}</select></p>
      <p class="actions">
        <button class="primary" name="decision" value="accept">Accept</button>
        <button name="decision" value="deny">Deny</button>
      </p>
    </form>`,
  );
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

function hiddenFields({ client, redirectUri, scopes, state, offline }: ConsentRequest): string {
  const fields = {
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: redirectUri,
    scope: scopes.join(","),
    access_type: offline ? "offline" : "online",
    ...(state === undefined ? {} : { state }),
  };
  return Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`)
    .join("\n");
}
