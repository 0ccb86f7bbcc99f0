import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Has a VS Code server speak `language` to its extensions: it does so for languages that have a pack. This one has no
 * words, so VS Code's own stay English and an extension's are what it brings itself.
 */
export function writeLanguagePack(userDataDir: string, language: string): void {
  const folder = join(userDataDir, "empty-language-pack");
  mkdirSync(folder, { recursive: true });
  const words = join(folder, "main.i18n.json");
  writeFileSync(words, JSON.stringify({ version: "1.0.0", contents: {} }));
  const extensions = [{ extensionIdentifier: { id: "empty.language-pack" }, version: "1.0.0" }];
  const pack = { hash: `empty-${language}`, extensions, translations: { vscode: words }, label: language };
  writeFileSync(join(userDataDir, "languagepacks.json"), JSON.stringify({ [language]: pack }));
}
