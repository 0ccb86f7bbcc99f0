import * as v from "valibot";
import { type Module } from "../crm/module.ts";
import type { ModuleCatalog } from "../crm/moduleCatalog.ts";
import type { Records } from "../crm/records.ts";
import { users } from "../crm/users.ts";
import { type Answer, json } from "../http/answer.ts";
import { type Route } from "../http/router.ts";
import { type PopulateContext, populate, populateSchema } from "../seed/populate.ts";
import { controlPost, refuseControl } from "./controlBody.ts";
import { findUser, noSuchUser } from "./signInRoutes.ts";

export interface OrganizationControlContext extends PopulateContext {
  readonly catalog: ModuleCatalog;
  readonly records: Records;
}

const mergeSchema = v.object({
  module: v.string(),
  /** The record that stays. */
  keep: v.string(),
  /** The records that it takes in. */
  merge: v.pipe(v.array(v.string()), v.minLength(1)),
});

const someModuleSchema = v.object({
  /** All modules without it. */
  module: v.optional(v.string()),
});

/** What the API has no call for, or not at this size: much at once, merged records, an emptied recycle bin. */
export function organizationRoutes(context: OrganizationControlContext): readonly Route[] {
  const { catalog, records } = context;
  return [
    controlPost("/sandbox/populate", populateSchema, asked => {
      const user = findUser(asked.user);
      if (user === undefined) return noSuchUser();
      const problem = populate(context, asked, user);
      return problem === undefined ? json(200, { modules: catalog.all().length }) : refuseControl(problem);
    }),
    controlPost("/sandbox/merge-records", mergeSchema, ({ module, keep, merge }) =>
      onModule(catalog, module, known =>
        records.merge(known, keep, merge, users[0]) ? json(200, { id: keep }) : refuseControl("A record is unknown."),
      ),
    ),
    controlPost("/sandbox/empty-recycle-bin", someModuleSchema, ({ module }) =>
      module === undefined
        ? purged(records, catalog.all())
        : onModule(catalog, module, known => purged(records, [known])),
    ),
  ];
}

function purged(records: Records, modules: readonly Module[]): Answer {
  return json(200, { purged: modules.reduce((sum, module) => sum + records.purge(module), 0) });
}

function onModule(catalog: ModuleCatalog, name: string, action: (module: Module) => Answer): Answer {
  const module = catalog.named(name);
  return module === undefined ? refuseControl(`There is no module ${name}.`) : action(module);
}
