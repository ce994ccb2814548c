import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../../../lib/paths.ts";
import { eventually } from "../../../../lib/poll.ts";
import { runCommand } from "../../../helpers/ecosphere.ts";
import { within } from "../../../helpers/timeouts.ts";

test("a plugin ends when what started it was killed", async () => {
  const plugin = join(projectRoot, "provider", "ecosphere", "pulumi-resource-ecosphere");
  // A shell that is the plugin's parent for long enough to see it running, and then is no more.
  const script =
    '"$0" 127.0.0.1:9 >"$1" 2>/dev/null & until [ -s "$1" ]; do sleep 0.05; done; echo $!; rm "$1"; kill -9 $$';
  const out = join(tmpdir(), `ecosphere-plugin-${process.pid}`);
  const run = await runCommand(["bash", "-c", script, plugin, out]);
  const pid = Number(run.stdout.trim());
  assert.ok(pid > 0, run.output);
  await eventually({ what: `process ${pid} to end`, withinMs: within.pluginEnd }, async (observe) => {
    observe("it is running");
    try {
      process.kill(pid, 0);
      return undefined;
    } catch {
      return true;
    }
  });
});
