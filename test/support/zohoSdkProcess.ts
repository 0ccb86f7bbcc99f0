import { createLead, deleteLead, updateLead } from "./zohoSdkLeads.ts";
import { openSdkSession } from "./zohoSdkSession.ts";

/**
 * One operation of Zoho's SDK in a process of its own: `zohoSdkProcess.ts <sandbox url> create|update|delete <id or "">
 * <fields as JSON>`. Prints the lead's id.
 */
const [sandboxUrl = "", operation = "", id = "", fields = "{}"] = process.argv.slice(2);

function readFields(): Record<string, string> {
  const value: unknown = JSON.parse(fields);
  return Object.fromEntries(Object.entries(value ?? {}).map(([name, text]) => [name, String(text)]));
}

async function run(): Promise<string> {
  switch (operation) {
    case "create":
      return createLead(readFields());
    case "update":
      return updateLead(id, readFields());
    case "delete":
      return deleteLead(id);
    default:
      throw new Error(`There is no operation ${operation}.`);
  }
}

const session = await openSdkSession(sandboxUrl);
try {
  process.stdout.write(await run());
} finally {
  session.dispose();
}
