import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import { type ToolFailure, type ToolSign, type TunnelTool, addressSign, failureSign } from "../tunnelTool.ts";

/** A line of `--log-format json`; what matters to us of it. */
const lineSchema = v.object({ msg: v.string(), url: v.optional(v.pipe(v.string(), v.startsWith("https://"))) });

/** What ngrok's error codes mean (https://ngrok.com/docs/errors). */
const failuresByCode: Readonly<Record<string, ToolFailure>> = {
  "4018": "not-signed-in",
  "105": "not-signed-in",
  "106": "not-signed-in",
  "107": "not-signed-in",
  "108": "limit",
  "725": "limit",
  "727": "limit",
  "334": "in-use",
  "120": "outdated",
  "121": "outdated",
};

/** ngrok logs to stdout, a JSON object a line; failures come there and, as text, on stderr. */
export const ngrok: TunnelTool = {
  id: "ngrok",
  // Its inspector would keep the requests in the clear, for anybody who asks it on this machine.
  args: target => ["http", target, "--inspect=false", "--log", "stdout", "--log-format", "json"],
  read: line => readFailureCode(line) ?? readAddress(line),
};

function readAddress(line: string): ToolSign | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), lineSchema), line);
  if (!parsed.success || parsed.output.msg !== "started tunnel") return undefined;
  return parsed.output.url === undefined ? undefined : addressSign(parsed.output.url);
}

function readFailureCode(line: string): ToolSign | undefined {
  const code = /ERR_NGROK_(\d+)/.exec(line)?.[1];
  if (code === undefined) return undefined;
  const failure = failuresByCode[code] ?? "service";
  return failureSign("ngrok", failure, sentences[failure](code));
}

const unexplained = (code: string): string =>
  l10n.t("ngrok gave no address: its error is ERR_NGROK_{0}, explained on ngrok.com/docs/errors.", code);

const sentences: Readonly<Record<ToolFailure, (code: string) => string>> = {
  "not-signed-in": () =>
    l10n.t("ngrok is not signed in. Run “{0}” with the token of your account.", "ngrok config add-authtoken"),
  limit: () => l10n.t("The ngrok account allows no more at a time. End its other tunnels, or wait."),
  "in-use": () => l10n.t("The ngrok account's address is in use by another tunnel. End that one first."),
  outdated: () => l10n.t("ngrok takes this version of its program no more. Run “{0}”.", "ngrok update"),
  "not-enabled": unexplained,
  "not-running": unexplained,
  "not-allowed": unexplained,
  service: unexplained,
};
