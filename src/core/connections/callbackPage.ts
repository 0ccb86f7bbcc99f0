import * as l10n from "@vscode/l10n";

/** How the browser's part of a sign-in ended: see {@link callbackPage}. */
export type CallbackPageKind = "arrived" | "declined" | "unexpected" | "unknown";

const texts: Readonly<Record<CallbackPageKind, () => readonly [title: string, text: string]>> = {
  arrived: () => [
    l10n.t("Back to the editor"),
    l10n.t("Zoho has answered. The editor finishes the sign-in; you can close this page."),
  ],
  declined: () => [
    l10n.t("Not signed in"),
    l10n.t("The access was not granted. You can close this page and sign in again from the editor."),
  ],
  unexpected: () => [
    l10n.t("Not the sign-in that was waited for"),
    l10n.t(
      "This answer does not belong to the sign-in that the editor waits for, or came twice. Start again from the editor.",
    ),
  ],
  unknown: () => [l10n.t("Nothing here"), l10n.t("This address only receives the answer of a sign-in.")],
};

/** The page that the browser shows at the redirect address. Holds nothing of the request. */
export function callbackPage(kind: CallbackPageKind): string {
  const [title, text] = texts[kind]();
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 32rem; margin: 20vh auto; padding: 0 1.5rem }
  h1 { font-size: 1.5rem; font-weight: 600 }
</style>
<h1>${title}</h1>
<p>${text}</p>
</html>
`;
}
