/** Makes text safe between tags and within quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => entities[character] ?? character);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const style = `
  :root { color-scheme: light dark; --line: #8885; --accent: #0a5fb4; --accent-text: #fff; }
  @media (prefers-color-scheme: dark) { :root { --accent: #6cb0f5; --accent-text: #111; } }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 1.5rem; }
  h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
  a { color: var(--accent); }
  code { font-family: ui-monospace, monospace; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; }
  caption { text-align: start; padding: 0.25rem 0; }
  th, td { text-align: start; padding: 0.3rem 0.6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
  input, select, button { font: inherit; padding: 0.25rem 0.5rem; }
  button.primary { background: var(--accent); color: var(--accent-text); border: 1px solid var(--accent); border-radius: 3px; }
  form.inline { display: inline-flex; gap: 0.4rem; flex-wrap: wrap; margin: 0; }
  .fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 0.6rem; }
  .fields label { display: block; }
  .fields input, .fields select { width: 100%; box-sizing: border-box; }
  [role="status"], [role="alert"] { border-inline-start: 4px solid var(--accent); padding: 0.4rem 0.8rem; background: #8881; }
`;

/** A whole document around `content`, which is HTML already. */
export function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · CRM sandbox</title>
<style>${style}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`;
}
