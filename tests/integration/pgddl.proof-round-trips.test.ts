import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { postgresVersions, whySkip } from "../helpers/postgres-server.ts";
import { RoundTrips, type RoundTrip } from "../helpers/round-trip.ts";

const pairs = Number(process.env["ECOSPHERE_ROUND_TRIPS"] ?? "12");
const seed = Number(process.env["ECOSPHERE_SEED"] ?? "1");
const versions = postgresVersions.filter((version) => whySkip(version) === false);

describe(`${pairs} pairs of random schemas from seed ${seed} on`, () => {
  versions.forEach((version, at) => {
    test(`on PostgreSQL ${version} each is refused or as good as made anew, there and back`, async (context) => {
      await using trips = await RoundTrips.start(version);
      const done: RoundTrip[] = [];
      const faults: unknown[] = [];
      for (let pair = at; pair < pairs; pair += versions.length) {
        await trips.run(seed + pair).then(
          (trip) => done.push(trip),
          (fault: unknown) => faults.push(fault),
        );
      }
      const applied = done.filter(({ there }) => there === "applied");
      for (const { seed: own, what, refusals } of done) {
        if (refusals.length > 0)
          context.diagnostic(`seed ${own} (${what.join(", ")}): ${refusals.join("\n")}`);
      }
      context.diagnostic(
        `${done.length} pairs, ${applied.length} applied, ${done.length - applied.length} refused`,
      );
      if (faults.length > 0) throw new AggregateError(faults, faults.map(String).join("\n\n"));
      assert.ok(applied.length * 2 >= done.length, "at least half of the pairs are applied");
    });
  });
});
