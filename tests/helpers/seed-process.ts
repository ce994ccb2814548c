import { text } from "node:stream/consumers";
import { z } from "zod";
import { parseStackOutputs } from "../../lib/stack-outputs.ts";
import { seed } from "../../scripts/seed/seed.ts";

/**
 * A seed in a process of its own, to be killed. Standard input: `{stack, ...options}` as JSON; standard
 * output: the table's name for each chunk that was sent.
 */
const input = z
  .object({
    stack: z.unknown(),
    journal: z.string(),
    rows: z.number(),
    asOf: z.string(),
    append: z.boolean(),
  })
  .parse(JSON.parse(await text(process.stdin)));

await seed(parseStackOutputs(input.stack), input, {
  start: () => undefined,
  advance: (table) => process.stdout.write(`${table}\n`),
  done: () => undefined,
});
