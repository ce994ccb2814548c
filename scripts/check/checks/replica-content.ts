import { commerceTables } from "../../../lib/commerce-model.ts";
import { messageOf } from "../../../lib/errors.ts";
import { reachable, type CheckContext, type Place } from "../check-context.ts";
import type { Check } from "../check.ts";
import { markedLsn, waitForReplay } from "../replay.ts";
import { bucketHashes, contentHashes, firstDifference, rowHashes } from "../table-content.ts";

const maxAttempts = 5;
const replayWithinMs = 15_000;

type Hashes = ReadonlyMap<string, string>;

/**
 * One comparison. `moved`: the primary's content changed meanwhile, so it says nothing. `failed`: a replica
 * could not be asked, and asking again would only take as long again.
 */
type Attempt =
  | { readonly kind: "moved" }
  | { readonly kind: "equal"; readonly lsn: string }
  | { readonly kind: "different" | "failed"; readonly faults: readonly string[] };

export const replicaContent: Check = {
  name: "replica-content",
  title: "Every replica holds what the primary holds, table by table",
  endpoint: "instances",
  withinMs: 120_000,
  run: async (context) => {
    const topology = await context.topology();
    const { replicas, faults } = reachable(topology);
    if (replicas.length === 0) return { faults, detail: "no replica" };
    let last: Attempt = { kind: "moved" };
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      last = await compareOnce(context, topology.primary, replicas);
      if (last.kind === "equal") {
        const detail = `${commerceTables.length} tables equal on ${replicas.join(", ")} at ${last.lsn}`;
        return { faults, detail };
      }
      if (last.kind === "failed") break;
    }
    if ("faults" in last) faults.push(...last.faults);
    else {
      faults.push(
        `the primary did not hold still: its rows changed during each of ${maxAttempts} comparisons; run the check when fewer writes come in`,
      );
    }
    return { faults, detail: "" };
  },
};

async function compareOnce(
  context: CheckContext,
  primary: string,
  replicas: readonly string[],
): Promise<Attempt> {
  const hashesOf = (instance: string): Promise<Hashes> =>
    context.transaction({ instance }, "reporting", "snapshot", contentHashes);
  const before = await hashesOf(primary);
  const lsn = await context.transaction({ instance: primary }, "reporting", "read", markedLsn);
  const results = await Promise.all(
    replicas.map(async (replica): Promise<{ replica: string; hashes: Hashes } | { fault: string }> => {
      try {
        await context.transaction({ instance: replica }, "reporting", "read", (client) =>
          waitForReplay(client, lsn, replayWithinMs),
        );
        return { replica, hashes: await hashesOf(replica) };
      } catch (error) {
        return { fault: messageOf(error) };
      }
    }),
  );
  // A commit since the first reading shows as a difference once; the next attempt has it.
  if (firstDifference(before, await hashesOf(primary)) !== undefined) return { kind: "moved" };
  const failed = results.flatMap((result) => ("fault" in result ? [result.fault] : []));
  const compared = results.filter((result) => "hashes" in result);
  const different = await Promise.all(
    compared.map((result) => differences(context, primary, before, result)),
  );
  const faults = [...different.flat(), ...failed];
  if (failed.length > 0) return { kind: "failed", faults };
  return faults.length > 0 ? { kind: "different", faults } : { kind: "equal", lsn };
}

async function differences(
  context: CheckContext,
  primary: string,
  expected: Hashes,
  { replica, hashes }: { replica: string; hashes: Hashes },
): Promise<string[]> {
  const different = commerceTables.filter(({ name }) => expected.get(name) !== hashes.get(name));
  return Promise.all(
    different.map(async (table) => {
      const key = await firstDifferentKey(context, { instance: primary }, { instance: replica }, table);
      const where = key === undefined ? "" : `, first at ${table.primaryKey.join(", ")} = ${key}`;
      return `${replica} differs from ${primary} in ${table.name}${where}`;
    }),
  );
}

async function firstDifferentKey(
  context: CheckContext,
  primary: Place,
  replica: Place,
  table: (typeof commerceTables)[number],
): Promise<string | undefined> {
  const both = (read: (place: Place) => Promise<Hashes>): Promise<[Hashes, Hashes]> =>
    Promise.all([read(primary), read(replica)]);
  const buckets = await both((place) =>
    context.transaction(place, "reporting", "snapshot", (client) => bucketHashes(client, table)),
  );
  const bucket = firstDifference(...buckets);
  if (bucket === undefined) return undefined;
  const rows = await both((place) =>
    context.transaction(place, "reporting", "snapshot", (client) => rowHashes(client, table, bucket)),
  );
  return firstDifference(...rows);
}
