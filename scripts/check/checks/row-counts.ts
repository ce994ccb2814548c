import { commerceTables, schemaName } from "../../../lib/commerce-model.ts";
import { qualify } from "../../../lib/identifier.ts";
import { categoryNames } from "../../seed/seed-plan.ts";
import type { Check } from "../check.ts";

const countAll = commerceTables
  .map(({ name }) => `SELECT '${name}' AS name, count(*)::text AS rows FROM ${qualify(schemaName, name)}`)
  .join(" UNION ALL ");

const readCategories = `SELECT category_name AS name FROM ${qualify(schemaName, "categories")}`;

export const rowCounts: Check = {
  name: "row-counts",
  title: "Every table holds rows, and the five categories are there",
  endpoint: "rw",
  run: (context) =>
    context.transaction("rw", "app", "snapshot", async (client) => {
      const { rows } = await client.query<{ name: string; rows: string }>(countAll);
      const categories = await client.query<{ name: string }>(readCategories);
      const missing = categoryNames.filter((name) => !categories.rows.some((row) => row.name === name));
      const total = rows.reduce((sum, row) => sum + BigInt(row.rows), 0n);
      return {
        faults: [
          ...rows.filter((row) => row.rows === "0").map(({ name }) => `${name} is empty`),
          ...missing.map((name) => `categories lacks "${name}"`),
        ],
        detail: `${total} rows: ${rows.map((row) => `${row.name} ${row.rows}`).join(", ")}`,
      };
    }),
};
