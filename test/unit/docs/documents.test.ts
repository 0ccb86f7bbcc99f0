import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, it } from "node:test";
import * as v from "valibot";
import { settingIds, commandIds, contextKeys, viewIds } from "../../../src/host/names.ts";
import { readShownManifest } from "../../support/manifest.ts";
import { repositoryRoot } from "../../workbench/repository.ts";

const pages = ["README.md", "CHANGELOG.md", ...globSync("docs/**/*.md", { cwd: repositoryRoot })].sort();
const textOf = (page: string): string => readFileSync(join(repositoryRoot, page), "utf8");
const withoutCode = (text: string): string => text.replaceAll(/^```[^]*?^```$/gm, "").replaceAll(/`[^`\n]*`/g, "code");

const codeOf = (text: string): string => (text.match(/^```[^]*?^```$|`[^`\n]*`/gm) ?? []).join("\n");

const manifestSchema = v.object({
  scripts: v.record(v.string(), v.string()),
  contributes: v.object({ commands: v.array(v.object({ title: v.string() })) }),
});
const manifest = v.parse(manifestSchema, readShownManifest());
const titles = new Set(manifest.contributes.commands.map(({ title }) => withoutDots(title)));

function withoutDots(title: string): string {
  return title.replace(/…$/, "");
}

/** The anchors of a page, as GitHub and VS Code make them of its headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.replaceAll(/^```[^]*?^```$/gm, "").matchAll(/^#{1,6} +(.+)$/gm)].map(
    ([, title = ""]) => title,
  );
  return new Set(
    headings.map(title =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(" ", "-"),
    ),
  );
}

function faultOfLink(page: string, target: string): string | undefined {
  if (target.startsWith("https://")) return undefined;
  if (/^[a-z]+:/.test(target)) return "is no https address";
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : relative(repositoryRoot, join(repositoryRoot, dirname(page), path));
  if (!existsSync(join(repositoryRoot, file))) return "leads to no file";
  return anchor === undefined || anchorsOf(textOf(file)).has(anchor) ? undefined : "leads to no heading";
}

describe("the documents", () => {
  for (const page of pages) {
    it(`${page}: every link and picture leads somewhere`, () => {
      const links = [...withoutCode(textOf(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
      const faults = links.flatMap(target => {
        const fault = faultOfLink(page, target);
        return fault === undefined ? [] : [`${target} ${fault}`];
      });
      assert.deepEqual(faults, []);
    });

    it(`${page}: every npm script that it names is there`, () => {
      const named = [...codeOf(textOf(page)).matchAll(/\bnpm (?:run )?([\w-]+)/g)].map(([, name = ""]) => name);
      const ownOfNpm = ["ci", "install", "rebuild"];
      assert.deepEqual(
        named.filter(name => !(name in manifest.scripts) && !ownOfNpm.includes(name)),
        [],
      );
    });

    it(`${page}: every setting, command and view that it names is there`, () => {
      const known = new Set<string>(
        [commandIds, settingIds, contextKeys, viewIds].flatMap(names => Object.values(names)),
      );
      const named = [...textOf(page).matchAll(/`(zohoCrm\.[\w.]+)`/g)].map(([, name = ""]) => name);
      assert.deepEqual(
        named.filter(name => !known.has(name)),
        [],
      );
    });

    it(`${page}: every command of the palette that it names is there`, () => {
      const named = [...textOf(page).matchAll(/\bZoho CRM: ([A-Z][^*_`\n→]*?)(?=[*_`]| →)/g)].map(
        ([, title = ""]) => title,
      );
      assert.deepEqual(
        named.filter(title => !titles.has(withoutDots(title))),
        [],
      );
    });

    it(`${page}: every file of the repository that it names is there`, () => {
      const named = [...textOf(page).matchAll(/`((?:src|test|media|docs)\/[\w./-]+)`/g)].map(([, file = ""]) => file);
      assert.deepEqual(
        named.filter(file => !existsSync(join(repositoryRoot, file))),
        [],
      );
    });
  }

  it("all can be reached from README.md", () => {
    const reached = new Set<string>();
    const visit = (page: string): void => {
      if (reached.has(page) || !existsSync(join(repositoryRoot, page))) return;
      reached.add(page);
      for (const [, target = ""] of withoutCode(textOf(page)).matchAll(/\]\(([^)#\s]+\.md)(?:#[^)]*)?\)/g)) {
        if (!target.startsWith("https:")) visit(relative(repositoryRoot, join(repositoryRoot, dirname(page), target)));
      }
    };
    visit("README.md");
    assert.deepEqual(
      pages.filter(page => !reached.has(page)),
      [],
    );
  });
});
