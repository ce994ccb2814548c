import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { z } from "zod";
import { clusterSettings, renderPatroniConfig } from "../../../lib/cluster-config/patroni.ts";
import { parseParameters } from "../../../lib/cluster-config/parameters.ts";
import { UserError } from "../../../lib/errors.ts";
import { partitionIntervals, partitionsBetween } from "../../../lib/partition-bounds.ts";
import { parseSettings, settingDefaults } from "../../../lib/settings.ts";
import { mergeConfig } from "../../../scripts/stack/stack-config.ts";
import { hostileText } from "../../helpers/hostile-text.ts";

const keys = Object.keys(settingDefaults);
const likely = fc.constantFrom(
  ...["0", "1", "3", "8", "9", "6432", "65535", "65536", "async", "quorum", "true", "false", "auto"],
  ...["0.0.0.0", "127.0.0.1", "256.1.1.1", "::1", "month", "quarter", "year", "week", "2020-01-01"],
  ...["2030-01-01", "2024-02-29", "2020-02-01", "9999-01-01", "work_mem=16MB", "debian:trixie-slim"],
);
const raw = fc
  .array(
    fc.tuple(
      fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...keys) }, { weight: 1, arbitrary: hostileText }),
      fc.oneof({ weight: 3, arbitrary: likely }, { weight: 1, arbitrary: hostileText }),
    ),
    { maxLength: 4 },
  )
  .map((entries) => new Map(entries));

const dcs = z.object({
  bootstrap: z.object({
    dcs: z.object({ postgresql: z.object({ parameters: z.record(z.string(), z.unknown()) }) }),
  }),
});

describe("whatever the configuration", () => {
  test("it is refused with every key and the fix, or every value keeps what its key promises", () => {
    let accepted = 0;
    fc.assert(
      fc.property(raw, (given) => {
        const settings = refusedOr(() => parseSettings(given, "dev"), "bad-config");
        if (settings === undefined) return;
        accepted += 1;
        const numbers = [settings.replicas, settings.proxies, settings.rwPort, settings.sentinelPatience];
        for (const number of numbers) assert.ok(Number.isInteger(number) && number >= 1 && number <= 65535);
        assert.ok(partitionIntervals.includes(settings.partitionInterval));
        const { partitionInterval: interval, partitionFrom: from, partitionTo: to } = settings;
        const partitions = partitionsBetween(interval, from, to);
        assert.equal(partitions[0]?.from, from);
        assert.equal(partitions.at(-1)?.to, to);
        assert.match(settings.baseImage, /^[^\s"'`$;&|<>]+$/);
      }),
      { numRuns: 1500 },
    );
    assert.ok(accepted > 100, `only ${accepted} were accepted`);
  });

  test("parameters are refused, or reach Patroni's file as they are and can break no line of PostgreSQL's", () => {
    const name = fc.oneof(
      fc.constantFrom("work_mem", "a.b", "constructor", "__proto__", "fsync"),
      hostileText,
    );
    const quoted = hostileText.map((text) => `'${text.replaceAll("'", "''")}'`);
    const entry = fc.tuple(name, fc.oneof(quoted, hostileText)).map(([key, value]) => `${key}=${value}`);
    const text = fc.array(entry, { maxLength: 3 }).map((entries) => entries.join(","));
    let accepted = 0;
    fc.assert(
      fc.property(text, (given) => {
        const { values, faults } = parseParameters(given);
        for (const fault of faults) assert.ok(fault.length > 10);
        for (const [key, value] of Object.entries(values)) {
          accepted += 1;
          assert.match(key, /^[a-z_][a-z0-9_.]*$/);
          assert.doesNotMatch(value, /[\0-\x1f\x7f]/);
          assert.ok(!["fsync", "synchronous_commit", "listen_addresses"].includes(key));
        }
        const settings = clusterSettings({ synchronous: "quorum", parameters: values, instanceMemory: 2048 });
        const secrets = { replicationPassword: "r", rewindPassword: "w" };
        const file: unknown = parse(renderPatroniConfig("pg-1", settings, secrets), { version: "1.1" });
        const told = dcs.parse(file).bootstrap.dcs.postgresql.parameters;
        for (const [key, value] of Object.entries(values)) {
          if (key !== "__proto__") assert.equal(told[key], value);
        }
      }),
      { numRuns: 700 },
    );
    assert.ok(accepted > 100, `only ${accepted} were accepted`);
  });

  test("a stack's file is refused as no YAML, or read; what a program writes into it is read back", () => {
    const line = fc
      .tuple(fc.constantFrom("config:", "  ecosphere:rwPort:", "encryptionsalt:", ""), hostileText)
      .map(([key, text]) => `${key} ${text}`);
    const file = fc.oneof(
      hostileText,
      fc.array(line, { maxLength: 4 }).map((lines) => lines.join("\n")),
    );
    fc.assert(
      fc.property(file, file, (copy, tracked) => {
        const merged = refusedOr(() => mergeConfig(copy, "", tracked), "config-syntax");
        if (merged === undefined) return;
        const again = mergeConfig(String(merged), "", "");
        assert.deepEqual(again.toJS(), merged.toJS());
      }),
      { numRuns: 1000 },
    );
  });
});

function refusedOr<T>(parser: () => T, code: string): T | undefined {
  try {
    return parser();
  } catch (error) {
    assert.ok(error instanceof UserError, error instanceof Error ? error.stack : String(error));
    assert.equal(error.code, code);
    assert.ok(error.message.length > 10);
    return undefined;
  }
}
