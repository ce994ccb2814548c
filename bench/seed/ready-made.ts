import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { commerceTables, schemaName } from "../../lib/commerce-model.ts";
import type { Connection } from "../../lib/connection.ts";
import { quoteIdentifier, quoteLiteral } from "../../lib/identifier.ts";
import { Generator } from "../../scripts/seed/generate/generator.ts";
import { chunksOf } from "../../scripts/seed/generate/row-range.ts";
import { idBlock, type SeedPlan } from "../../scripts/seed/seed-plan.ts";
import { copyIn } from "../../scripts/seed/seed-sql.ts";
import { runPostgresTool } from "./postgres-tools.ts";

/** About as many rows in each: two streams, as a seed on two processors has. */
const halves = [
  ["users", "categories", "products", "orders", "transactions", "shipping"],
  ["orderdetails", "reviews", "inventory"],
];

/** The rows of a plan in files, one a table, in COPY's binary format. */
export class ReadyMadeRows implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "ecosphere-bench-"));

  static async of(plan: SeedPlan): Promise<ReadyMadeRows> {
    const made = new ReadyMadeRows();
    const generator = await Generator.of(plan);
    for (const { name } of commerceTables) {
      const chunks = [...chunksOf(generator, { table: name, number: 0, ...idBlock(plan, name) })];
      const bytes = Readable.from(chunks.map((chunk) => chunk.bytes));
      await pipeline(bytes, createWriteStream(join(made.#folder, name)));
    }
    return made;
  }

  /** By psql's \copy, two tables at a time, into the tables of these names in a schema. @param setup SQL before it */
  async copy(login: Connection, schema = schemaName, setup = ""): Promise<void> {
    const one = async (tables: readonly string[]): Promise<void> => {
      const lines = commerceTables
        .filter(({ name }) => tables.includes(name))
        .map((table) => {
          const file = quoteLiteral(join(this.#folder, table.name));
          return copyIn(table)
            .replace(/^COPY/, "\\copy")
            .replace(quoteIdentifier(schemaName), quoteIdentifier(schema))
            .replace("FROM STDIN", `FROM ${file}`);
        });
      const script = [setup, ...lines, ""].join("\n");
      await runPostgresTool("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1"], login, script, this.#folder);
    };
    await Promise.all(halves.map(one));
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
