import { text } from "node:stream/consumers";
import { z } from "zod";
import { parseStackOutputs } from "../../lib/stack-outputs.ts";
import { silentProgress } from "../../scripts/seed/progress.ts";
import { seed } from "../../scripts/seed/seed.ts";

// A seed in a process of its own, to be killed or to have its memory measured. Standard input: `{stack, ...options}`
// as JSON; standard output: the seconds, and the most memory that it had, in megabytes, as JSON.
const input = z
  .object({
    stack: z.unknown(),
    scale: z.number().optional(),
    asOf: z.string(),
    reset: z.boolean().optional(),
  })
  .parse(JSON.parse(await text(process.stdin)));

const began = performance.now();
await seed(parseStackOutputs(input.stack), input, { progress: silentProgress });
const seconds = (performance.now() - began) / 1000;
process.stdout.write(JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1024 }));
