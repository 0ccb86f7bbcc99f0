import tseslint from "typescript-eslint";
import { importX } from "eslint-plugin-import-x";

/**
 * Who may import whom under src/ (docs/architecture.md): a folder not listed beside another may not be imported by it.
 * `extension.ts` and `commands.ts` compose and are the only files that see all of them; `entry.ts` loads them.
 */
const allowedImports = {
  base: [],
  protocol: ["base"],
  zoho: ["base"],
  core: ["base", "protocol", "zoho"],
  host: ["base", "protocol", "zoho", "core"],
  webview: ["base", "protocol"],
  relay: ["base", "protocol"],
  sandbox: ["base"],
  cli: ["base", "protocol", "core"],
};

const folders = Object.keys(allowedImports);

const zones = Object.entries(allowedImports).flatMap(([folder, allowed]) => [
  {
    target: `./src/${folder}`,
    from: "./src",
    except: [folder, ...allowed].map(name => `./${name}`),
    message: `src/${folder} may import ${allowed.length === 0 ? "nothing" : allowed.join(", ")} and itself only.`,
  },
  { target: `./src/${folder}`, from: "./test", message: "Product code does not import tests." },
]);

/**
 * Between folders of core/: the event at the bottom, then where it is kept, then where it is sent; what shows it, hands it
 * out or explains it is beside each other on top. Folders that are not named may import whom they need.
 */
const allowedInCore = {
  events: [],
  filter: [],
  history: ["events", "filter", "windows"],
  forwarding: ["events", "history", "windows"],
};

/** These see everything below them, and nothing of each other. */
const siblings = ["inspector", "exchange", "handlers", "agents", "diagnose"];

for (const [folder, allowed] of Object.entries(allowedInCore)) {
  zones.push({
    target: `./src/core/${folder}`,
    from: "./src/core",
    except: [folder, ...allowed].map(name => `./${name}`),
    message: `Of core/, core/${folder} may import ${[...allowed, "itself"].join(", ")} only.`,
  });
}

for (const folder of siblings) {
  zones.push({
    target: `./src/core/${folder}`,
    from: siblings.filter(other => other !== folder).map(other => `./src/core/${other}`),
    message: `core/${siblings.join(", core/")} do not import each other.`,
  });
}

zones.push({
  target: ["./src/webview", "./src/protocol"],
  from: "./src/base/process",
  message: "base/process needs Node; the inspector page and what it shares with others run without.",
});

/** What reads an event off its bytes: everybody else asks core/events for the reading. */
const oneReader = {
  group: [
    "**/protocol/capturedRequest.ts",
    "**/zoho/notification.ts",
    "**/events/recoveredPayload.ts",
    "**/base/bytes.ts",
  ],
  importNames: ["decodeCapturedRequest", "parseNotification", "decodeRecoveredPayload", "utf8DecodeStrict"],
  message: "An event is read in one place: src/core/events/readEvent.ts.",
};

const onlyVscodeInHost = { name: "vscode", message: "Only src/host touches vscode." };

const onlyHostTouchesVscode = folders.filter(folder => folder !== "host").map(folder => `src/${folder}/**/*.ts`);

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "test-results/"] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    files: ["**/*.ts"],
    plugins: { "import-x": importX },
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.json", "./src/webview/tsconfig.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    settings: { "import-x/parsers": { "@typescript-eslint/parser": [".ts"] }, "import-x/extensions": [".ts"] },
    rules: {
      "import-x/no-cycle": "error",
      "import-x/no-restricted-paths": ["error", { basePath: import.meta.dirname, zones }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-floating-promises": ["error", { checkThenables: true }],
      "@typescript-eslint/promise-function-async": "error",
      "@typescript-eslint/strict-void-return": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-restricted-syntax": ["error", { selector: "TSEnumDeclaration", message: "Use a union of literals." }],
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  {
    files: onlyHostTouchesVscode,
    rules: {
      "no-restricted-imports": ["error", { paths: [onlyVscodeInHost] }],
    },
  },
  {
    files: ["src/core/**/*.ts", "src/cli/**/*.ts"],
    ignores: ["src/core/events/**/*.ts"],
    rules: {
      "no-restricted-imports": ["error", { paths: [onlyVscodeInHost], patterns: [oneReader] }],
    },
  },
  {
    files: ["src/host/**/*.ts", "src/*.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [oneReader] }],
    },
  },
  {
    // node:test's describe and it return promises that the runner awaits itself.
    files: ["test/**/*.ts", "media/scaffold/**/*.test.ts"],
    rules: {
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          checkThenables: true,
          allowForKnownSafeCalls: [
            { from: "package", name: ["describe", "it", "test", "suite"], package: "node:test" },
          ],
        },
      ],
    },
  },
  {
    files: ["test/workbench/**/*.ts", "media/scaffold/**/*.ts"],
    rules: { "no-console": "off" },
  },
  {
    files: ["**/*.js"],
    ...tseslint.configs.disableTypeChecked,
  },
);
