import { hasUnknown, type Properties } from "../../host/values.ts";
import { Inspector } from "./inspector.ts";
import type { ForeignKeySpec, IndexSpec } from "../spec.ts";
import type { Parsed } from "./parsed.ts";

const methods = ["btree", "hash", "gin", "gist", "brin"] as const;
const actions = ["no action", "restrict", "cascade", "set null", "set default"] as const;

export function parseIndex(inputs: Properties): Parsed<IndexSpec> {
  const look = new Inspector();
  look.keys("", inputs, ["schema", "table", "name", "columns", "unique", "method"]);
  const schema = look.identifier("schema", inputs["schema"], true);
  const table = look.identifier("table", inputs["table"], true);
  const name = look.identifier("name", inputs["name"], true);
  const columns = look.names("columns", inputs["columns"]);
  const unique = look.flag("unique", inputs["unique"]);
  const method = look.choice("method", inputs["method"], methods);
  if (unique === true && method !== undefined && method !== "btree") {
    look.fault("unique", `is true with method "${method}"; only btree can be unique`);
  }
  if (method === "hash" && columns && columns.length > 1) {
    look.fault("columns", `has ${columns.length} columns; a hash index has one`);
  }
  if (look.faults.length > 0 || hasUnknown(inputs)) return { faults: look.faults };
  if (schema === undefined || table === undefined || name === undefined || !columns) return { faults: [] };
  const rest = { ...(unique !== undefined && { unique }), ...(method && { method }) };
  return { faults: [], spec: { schema, table, name, columns, ...rest } };
}

export function parseForeignKey(inputs: Properties): Parsed<ForeignKeySpec> {
  const look = new Inspector();
  look.keys("", inputs, ["schema", "table", "name", "columns", "references", "onDelete", "onUpdate"]);
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
  const isKnown = !hasUnknown(inputs["columns"]) && !hasUnknown(given?.["columns"]);
  if (isKnown && columns && referenced && columns.length !== referenced.length) {
    look.fault(
      "references.columns",
      `has ${referenced.length} for ${columns.length} referencing columns; give one for each`,
    );
  }
  if (look.faults.length > 0 || hasUnknown(inputs)) return { faults: look.faults };
  if (schema === undefined || table === undefined || name === undefined) return { faults: [] };
  if (!columns || referencedTable === undefined || !referenced) return { faults: [] };
  return {
    faults: [],
    spec: {
      schema,
      table,
      name,
      columns,
      references: {
        ...(referencedSchema !== undefined && { schema: referencedSchema }),
        table: referencedTable,
        columns: referenced,
      },
      ...(onDelete && { onDelete }),
      ...(onUpdate && { onUpdate }),
    },
  };
}
