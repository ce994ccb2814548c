import { messageOf } from "../../../lib/errors.ts";
import { reachable } from "../check-context.ts";
import type { Check } from "../check.ts";

const readers = 12;
/** Each reader's transaction stays open until all have begun, so that none takes another's connection. */
const whereSql = "SELECT inet_server_addr()::text AS address";

export const spreadReads: Check = {
  name: "spread-reads",
  title: "Reads of ro spread over the replicas",
  endpoint: "ro",
  run: async (context) => {
    const replicas = reachable(await context.topology()).replicas.length;
    let begun = 0;
    const all = Promise.withResolvers<undefined>();
    const places = await Promise.all(
      Array.from({ length: readers }, () =>
        context
          .transaction("ro", "reporting", "read", async (client) => {
            const { rows } = await client.query<{ address: string | null }>(whereSql);
            if (++begun === readers) all.resolve(undefined);
            await all.promise;
            return rows[0]?.address ?? "?";
          })
          .catch((error: unknown) => {
            // The others would wait for this one.
            all.reject(error instanceof Error ? error : new Error(messageOf(error)));
            throw error;
          }),
      ),
    );
    const counts = new Map<string, number>();
    for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
    const spread = [...counts.values()].sort((one, other) => other - one).join(" + ");
    const expected = Math.max(replicas, 1);
    return {
      faults:
        counts.size < expected
          ? [`${readers} readers are on ${counts.size} of ${expected} replicas (${spread})`]
          : [],
      detail: `${readers} readers on ${counts.size} instances: ${spread}`,
    };
  },
};
