// What is bundled of others, with its licences: read from what esbuild says it took in.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Licences whose conditions a list of notices meets. */
const allowed = new Set(["MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "CC-BY-4.0", "Unlicense"]);

/**
 * The packages that `inputs` (paths of files that were bundled) come from, by name, each once per version. Throws where
 * one has no licence, or one that asks for more than a notice.
 * @param {Iterable<string>} inputs
 * @returns {import("./thirdPartyNotices.js").BundledPackage[]}
 */
export function bundledPackages(inputs) {
  const folders = new Set([...inputs].map(packageFolder).filter(folder => folder !== undefined));
  const packages = [...folders].map(readPackage);
  const unique = new Map(packages.map(each => [`${each.name}@${each.version}`, each]));
  return [...unique.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * @param {readonly import("./thirdPartyNotices.js").BundledPackage[]} packages
 * @returns {string}
 */
export function noticesText(packages) {
  const rule = "-".repeat(80);
  const parts = packages.map(
    ({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text.trim()}\n`,
  );
  const head = `This extension contains software of others, under the licences below.\n`;
  return [head, ...parts].join(`\n${rule}\n\n`);
}

/** The folder of the package that a file belongs to; undefined for our own. */
function packageFolder(input) {
  const at = input.lastIndexOf("node_modules/");
  if (at === -1) return undefined;
  const [first, second] = input.slice(at + "node_modules/".length).split("/");
  const name = first.startsWith("@") ? `${first}/${second}` : first;
  return join(input.slice(0, at), "node_modules", name);
}

function readPackage(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (!allowed.has(license))
    throw new Error(`${name} ${version} is under ${license}, which is not known to be fine to bundle.`);
  return { name, version, license, text: licenceTexts(folder, license) };
}

/** The licence files of a package, notices included; where there are none, the name of the licence has to do. */
function licenceTexts(folder, license) {
  const files = existsSync(folder)
    ? readdirSync(folder).filter(file => /^(licen[cs]e|copying|notice)/i.test(file))
    : [];
  const texts = files.sort().map(file => readFileSync(join(folder, file), "utf8").trim());
  return texts.length > 0 ? texts.join("\n\n") : `Under the licence ${license}.`;
}
