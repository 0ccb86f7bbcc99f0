import * as v from "valibot";
import { parseJson } from "../../base/json.ts";
import { type Answer, json } from "../http/answer.ts";
import { type Handler, type Route, route } from "../http/router.ts";
import { bodyText } from "../http/sandboxRequest.ts";

/** A `POST` whose body has to be of a form; without a body it is `{}`. */
export function controlPost<T>(path: string, schema: v.GenericSchema<unknown, T>, action: (body: T) => Answer): Route {
  return route("POST", path, withBody(schema, action));
}

function withBody<T>(schema: v.GenericSchema<unknown, T>, action: (body: T) => Answer): Handler {
  return request => {
    const text = bodyText(request).trim();
    const body = parseJson(text === "" ? "{}" : text);
    if (!body.ok) return refuseControl("The body is not JSON.");
    const parsed = v.safeParse(schema, body.value);
    return parsed.success ? action(parsed.output) : refuseControl(v.summarize(parsed.issues));
  };
}

/** Says what is wrong with what was asked of a control. */
export function refuseControl(error: string): Answer {
  return json(400, { error });
}
