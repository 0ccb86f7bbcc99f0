import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { cacheFolder } from "./cacheFolder.ts";

export interface StartOptions {
  /** Preferred port of VS Code in the browser. Stays the same so that the browser finds its secrets again. */
  readonly port: number;
  /** `auto`: the desktop when it is there. */
  readonly window: "auto" | "browser" | "desktop";
  /** Seconds between two changes in the sandbox; 0: none. */
  readonly activitySeconds: number;
  readonly dataDir: string;
  readonly fresh: boolean;
  readonly open: boolean;
  readonly help: boolean;
}

const defaultPort = 47_630;
const defaultActivitySeconds = 8;

export const startHelp = `Starts the sandbox CRM, a relay, and VS Code with the extension connected to both. Ctrl-C ends all of it.

  --browser       VS Code in the browser, at the address that is printed at the end
  --desktop       the desktop VS Code (default when "code" is on the PATH and there is a display)
  --port N        port of VS Code in the browser, another one when it is taken (default ${defaultPort})
  --open          open the address in the system's browser
  --activity N    a change in the CRM every N seconds (default ${defaultActivitySeconds})
  --no-activity   no changes by themselves
  --data-dir DIR  where the state is kept between runs (default: start/ in the user's cache folder)
  --fresh         forget the state of earlier runs first
  --help          this text`;

/** Reads the arguments of `npm start`. Throws one sentence when there is something wrong with them. */
export function parseStartOptions(args: readonly string[]): StartOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      browser: { type: "boolean", default: false },
      desktop: { type: "boolean", default: false },
      port: { type: "string", default: String(defaultPort) },
      open: { type: "boolean", default: false },
      activity: { type: "string", default: String(defaultActivitySeconds) },
      "no-activity": { type: "boolean", default: false },
      "data-dir": { type: "string", default: join(cacheFolder(), "start") },
      fresh: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.browser && values.desktop) throw new Error("Choose one of --browser and --desktop.");
  return {
    port: wholeNumber("--port", values.port, 65_535),
    window: values.browser ? "browser" : values.desktop ? "desktop" : "auto",
    activitySeconds: values["no-activity"] ? 0 : wholeNumber("--activity", values.activity, 86_400),
    dataDir: resolve(values["data-dir"]),
    fresh: values.fresh,
    open: values.open,
    help: values.help,
  };
}

function wholeNumber(option: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw new Error(`${option} takes a whole number from 0 to ${most}, not "${text}".`);
}
