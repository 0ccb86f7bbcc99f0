import { behaviourSchema } from "../behaviour.ts";

/** What `--help` prints. */
export const help = `A local stand-in for Zoho CRM: OAuth, records, metadata, the watch API, and deliveries.

Usage: npm run sandbox -- [options]

  --host ADDRESS            Where to listen (127.0.0.1). There are no passwords: keep it on this machine.
  --port NUMBER             Port to listen on (0: any free one).
  --port-or-any             Take any free port when that one is taken.
  --data-dir DIR            Keep the state here; without it, it is gone at the end. One process at a time.
  --activity SECONDS        Let invented users change something every so many seconds.
  --organization-type TYPE  Production, Sandbox or Developer (Sandbox).
  --no-seed                 Begin without records.
  --modules NUMBER          Have at least so many modules; custom ones are added.
  --behaviour NAME=VALUE    Set a switch for what is not known about Zoho; may be repeated. The switches:
${wrapped(Object.keys(behaviourSchema.entries), 28, 116)}
  --fault JSON              Have something go wrong from the start, as POST /sandbox/faults takes it; may be repeated.
                            Calls:      {"kind":"status","status":429,"path":"/crm/v8/actions"}
                                        status (401 403 404 429 500 502 503 504), slow (milliseconds), garbage, hang-up,
                                        oauth-error (error); path or a list of paths, method
                            Deliveries: {"kind":"drop-delivery","every":3,"times":"always"}
                                        drop-delivery, duplicate-delivery (copies), delay-delivery (milliseconds, up_to),
                                        reorder-deliveries (count, patience); channel_id, module, operation
                            Both take times (a number, or "always"; 1) and every (1: each that fits).
  --allow-any-host          Deliver notifications to other machines too, not only to this one.
  --exit-when-unused SECONDS
                            End when nobody has held GET /lease for so long; needs --data-dir.
  --help                    Show this.

When it is ready it prints one line: sandbox ready http://127.0.0.1:PORT
Open that address in a browser to see and change records. For programs:
  POST /sandbox/self-client-code    a code for sign-in without questions
  GET|POST /sandbox/clients         registered OAuth clients, and registering more
  POST /sandbox/device-decision     accept the newest device code, or {"user_code": …, "decision": "deny"}
  GET|POST /sandbox/behaviour       switches for what is not known about Zoho
  POST /sandbox/clock               {"advance_ms": …} moves the CRM's time
  GET|POST|DELETE /sandbox/faults   make calls and deliveries fail
  POST /sandbox/revoke-tokens       end every sign-in, or those of {"user": …}
  POST /sandbox/expire-codes        end every code that waits to be redeemed
  POST /sandbox/expire-access-tokens  end the hour of every access token
  GET|POST|DELETE /sandbox/webhooks workflow rules with webhooks: {"module", "operations", "fields", "url", "method",
                                    "parameters": [{"in": "url|header|form", "name", "value"}],
                                    "body": {"type": "none|form-data|urlencoded|raw", "format", "text"}}
  POST /sandbox/populate            {"modules": 50, "channels": 1000, "records": {"Leads": 2500}} at once
  POST /sandbox/merge-records       {"module", "keep", "merge": […]}; nobody is told
  POST /sandbox/empty-recycle-bin   what was deleted is gone for good
  GET /sandbox/users                who can sign in, and with which rights
  GET /sandbox/changes              what was changed, with the values before and after
  GET /sandbox/deliveries           what was delivered, or why not

Exit codes: 0 ended on request, 64 wrong usage, 75 the data directory is in use, 1 anything else.
`;

/** Words with commas between them, in lines that begin at `column` and end before `width`. */
function wrapped(words: readonly string[], column: number, width: number): string {
  const indent = " ".repeat(column);
  const lines = words.reduce<string[]>((done, word, index) => {
    const text = index < words.length - 1 ? `${word}, ` : word;
    const last = done.at(-1);
    if (last === undefined || last.length + text.length > width) return [...done, indent + text];
    return [...done.slice(0, -1), last + text];
  }, []);
  return lines.map(line => line.trimEnd()).join("\n");
}
