import { isList, isProperties, type Properties } from "../../../provider/host/values.ts";
import { foreignKeyCatalog } from "../../../provider/pgddl/catalog.ts";
import { parseForeignKey } from "../../../provider/pgddl/check/foreign-key-check.ts";
import { toProperties } from "../../../provider/pgddl/plain-value.ts";
import { definitionWanted, type ForeignKeyTables } from "../../../provider/pgddl/plan/foreign-key-facts.ts";
import {
  planForeignKeyChange,
  planForeignKeyCreate,
  planForeignKeyDrop,
} from "../../../provider/pgddl/plan/foreign-key-plan.ts";
import { listOf, nullsOut, specOf, textOf, type DdlCase, type Outcome } from "./case.ts";

export function foreignKeyOutcome({ before, after, live, facts, answers }: DdlCase): Outcome {
  const isPreview = facts?.["isPreview"] === true;
  const around = { tables: facts && tablesOf(facts), answers, isPreview };
  if (!before) return planForeignKeyCreate(specOf(parseForeignKey(after ?? {})), around);
  const spec = specOf(parseForeignKey(before));
  const { schema, table, name, deferrable } = spec;
  const state = { ...{ oid: "1", owner: "shop_owner", isValidated: true }, schema, table, name, deferrable };
  const catalog = foreignKeyCatalog.parse(
    toProperties({ ...state, ...definitionWanted(spec), ...nullsOut(live) }),
  );
  if (!after) return planForeignKeyDrop(catalog);
  const wanted = specOf(parseForeignKey(after));
  return planForeignKeyChange({ live: catalog, before: spec, wanted }, around);
}

/** `referencedKeys`, by name; absent: the referenced table is still to be made. */
function tablesOf(facts: Properties): ForeignKeyTables {
  const keys = facts["referencedKeys"];
  const size = facts["size"];
  const indexes = facts["indexes"];
  return {
    owner: "shop_owner",
    canWaitToValidate: facts["canWaitToValidate"] !== false,
    isPartitioned: facts["isPartitioned"] === true,
    isEmpty: facts["isEmpty"] === true,
    ...(isProperties(size) && { size: { rows: Number(size["rows"]), bytes: Number(size["bytes"]) } }),
    primaryKey: namesOf(facts["primaryKey"]),
    indexes: isList(indexes) ? indexes.map(namesOf) : [["user_id", "user_since"]],
    ...(keys !== undefined && {
      referenced: {
        isPartitioned: false,
        keys: listOf(keys).map((key) => ({ name: textOf(key["name"]), columns: namesOf(key["columns"]) })),
      },
    }),
  };
}

function namesOf(value: Properties[string]): readonly string[] {
  return isList(value) ? value.map(textOf) : [];
}
