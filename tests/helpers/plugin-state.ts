import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { projectRoot } from "../../lib/paths.ts";
import type { Properties, Value } from "../../provider/host/values.ts";

/** A resource of a state that the official postgresql plugin wrote, secrets unwrapped. */
export interface RecordedResource {
  readonly type: string;
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

const value: z.ZodType<Value> = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(value), z.record(z.string(), value)]),
);
const bag = z.record(z.string(), value);
const recorded = z.array(z.object({ type: z.string(), id: z.string(), inputs: bag, outputs: bag }));
const secret = z.object({ plaintext: z.string() });

/**
 * `tests/fixtures/postgresql-plugin-state.json`: what `pulumi stack export` showed after a refresh, without the
 * plugin's own deltas, the ciphertexts replaced by what they hold.
 */
export function recordedState(): readonly RecordedResource[] {
  const file = join(projectRoot, "tests/fixtures/postgresql-plugin-state.json");
  return recorded.parse(JSON.parse(readFileSync(file, "utf8"))).map((resource) => ({
    ...resource,
    inputs: unwrap(resource.inputs),
    outputs: unwrap(resource.outputs),
  }));
}

function unwrap(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, item]) => {
      const envelope = secret.safeParse(item);
      return [name, envelope.success ? value.parse(JSON.parse(envelope.data.plaintext)) : item];
    }),
  );
}
