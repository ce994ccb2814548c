import type { Client } from "pg";
import { commerceTables } from "../../../lib/commerce-model.ts";
import type { Check, DisplayTable } from "../check.ts";
import { markedLsn, waitForReplay } from "../replay.ts";

/** Word for word as the report has them: the server must find the tables by these names. */
const queries = [
  { table: "shipping", sql: "SELECT * FROM Shipping" },
  { table: "users", sql: "SELECT * FROM Users" },
  { table: "products", sql: "SELECT * FROM Products" },
] as const;

const shownRows = 5;
const replayWithinMs = 10_000;

export const reportQueries: Check = {
  name: "report-queries",
  title: "The report's SELECTs of Shipping, Users and Products answer",
  endpoint: "ro",
  run: async (context) => {
    const { primary } = await context.topology();
    const lsn = await context.transaction({ instance: primary }, "monitoring", "read", markedLsn);
    return context.transaction("ro", "reporting", "read", async (client) => {
      // A replica that is a moment behind would show a database not yet seeded.
      await waitForReplay(client, lsn, replayWithinMs);
      const tables: DisplayTable[] = [];
      const faults: string[] = [];
      for (const { table, sql } of queries) {
        const shown = await firstRows(client, sql);
        tables.push(shown);
        if (shown.rows.length === 0) faults.push(`${sql}: no rows`);
        const expected = commerceTables.find(({ name }) => name === table)?.columns.map(({ name }) => name);
        if (shown.columns.join() !== expected?.join())
          faults.push(`${sql}: columns ${shown.columns.join(", ")}`);
      }
      return {
        faults,
        detail: tables.map(({ title, rows }) => `${title}: ${rows.length} rows shown`).join("; "),
        tables,
      };
    });
  },
};

/** Through a cursor, so that a big table is not sent whole for its first rows. */
async function firstRows(client: Client, sql: string): Promise<DisplayTable> {
  await client.query(`DECLARE shown NO SCROLL CURSOR FOR ${sql}`);
  const { fields, rows } = await client.query<(string | null)[], []>({
    text: `FETCH ${shownRows} FROM shown`,
    rowMode: "array",
    // Texts as the server prints them: a Date would be shown in this machine's time zone.
    types: { getTypeParser: () => String },
  });
  await client.query("CLOSE shown");
  const columns = fields.map(({ name }) => name);
  return {
    title: sql,
    columns,
    rows: rows.map((row) =>
      row.map((value, index) => (columns[index] === "password" ? "********" : (value ?? ""))),
    ),
  };
}
