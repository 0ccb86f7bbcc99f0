import { type Answer, empty, json } from "../http/answer.ts";
import { refusals } from "./apiError.ts";
import type { CrmCall } from "./crmCall.ts";
import { type CrmRoute, crmRoute } from "./crmRoutes.ts";
import { describeField } from "./fields.ts";
import { describeCustomView } from "./massUpdate.ts";
import { type Module, describeModule } from "./module.ts";
import type { ModuleCatalog } from "./moduleCatalog.ts";
import { type OrganizationType, describeOrganization } from "./organization.ts";
import { permissionRefusal } from "./rights.ts";
import { type User, describeUser, users } from "./users.ts";

/** Modules, fields, the organisation and its users. */
export function metadataRoutes(catalog: ModuleCatalog, organizationType: OrganizationType): readonly CrmRoute[] {
  const organization = (): Answer => json(200, { org: [describeOrganization(organizationType)] });
  return [
    crmRoute(
      "GET",
      "settings/modules",
      () => ({ group: "settings", part: "modules", operation: "READ" }),
      call => listModules(catalog, call),
    ),
    crmRoute(
      "GET",
      "settings/modules/:module",
      () => ({ group: "settings", part: "modules", operation: "READ" }),
      (call, { module = "" }) => oneModule(catalog, module, call),
    ),
    crmRoute(
      "GET",
      "settings/fields",
      () => ({ group: "settings", part: "fields", operation: "READ" }),
      call => listFields(catalog, call),
    ),
    crmRoute(
      "GET",
      "settings/custom_views",
      () => ({ group: "settings", part: "custom_views", operation: "READ" }),
      call => listCustomViews(catalog, call),
    ),
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

/** What is in a module's metadata never changes here, so whoever asks for news since some time gets none. */
function listModules(catalog: ModuleCatalog, { request, user }: CrmCall): Answer {
  if (request.headers["if-modified-since"] !== undefined) return empty(304);
  return json(200, { modules: catalog.all().map((module, index) => describeModule(module, index, user)) });
}

/** One module by its name or its id. An unknown id is answered with nothing, an unknown name with an error. */
function oneModule(catalog: ModuleCatalog, identifier: string, { user }: CrmCall): Answer {
  const index = catalog.all().findIndex(({ apiName, id }) => identifier === apiName || identifier === id);
  const module = catalog.all()[index];
  if (module !== undefined) return json(200, { modules: [describeModule(module, index, user)] });
  return /^\d+$/.test(identifier) ? empty(204) : refusals.invalidModule({ resource_path_index: 2 });
}

function listFields(catalog: ModuleCatalog, call: CrmCall): Answer {
  return ofModule(catalog, call, module => json(200, { fields: module.fields.map(describeField) }));
}

function listCustomViews(catalog: ModuleCatalog, call: CrmCall): Answer {
  const info = { per_page: 200, count: 1, page: 1, more_records: false };
  return ofModule(catalog, call, module => json(200, { custom_views: [describeCustomView(module)], info }));
}

/** The answer about the module that the query names, if the user may see it. */
function ofModule(catalog: ModuleCatalog, { request, user }: CrmCall, answer: (module: Module) => Answer): Answer {
  const name = request.query.get("module");
  if (name === null) return refusals.parameterMissing("module");
  const module = catalog.named(name);
  if (module === undefined) return refusals.invalidModule();
  return permissionRefusal(user, "READ", name) ?? answer(module);
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
