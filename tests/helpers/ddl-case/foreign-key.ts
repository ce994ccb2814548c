import { foreignKeyCatalog } from "../../../provider/pgddl/catalog.ts";
import { parseForeignKey } from "../../../provider/pgddl/check/index-check.ts";
import { toProperties } from "../../../provider/pgddl/plain-value.ts";
import {
  planForeignKeyChange,
  planForeignKeyCreate,
  planForeignKeyDrop,
} from "../../../provider/pgddl/plan/foreign-key-plan.ts";
import { planned, specOf, type DdlCase, type Outcome } from "./case.ts";

export function foreignKeyOutcome({ before, after, live, facts }: DdlCase): Outcome {
  const table = facts && { owner: "shop_owner", canWaitToValidate: facts["canWaitToValidate"] !== false };
  if (!before) return planned(planForeignKeyCreate(specOf(parseForeignKey(after ?? {})), table));
  const {
    references,
    onDelete = "no action",
    onUpdate = "no action",
    ...rest
  } = specOf(parseForeignKey(before));
  const referenced = {
    referencedSchema: references.schema ?? rest.schema,
    referencedTable: references.table,
    referencedColumns: references.columns,
  };
  const state = { oid: "1", owner: "shop_owner", onDelete, onUpdate, isValidated: true };
  const catalog = foreignKeyCatalog.parse(toProperties({ ...rest, ...referenced, ...state, ...live }));
  return after
    ? planForeignKeyChange(catalog, specOf(parseForeignKey(after)))
    : planned(planForeignKeyDrop(catalog));
}
