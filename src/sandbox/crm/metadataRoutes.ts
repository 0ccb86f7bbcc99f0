import { type Answer, empty, json } from "../http/answer.ts";
import { refusals } from "./apiError.ts";
import type { CrmCall } from "./crmCall.ts";
import { type CrmRoute, crmRoute } from "./crmRoutes.ts";
import { describeField } from "./fields.ts";
import { describeModule, moduleNamed, modules } from "./modules.ts";
import { type OrganizationType, describeOrganization } from "./organization.ts";
import { type User, describeUser, users } from "./users.ts";

/** Modules, fields, the organisation and its users. */
export function metadataRoutes(organizationType: OrganizationType): readonly CrmRoute[] {
  const organization = (): Answer => json(200, { org: [describeOrganization(organizationType)] });
  return [
    crmRoute("GET", "settings/modules", () => ({ group: "settings", part: "modules", operation: "READ" }), listModules),
    crmRoute(
      "GET",
      "settings/modules/:module",
      () => ({ group: "settings", part: "modules", operation: "READ" }),
      (_call, { module }) => oneModule(module),
    ),
    crmRoute("GET", "settings/fields", () => ({ group: "settings", part: "fields", operation: "READ" }), listFields),
    crmRoute("GET", "org", () => ({ group: "org", operation: "READ" }), organization),
    crmRoute("GET", "users", () => ({ group: "users", operation: "READ" }), listUsers),
    crmRoute(
      "GET",
      "users/:id",
      () => ({ group: "users", operation: "READ" }),
      (_call, { id }) => usersAnswer(users.filter(user => user.id === id)),
    ),
  ];
}

/** The modules never change here, so whoever asks for news since some time gets none. */
function listModules({ request }: CrmCall): Answer {
  if (request.headers["if-modified-since"] !== undefined) return empty(304);
  return json(200, { modules: modules.map(describeModule) });
}

function oneModule(apiName: string | undefined): Answer {
  const index = modules.findIndex(module => module.apiName === apiName);
  const module = modules[index];
  return module === undefined ? refusals.invalidModule() : json(200, { modules: [describeModule(module, index)] });
}

function listFields({ request }: CrmCall): Answer {
  const name = request.query.get("module");
  if (name === null) return refusals.parameterMissing("module");
  const module = moduleNamed(name);
  return module === undefined ? refusals.invalidModule() : json(200, { fields: module.fields.map(describeField) });
}

function listUsers({ request, user }: CrmCall): Answer {
  switch (request.query.get("type") ?? "AllUsers") {
    case "CurrentUser":
      return usersAnswer([user]);
    case "AllUsers":
    case "ActiveUsers":
    case "ConfirmedUsers":
    case "ActiveConfirmedUsers":
      return usersAnswer(users);
    case "AdminUsers":
      return usersAnswer(users.filter(({ profile }) => profile === "Administrator"));
    default:
      return refusals.invalidParameter("type");
  }
}

function usersAnswer(shown: readonly User[]): Answer {
  if (shown.length === 0) return empty(204);
  const info = { per_page: 200, count: shown.length, page: 1, more_records: false };
  return json(200, { users: shown.map(describeUser), info });
}
