import { eventTypesFile } from "../types/eventTypes.ts";
import { environmentFile } from "./environmentFile.ts";
import { type HandlerPlan, type HandlerSample, extensionOf } from "./handlerPlan.ts";
import { readme } from "./readme.ts";
import { sampleFixture } from "./sampleFixture.ts";

/** A file of a new handler: its path within the handler's folder, with slashes. */
export interface ScaffoldFile {
  readonly path: string;
  readonly text: string;
}

/** Gives the text of a template by its path under media/scaffold, with the extension of the language. */
export type ReadTemplate = (path: string) => Promise<string>;

/** All files of a new handler, the one with the person's code first. */
export async function scaffoldFiles(plan: HandlerPlan, readTemplate: ReadTemplate): Promise<ScaffoldFile[]> {
  const extension = extensionOf(plan.language);
  const sources = [...Object.entries(samples[plan.sample]), ...receiverFiles.map(path => [path, path] as const)];
  const templates = sources.map(async ([path, template]) => ({
    path: `${path}.${extension}`,
    text: await readTemplate(`${template}.${extension}`),
  }));
  return [
    ...(await Promise.all(templates)),
    { path: eventTypesFile, text: plan.types },
    { path: "fixtures/sample.zoho-event.json", text: sampleFixture(plan) },
    { path: "package.json", text: packageFile(plan) },
    ...(plan.language === "typescript" ? [{ path: "tsconfig.json", text: compilerFile }] : []),
    { path: ".env", text: environmentFile(plan) },
    {
      path: ".gitignore",
      text: "# Channel tokens, and what the handler remembers and writes.\n.env\ndata/\nnode_modules/\n",
    },
    { path: "README.md", text: readme(plan) },
  ];
}

/** Files of a sample by what they are called there. */
const samples: Readonly<Record<HandlerSample, Readonly<Record<string, string>>>> = {
  blank: { handler: "handler" },
  siteVisits: { handler: "siteVisitHandler", calendar: "calendar" },
};

const receiverFiles = [
  "handler.test",
  ...["receiver", "notification", "bodyText", "handledEvents", "appendLog", "fileLock"].map(name => `receiver/${name}`),
];

/** Nothing to install: types of Node are for the editor's help alone. */
function packageFile({ language }: HandlerPlan): string {
  const isTyped = language === "typescript";
  return jsonFile({
    private: true,
    type: "module",
    scripts: { start: `node handler.${extensionOf(language)}`, test: "node --test" },
    engines: { node: isTyped ? ">=22.18" : ">=20.12" },
    ...(isTyped ? { devDependencies: { "@types/node": "^22.18.0" } } : {}),
  });
}

/** As Node takes TypeScript: types that can be blanked out, and imports of files as they are called. */
const compilerFile = jsonFile({
  compilerOptions: {
    target: "es2023",
    module: "nodenext",
    noEmit: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
  },
});

function jsonFile(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
