import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { chromiumArguments, ensureChromium } from "../../workbench/chromium.ts";
import {
  type LocalServer,
  type LocalServerOptions,
  serverScript,
  startLocalServer,
} from "../../workbench/localServer.ts";
import { type ExtensionPackage, packageExtension } from "../../workbench/packageExtension.ts";
import { readManifest, resultsFolder } from "../../workbench/repository.ts";
import { type VscodeHost, type VscodeOptions, startVscode } from "../../workbench/vscodeHost.ts";
import { type Settings, writeSettings } from "../../workbench/vscodeSettings.ts";
import { Editor } from "./editor.ts";

export interface EditorBenchOptions {
  /** The size of the window in CSS pixels. */
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Runs in every frame of the window before anything else there. */
  readonly initScript?: string;
}

/** What node:test hands to a hook about the test that just ended. */
export interface EndedTest {
  readonly fullName: string;
  readonly passed?: boolean;
}

/**
 * A VS Code with the packaged extension, and servers beside it, for one test file: all state in a temporary folder, all
 * ports free ones, all of it gone after {@link close}. Windows on it are opened with {@link open}, any number of times:
 * the browser keeps its profile, as a person's does.
 */
export class EditorBench {
  readonly extension: ExtensionPackage;
  /** The folder that the window has open. */
  readonly workspace: string;
  readonly #folder: string;
  readonly #viewport: { readonly width: number; readonly height: number };
  readonly #initScript: string | undefined;
  readonly #servers: LocalServer[] = [];
  #vscode: VscodeHost | undefined;
  #editor: Editor | undefined;
  #port = 0;

  private constructor(folder: string, extension: ExtensionPackage, options: EditorBenchOptions) {
    this.#folder = folder;
    this.extension = extension;
    this.#viewport = options.viewport ?? { width: 1280, height: 800 };
    this.#initScript = options.initScript;
    this.workspace = join(folder, "workspace");
    mkdirSync(this.workspace);
  }

  /** Starts nothing yet: servers first, with {@link startServer}, then {@link startVscode} with their addresses. */
  static async create(options: EditorBenchOptions = {}): Promise<EditorBench> {
    const extension = await packageExtension(quietly);
    return new EditorBench(mkdtempSync(join(tmpdir(), "zcn-editor-")), extension, options);
  }

  /** Starts a server out of the package. A second one of a name continues with the state of the first. */
  async startServer(
    name: LocalServerOptions["name"],
    options: Pick<LocalServerOptions, "args" | "port"> = {},
  ): Promise<LocalServer> {
    const server = await startLocalServer({
      ...options,
      name,
      script: serverScript(this.extension.folder, name),
      dataDir: join(this.#folder, name),
      logFile: this.#logFile(name),
    });
    this.#servers.push(server);
    return server;
  }

  /** Again after {@link stopVscode}: at the same address, since the browser keeps secrets per address. */
  async startVscode(
    settings: Settings = {},
    options: Pick<VscodeOptions, "beside" | "environment" | "language" | "trustsFolders"> = {},
  ): Promise<VscodeHost> {
    this.#vscode = await startVscode({
      ...options,
      vsix: this.extension.vsix,
      folder: this.workspace,
      settings,
      userDataDir: this.#userDataDir,
      extensionsDir: this.#extensionsDir,
      port: this.#port,
      logFile: this.#logFile("vscode"),
      say: quietly,
    });
    this.#port = Number(new URL(this.#vscode.url).port);
    return this.#vscode;
  }

  /** Closes the window and ends VS Code with its extension host, as a person does who goes home. */
  async stopVscode(): Promise<void> {
    await this.#editor?.close();
    await this.#vscode?.close();
    this.#editor = undefined;
    this.#vscode = undefined;
  }

  /** Opens the window, with the browser profile of the windows before. One at a time. */
  async open(): Promise<Editor> {
    if (this.#vscode === undefined) throw new Error("Start VS Code first.");
    const context = await chromium.launchPersistentContext(join(this.#folder, "browser"), {
      executablePath: await ensureChromium(quietly),
      args: [...chromiumArguments],
      viewport: this.#viewport,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    if (this.#initScript !== undefined) await context.addInitScript(this.#initScript);
    this.#editor = await Editor.open(context, this.#vscode.url, async settings => this.changeSettings(settings));
    return this.#editor;
  }

  /** Changes user settings of the running VS Code, which notices by itself. */
  async changeSettings(settings: Settings): Promise<void> {
    writeSettings(this.#userDataDir, settings);
    return Promise.resolve();
  }

  /** For `afterEach`: leaves a picture, the page's console and the logs under test-results/ when the test failed. */
  async keepEvidence(test: EndedTest): Promise<void> {
    if (test.passed !== false) return;
    const folder = join(resultsFolder, "editor", fileNameOf(test.fullName));
    mkdirSync(folder, { recursive: true });
    if (this.#editor !== undefined) {
      writeFileSync(join(folder, "console.log"), this.#editor.consoleLines.join("\n"));
      await this.#editor.saveScreenshot(join(folder, "window.png")).catch(() => undefined);
    }
    for (const name of ["vscode", "relay", "sandbox"]) {
      if (existsSync(this.#logFile(name))) copyFileSync(this.#logFile(name), join(folder, `${name}.log`));
    }
  }

  async close(): Promise<void> {
    await this.stopVscode();
    for (const server of this.#servers.reverse()) await server.close();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** A folder of the bench's own, for what a test puts beside VS Code. */
  makeFolder(name: string): string {
    const folder = join(this.#folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** The folder that VS Code gives the extension for what it keeps over all workspaces. */
  get extensionData(): string {
    const { publisher, name } = readManifest();
    return join(this.#userDataDir, "User", "globalStorage", `${publisher}.${name}`);
  }

  /** The folder that VS Code unpacked the package into. */
  get installedExtension(): string {
    const { publisher, name, version } = readManifest();
    return join(this.#extensionsDir, `${publisher}.${name}-${version}`);
  }

  /** What the extension logged in this window and in those before, with the oldest window first. */
  get extensionLog(): string {
    const { publisher, name } = readManifest();
    const files = globSync(`logs/*/exthost*/${publisher}.${name}/*.log`, { cwd: this.#userDataDir });
    const paths = files.map(file => join(this.#userDataDir, file));
    const byAge = paths.sort((one, other) => statSync(one).birthtimeMs - statSync(other).birthtimeMs);
    return byAge.map(path => readFileSync(path, "utf8")).join("");
  }

  get #extensionsDir(): string {
    return join(this.#folder, "extensions");
  }

  get #userDataDir(): string {
    return join(this.#folder, "user-data");
  }

  #logFile(name: string): string {
    return join(this.#folder, "logs", `${name}.log`);
  }
}

function quietly(): void {
  // The test command has said it before the tests began; a single file run by hand just takes a moment longer.
}

function fileNameOf(title: string): string {
  return title.replace(/[^\w-]+/g, "-").slice(0, 100);
}
