import { commerceTables, schemaName } from "../lib/commerce-model.ts";
import { withClient } from "../lib/connection.ts";
import { qualify, quoteIdentifier } from "../lib/identifier.ts";
import { connectionTo } from "../lib/stack-outputs.ts";
import { contentHashes } from "../scripts/check/table-content.ts";
import type { Client } from "pg";
import { time, type Benchmark } from "./harness.ts";
import { rowsOfUnit, seededStack } from "./seed/seeded-stack.ts";

const scale = 50;

/** What one would write by hand: a hash over the hashes of the rows, in the order of the key. */
async function hashOfHashes(client: Client): Promise<void> {
  for (const { name, primaryKey } of commerceTables) {
    const key = primaryKey.map((column) => `t.${quoteIdentifier(column)}`).join(", ");
    await client.query(
      `SELECT md5(string_agg(md5(t::text), '' ORDER BY ${key})) FROM ${qualify(schemaName, name)} t`,
    );
  }
}

export const benchmark: Benchmark = {
  name: "equality",
  title: `a hash of each of nine tables on three instances at once, ${(scale * rowsOfUnit) / 1e6} million rows`,
  peer: "md5(string_agg(md5(row))) of the same",
  aim: 1 / 5,
  prepare: async () => {
    const stack = await seededStack();
    await stack.seed(scale);
    const onAll = (work: (client: Client) => Promise<unknown>): Promise<number> =>
      time(() =>
        Promise.all(
          stack.outputs.instances.map(({ name }) => {
            const instance = connectionTo(stack.outputs, { instance: name }, "reporting");
            return withClient(instance, "ecosphere-bench", work);
          }),
        ),
      );
    return {
      ours: () => onAll(contentHashes),
      peer: () => onAll(hashOfHashes),
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  },
};
