import { fileURLToPath } from "node:url";
import { runToExit } from "./childServer.ts";
import type { LeadFields } from "./zohoSdkLeads.ts";

const script = fileURLToPath(new URL("zohoSdkProcess.ts", import.meta.url));

/**
 * Creates a lead in the sandbox with Zoho's official Node.js SDK as the client, in a process of its own since the SDK
 * keeps its state in static members. Gives the lead's id.
 */
export async function createSdkLead(sandboxUrl: string, fields: LeadFields): Promise<string> {
  return runSdk(sandboxUrl, "create", "", fields);
}

/** Changes a lead with Zoho's SDK; see {@link createSdkLead}. */
export async function updateSdkLead(sandboxUrl: string, id: string, fields: LeadFields): Promise<void> {
  await runSdk(sandboxUrl, "update", id, fields);
}

/** Deletes a lead with Zoho's SDK; see {@link createSdkLead}. */
export async function deleteSdkLead(sandboxUrl: string, id: string): Promise<void> {
  await runSdk(sandboxUrl, "delete", id, {});
}

async function runSdk(sandboxUrl: string, operation: string, id: string, fields: LeadFields): Promise<string> {
  const { code, stdout, stderr } = await runToExit(script, [sandboxUrl, operation, id, JSON.stringify(fields)]);
  if (code !== 0) throw new Error(`Zoho's SDK did not ${operation} the lead: ${stderr}`);
  return stdout.trim();
}
