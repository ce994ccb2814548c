import { hasUnknown, type Properties } from "../../host/values.ts";
import { Inspector } from "./inspector.ts";
import type { ForeignKeySpec } from "../spec.ts";
import type { Parsed } from "./parsed.ts";

const actions = ["no action", "restrict", "cascade", "set null", "set default"] as const;
const properties = [
  ...["schema", "table", "name", "columns", "references", "onDelete", "onUpdate", "deferrable"],
  ...["renamedFrom", "adopt"],
];

export function parseForeignKey(inputs: Properties): Parsed<ForeignKeySpec> {
  const look = new Inspector();
  look.keys("", inputs, properties);
  const schema = look.identifier("schema", inputs["schema"], true);
  const table = look.identifier("table", inputs["table"], true);
  const name = look.identifier("name", inputs["name"], true);
  const columns = look.names("columns", inputs["columns"]);
  const given = look.object("references", inputs["references"], ["schema", "table", "columns"]);
  const referencedSchema = look.identifier("references.schema", given?.["schema"]);
  const referencedTable = look.identifier("references.table", given?.["table"], given !== undefined);
  const referenced = given && look.names("references.columns", given["columns"]);
  const onDelete = look.choice("onDelete", inputs["onDelete"], actions);
  const onUpdate = look.choice("onUpdate", inputs["onUpdate"], actions);
  const times = ["initially immediate", "initially deferred"] as const;
  const deferrable = look.choice("deferrable", inputs["deferrable"], times);
  const renamedFrom = look.identifier("renamedFrom", inputs["renamedFrom"]);
  const adopt = look.flag("adopt", inputs["adopt"]);
  const isKnown = !hasUnknown(inputs["columns"]) && !hasUnknown(given?.["columns"]);
  if (isKnown && columns && referenced && columns.length !== referenced.length) {
    look.fault(
      "references.columns",
      `has ${referenced.length} for ${columns.length} referencing columns; give one for each`,
    );
  }
  if (renamedFrom !== undefined && renamedFrom === name) {
    look.fault("renamedFrom", `is "${renamedFrom}", the name itself; give the old one, or leave it out`);
  }
  if (look.faults.length > 0 || hasUnknown(inputs)) return { faults: look.faults };
  if (schema === undefined || table === undefined || name === undefined) return { faults: [] };
  if (!columns || referencedTable === undefined || !referenced) return { faults: [] };
  return {
    faults: [],
    spec: {
      ...{ schema, table, name, columns },
      references: {
        ...(referencedSchema !== undefined && { schema: referencedSchema }),
        table: referencedTable,
        columns: referenced,
      },
      ...(onDelete && { onDelete }),
      ...(onUpdate && { onUpdate }),
      ...(deferrable && { deferrable }),
      ...(renamedFrom !== undefined && { renamedFrom }),
      ...(adopt !== undefined && { adopt }),
    },
  };
}
