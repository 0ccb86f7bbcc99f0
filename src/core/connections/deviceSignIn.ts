import type { Problem } from "../../base/problem.ts";
import type { Result } from "../../base/result.ts";
import type { DeviceCode } from "../../zoho/deviceGrant.ts";
import { OAuthClient } from "../../zoho/oauth.ts";
import { requiredScopes } from "../../zoho/scopes.ts";
import type { Connection } from "./connection.ts";
import { awaitDeviceGrant } from "./devicePolling.ts";
import { type RegisteredClient, accountsUrlOf, establish, kindOf } from "./establish.ts";
import type { SignInContext } from "./signInContext.ts";

/** What the person needs to see: the code, where to enter it, and until when. */
export type DevicePrompt = Pick<DeviceCode, "userCode" | "verificationUrl" | "completeUrl" | "expiresAt">;

export interface DeviceSignIn extends SignInContext, RegisteredClient {
  /** Called once, when there is a code to enter. */
  readonly showCode: (prompt: DevicePrompt) => void;
}

/**
 * Signs in by a code that the person enters in a browser on any machine, so that no browser has to find its way back to
 * the editor. Waits for as long as the code is good.
 */
export async function signInWithDevice(options: DeviceSignIn): Promise<Result<Connection, Problem>> {
  const { clock, signal } = options;
  const accountsUrl = accountsUrlOf(options);
  const code = await clientAt(accountsUrl, options).requestDeviceCode(requiredScopes, signal);
  if (!code.ok) return code;
  options.showCode(code.value);
  const granted = await awaitDeviceGrant({
    code: code.value,
    accountsUrl,
    poll: async (server, deviceCode) => clientAt(server, options).pollDevice(deviceCode, signal),
    clock,
    signal,
  });
  if (!granted.ok) return granted;
  const { grant, accountsUrl: server } = granted.value;
  return establish({ ...options, kind: kindOf(server), accountsUrl: server }, grant);
}

function clientAt(accountsUrl: string, { clientId, clientSecret, transport, clock }: DeviceSignIn): OAuthClient {
  return new OAuthClient({ clientId, clientSecret, accountsUrl, transport, clock });
}
