import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { UserError } from "../../../lib/errors.ts";
import { projectRoot } from "../../../lib/paths.ts";
import { instanceNames, parseSettings, settingDefaults } from "../../../lib/settings.ts";

const raw = (entries: Record<string, string> = {}): ReadonlyMap<string, string> =>
  new Map(Object.entries(entries));

function faultsOf(entries: Record<string, string>): string {
  try {
    parseSettings(raw(entries), "dev");
  } catch (error) {
    assert.ok(error instanceof UserError);
    return error.message;
  }
  return assert.fail("the configuration was accepted");
}

describe("settings", () => {
  test("without any configuration are the defaults", () => {
    const settings = parseSettings(raw(), "dev");
    assert.equal(settings.replicas, 2);
    assert.equal(settings.rwPort, 6432);
    assert.equal(settings.bindAddress, "127.0.0.1");
    assert.equal(settings.partitionInterval, "year");
  });

  test("protect every stack but dev, unless they say otherwise", () => {
    assert.equal(parseSettings(raw(), "dev").isProtected, false);
    assert.equal(parseSettings(raw(), "prod").isProtected, true);
    assert.equal(parseSettings(raw({ protect: "false" }), "prod").isProtected, false);
    assert.equal(parseSettings(raw({ protect: "true" }), "dev").isProtected, true);
  });

  test("report every fault at once, each with the value, what is allowed and the fix", () => {
    const message = faultsOf({
      replicas: "many",
      instanceMemory: "256",
      bindAddress: "localhost",
      roPort: "0",
      protect: "perhaps",
      partitionInterval: "day",
      synchronous: "maybe",
      parameters: "work_mem=16MB, wal_level=minimal",
      certificateFolder: "./certificates",
      replicaz: "3",
    });
    assert.match(message, /has 10 faults/);
    for (const expected of [
      /ecosphere:replicas: received "many"; allowed is a whole number from 1 to 8\. Fix: pulumi config set replicas 2/,
      /ecosphere:instanceMemory: received "256"; allowed is a whole number from 512 to 999999\. Fix: pulumi config set instanceMemory 2048/,
      /ecosphere:bindAddress: received "localhost"; allowed is an IPv4 address/,
      /ecosphere:roPort: received "0"/,
      /ecosphere:protect: received "perhaps"; allowed is auto/,
      /ecosphere:partitionInterval: received "day"; allowed is month, quarter, year/,
      /ecosphere:synchronous: received "maybe"; allowed is quorum/,
      /ecosphere:parameters: received "work_mem.*wal_level is set by the cluster itself: replication/,
      /ecosphere:certificateFolder: received "\.\/certificates"; allowed is the absolute path of a folder/,
      /ecosphere:replicaz: is no key of this project; there are: replicas, .*Fix: pulumi config rm replicaz/,
    ]) {
      assert.match(message, expected);
    }
  });

  test("take a base image by its digest, and refuse one that is cut short", () => {
    const image = `registry.example:5000/debian:trixie-slim@sha256:${"0a".repeat(32)}`;
    assert.equal(parseSettings(raw({ baseImage: image }), "dev").baseImage, image);
    // As the default does: a name alone leads to another image each month.
    assert.match(settingDefaults.baseImage, /^debian:trixie-\d{8}-slim@sha256:[0-9a-f]{64}$/);
    assert.match(
      faultsOf({ baseImage: image.slice(0, -1) }),
      /baseImage: received ".*"; allowed is .*64 digits/,
    );
  });

  test("refuse two endpoints on one port, and an instance on an endpoint's", () => {
    assert.match(faultsOf({ roPort: "6432" }), /roPort: port 6432 is that of rwPort already/);
    assert.match(faultsOf({ instancePort: "6433" }), /instancePort: port 6433 is that of roPort already/);
  });

  test("refuse a range of partitions that does not begin where an interval does", () => {
    assert.match(
      faultsOf({ partitionFrom: "2020-02-01" }),
      /"2020-02-01" is not where a year begins.*"2020-01-01"/,
    );
    assert.match(faultsOf({ partitionTo: "2019-01-01" }), /is not before/);
  });

  test("stand in Pulumi.yaml with the same keys and defaults, each described", () => {
    const key = z.object({
      description: z.string().min(20),
      default: z.union([z.string(), z.number(), z.boolean()]),
    });
    const project = z
      .object({ config: z.record(z.string(), key) })
      .parse(parse(readFileSync(join(projectRoot, "Pulumi.yaml"), "utf8")));
    const declared = Object.entries(project.config).map(([name, entry]) => [name, String(entry.default)]);
    assert.deepEqual(Object.fromEntries(declared), settingDefaults);
  });
});

test("instances are numbered from 1, the primary of the first day among them", () => {
  assert.deepEqual(instanceNames(2), ["pg-1", "pg-2", "pg-3"]);
});
