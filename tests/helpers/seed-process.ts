import { text } from "node:stream/consumers";
import { z } from "zod";
import { parseStackOutputs } from "../../lib/stack-outputs.ts";
import { silentProgress } from "../../scripts/seed/progress.ts";
import { seed } from "../../scripts/seed/seed.ts";

/**
 * A seed in a process of its own, to be killed. Standard input: `{stack, ...options}` as JSON; standard
 * output: a line for rows that were sent, with their number.
 */
const input = z
  .object({
    stack: z.unknown(),
    rows: z.number().optional(),
    scale: z.number().optional(),
    asOf: z.string(),
    append: z.boolean(),
    reset: z.boolean().optional(),
  })
  .parse(JSON.parse(await text(process.stdin)));

await seed(parseStackOutputs(input.stack), input, {
  progress: { ...silentProgress, advance: (_table, rows) => process.stdout.write(`${rows}\n`) },
});
