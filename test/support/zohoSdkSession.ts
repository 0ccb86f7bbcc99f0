import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as sdk8 from "@zohocrm/nodejs-sdk-8.0";
import * as v from "valibot";
import type { ZohoSdk } from "./zohoSdks.ts";

const selfClientSchema = v.object({ client_id: v.string(), client_secret: v.string(), code: v.string() });

/** What `POST /sandbox/self-client-code` gives. */
export type SelfClientCode = v.InferOutput<typeof selfClientSchema>;

/** A signed-in SDK. There is one of each version per process: an SDK keeps its state in static members. */
export interface SdkSession {
  readonly token: sdk8.OAuthToken;
  /** Removes the SDK's files. */
  dispose(): void;
}

export async function selfClientCode(sandboxUrl: string): Promise<SelfClientCode> {
  const response = await fetch(`${sandboxUrl}/sandbox/self-client-code`, { method: "POST" });
  return v.parse(selfClientSchema, await response.json());
}

/** Signs Zoho's SDK in to a sandbox with a self-client code; its token store and field cache go to a folder of their own. */
export async function openSdkSession(
  sandboxUrl: string,
  given?: SelfClientCode,
  sdk: ZohoSdk = sdk8,
): Promise<SdkSession> {
  const { client_id, client_secret, code } = given ?? (await selfClientCode(sandboxUrl));
  const folder = mkdtempSync(join(tmpdir(), "zcn-sdk-"));
  const token = new sdk.OAuthBuilder()
    .clientId(client_id)
    .clientSecret(client_secret)
    .grantToken(code)
    .findUser(false)
    .build();
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    await initializeSdk(sdk, sandboxUrl, token, folder);
  } catch (error) {
    dispose();
    throw error;
  }
  return { token, dispose };
}

async function initializeSdk(sdk: ZohoSdk, sandboxUrl: string, token: sdk8.OAuthToken, folder: string): Promise<void> {
  const builder = await new sdk.InitializeBuilder();
  await builder
    .environment(new sdk.Environment(sandboxUrl, `${sandboxUrl}/oauth/v2/token`, sandboxUrl))
    .token(token)
    .store(new sdk.FileStore(join(folder, "tokens.txt")))
    .SDKConfig(new sdk.SDKConfigBuilder().autoRefreshFields(false).pickListValidation(false).build())
    .resourcePath(folder)
    .initialize();
}
