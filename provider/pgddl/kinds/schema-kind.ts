import { schemaCatalog, type SchemaCatalog } from "../catalog.ts";
import { readSchema } from "../catalogue/schemas.ts";
import { parseSchema } from "../check/schema-check.ts";
import { contentsQuestion, planSchemaChange, planSchemaCreate, planSchemaDrop } from "../plan/schema-plan.ts";
import type { Kind, Recorded } from "./kind.ts";
import type { SchemaSpec } from "../spec.ts";

export const schemaKind: Kind<SchemaSpec, SchemaCatalog> = {
  type: "Schema",
  noun: "schema",
  idForm: "schema",
  catalog: schemaCatalog,
  parse: parseSchema,
  idOf: ({ name }) => [name],
  formerIdOf: ({ renamedFrom }) => (renamedFrom === undefined ? undefined : [renamedFrom]),
  idOfLive: ({ name }) => [name],
  oidOf: ({ oid }) => oid,
  read: (session, [name = ""], oid) => readSchema(session, name, oid),
  adopt: ({ name, owner, comment }) => ({ name, owner, ...(comment !== undefined && { comment }) }),
  beyondSpec: () => undefined,
  manage: (live) => ({ live, extras: [] }),
  drift,
  isLeftover: () => false,
  planCreate: async (spec) => ({ plan: planSchemaCreate(spec), refusals: [], warnings: [] }),
  difference: async (live, recorded, wanted) => planSchemaChange(live, recorded.spec, wanted),
  planDrop: async (live, _spec, ask) => planSchemaDrop(live, await ask.answers([contentsQuestion(live)])),
};

/** Property by property: as recorded where the catalogue is as it was, as found where it is not. */
function drift({ spec, catalog }: Recorded<SchemaSpec, SchemaCatalog>, live: SchemaCatalog): SchemaSpec {
  const owner = live.owner === catalog.owner ? spec.owner : live.owner;
  const comment = live.comment === catalog.comment ? spec.comment : live.comment;
  return {
    name: live.name === catalog.name ? spec.name : live.name,
    ...(owner !== undefined && { owner }),
    ...(comment !== undefined && { comment }),
    ...(spec.renamedFrom !== undefined && { renamedFrom: spec.renamedFrom }),
    ...(spec.adopt !== undefined && { adopt: spec.adopt }),
  };
}
