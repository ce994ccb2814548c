import { schemaCatalog } from "../../../provider/pgddl/catalog.ts";
import { parseSchema } from "../../../provider/pgddl/check/schema-check.ts";
import { toProperties } from "../../../provider/pgddl/plain-value.ts";
import {
  planSchemaChange,
  planSchemaCreate,
  planSchemaDrop,
} from "../../../provider/pgddl/plan/schema-plan.ts";
import { nullsOut, planned, specOf, type DdlCase, type Outcome } from "./case.ts";

export function schemaOutcome({ before, after, live, answers }: DdlCase): Outcome {
  if (!before) return planned(planSchemaCreate(specOf(parseSchema(after ?? {}))));
  const { name, owner = "ddl_admin", comment } = specOf(parseSchema(before));
  const catalog = schemaCatalog.parse(toProperties({ oid: "1", name, owner, comment, ...nullsOut(live) }));
  if (!after) return planSchemaDrop(catalog, answers);
  return planSchemaChange(catalog, specOf(parseSchema(before)), specOf(parseSchema(after)));
}
