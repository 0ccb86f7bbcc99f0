/** `npm run strings`: writes the English bundle anew, and says what each translation lacks or has too many. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleFolder, englishBundle, readBundle, translatedLanguages } from "./l10n/bundles.ts";
import { extractStrings } from "./l10n/extractStrings.ts";
import { repositoryRoot } from "./repository.ts";

const english = englishBundle(extractStrings(repositoryRoot));
writeFileSync(join(bundleFolder, "bundle.l10n.json"), `${JSON.stringify(english, undefined, 2)}\n`);
console.log(`${Object.keys(english).length} strings.`);
for (const language of translatedLanguages()) {
  const translated = readBundle(`bundle.l10n.${language}.json`);
  for (const key of Object.keys(english)) if (!(key in translated)) console.log(`${language} lacks: ${key}`);
  for (const key of Object.keys(translated)) if (!(key in english)) console.log(`${language} no longer needs: ${key}`);
}
