import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { imageName } from "../../lib/images.ts";
import { projectRoot } from "../../lib/paths.ts";
import { runCommand } from "../helpers/ecosphere.ts";
import { ensureImage } from "../helpers/postgres-server.ts";

// The sentinel is Python, as Patroni beside it: its tests run where it runs.
test("the sentinel's decisions", async () => {
  await ensureImage("sentinel");
  const run = await runCommand([
    ...["docker", "run", "--rm", "--network", "none", "--read-only"],
    ...["--volume", `${join(projectRoot, "tests", "sentinel")}:/tests:ro`],
    ...[imageName("sentinel"), "python3", "-B", "-m", "unittest", "discover", "--start-directory", "/tests"],
  ]);
  assert.equal(run.code, 0, run.output);
  const count = Number(/Ran (\d+) tests/.exec(run.output)?.[1]);
  assert.ok(count >= 25, run.output);
});
