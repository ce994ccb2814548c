import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { clusterSettings, renderPatroniConfig } from "../../../lib/cluster-config/patroni.ts";
import { patroniDefaults, shortLease } from "../../../bench/patroni-variants.ts";

const settings = clusterSettings({ synchronous: "quorum", parameters: {}, instanceMemory: 2048 });
const secrets = { replicationPassword: "a", rewindPassword: "b" };
const config = renderPatroniConfig("pg-1", settings, secrets);
const shape = z.object({
  bootstrap: z.object({
    dcs: z
      .record(z.string(), z.unknown())
      .and(z.object({ postgresql: z.object({ parameters: z.record(z.string(), z.unknown()) }) })),
  }),
});

describe("the peers of the failover bench", () => {
  test("have Patroni's own times, and none of the settings that this project chose instead of a default", () => {
    const { dcs } = shape.parse(parse(patroniDefaults.patroni(config))).bootstrap;
    assert.deepEqual([dcs["ttl"], dcs["loop_wait"], dcs["retry_timeout"]], [30, 10, 10]);
    for (const key of ["primary_start_timeout", "synchronous_mode", "failsafe_mode"])
      assert.ok(!(key in dcs), key);
    for (const key of ["wal_sender_timeout", "wal_retrieve_retry_interval"]) {
      assert.ok(!(key in dcs.postgresql.parameters), key);
    }
    assert.equal(dcs.postgresql.parameters["wal_level"], "logical");
  });

  test("fit their intervals into their lease, as Patroni asks", () => {
    for (const variant of [patroniDefaults, shortLease]) {
      const { dcs } = shape.parse(parse(variant.patroni(config))).bootstrap;
      const [ttl, wait, retry] = ["ttl", "loop_wait", "retry_timeout"].map((key) => Number(dcs[key]));
      assert.ok((wait ?? 0) + 2 * (retry ?? 0) <= (ttl ?? 0), variant.name);
    }
  });

  test("have a HAProxy that knows each instance", () => {
    assert.match(
      patroniDefaults.haproxy(["pg-1", "pg-2"]),
      /server pg-1 pg-1:5432 .*\n.*server pg-2 pg-2:5432 /,
    );
  });
});
