import assert from "node:assert/strict";
import { test } from "node:test";
import { isScarce, parseDf } from "../../../../lib/cluster/instance-health.ts";

const gigabyte = 1024 ** 3;

test("free space is what df says, and scarce below two gigabytes, or a tenth of a small disk", () => {
  const disk = parseDf("      Avail  1B-blocks\n 5368709120 107374182400\n");
  assert.deepEqual(disk, { freeBytes: 5 * gigabyte, totalBytes: 100 * gigabyte });
  assert.equal(parseDf("df: no such file"), undefined);
  assert.equal(isScarce({ freeBytes: 5 * gigabyte, totalBytes: 100 * gigabyte }), false);
  assert.equal(isScarce({ freeBytes: gigabyte, totalBytes: 100 * gigabyte }), true);
  assert.equal(isScarce({ freeBytes: gigabyte, totalBytes: 5 * gigabyte }), false);
  assert.equal(isScarce({ freeBytes: gigabyte / 4, totalBytes: 5 * gigabyte }), true);
});
