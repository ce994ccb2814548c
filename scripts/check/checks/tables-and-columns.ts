import { commerceTables, schemaName } from "../../../lib/commerce-model.ts";
import { readTables } from "../../catalogue/live-table.ts";
import type { Check } from "../check.ts";
import { compareTable } from "../compare-table.ts";

export const tablesAndColumns: Check = {
  name: "tables-and-columns",
  title: "Nine tables with their columns, types, defaults and keys",
  endpoint: "rw",
  run: (context) =>
    context.transaction("rw", "app", "snapshot", async (client) => {
      const live = await readTables(client, schemaName);
      const faults = commerceTables.flatMap((table) =>
        compareTable(
          table,
          live.find(({ name }) => name === table.name),
        ),
      );
      const known = commerceTables.map(({ name }) => name);
      const others = live.map(({ name }) => name).filter((name) => !known.includes(name));
      const columns = commerceTables.reduce((sum, table) => sum + table.columns.length, 0);
      const beside = others.length > 0 ? `; beside them ${others.join(", ")}` : "";
      return { faults, detail: `${known.length} tables, ${columns} columns as in the data model${beside}` };
    }),
};
