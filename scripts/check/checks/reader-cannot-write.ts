import { commerceTables, schemaName, type CommerceTable } from "../../../lib/commerce-model.ts";
import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import type { Check } from "../check.ts";
import { otherThanRefused } from "../refused-write.ts";

const insufficientPrivilege = "42501";

/** Statements that touch no row even if they are allowed: rights are looked at before rows are. */
export function attempts(table: CommerceTable): string[] {
  const name = qualify(schemaName, table.name);
  const column = quoteIdentifier(table.primaryKey[0] ?? "");
  return [
    `INSERT INTO ${name} (${column}) SELECT ${column} FROM ${name} WHERE false`,
    `UPDATE ${name} SET ${column} = ${column} WHERE false`,
    `DELETE FROM ${name} WHERE false`,
  ];
}

/** What the statements cannot show: rights on single columns, on partitions, and TRUNCATE. */
const rightsSql = `
  SELECT c.relname AS name, r.name AS right
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN (VALUES ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE')) AS r (name)
  WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')
    AND CASE WHEN r.name IN ('INSERT', 'UPDATE') THEN has_any_column_privilege(c.oid, r.name)
        ELSE has_table_privilege(c.oid, r.name) END
  ORDER BY 1, 2`;

export const readerCannotWrite: Check = {
  name: "reader-cannot-write",
  title: "The role reporting cannot write, on the primary either",
  endpoint: "rw",
  run: (context) =>
    context.transaction("rw", "reporting", "try-write", async (client) => {
      const faults: string[] = [];
      let tried = 0;
      for (const statement of commerceTables.flatMap(attempts)) {
        const fault = await otherThanRefused(client, statement, insufficientPrivilege);
        tried++;
        if (fault !== undefined) faults.push(`${statement} ${fault}`);
      }
      const { rows } = await client.query<{ name: string; right: string }>(rightsSql, [schemaName]);
      faults.push(...rows.map(({ name, right }) => `reporting has ${right} on ${name}`));
      return { faults, detail: `${tried} writes refused with ${insufficientPrivilege}` };
    }),
};
