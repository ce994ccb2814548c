import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { plannedKey } from "../../lib/cluster-config/etcd-users.ts";
import { PlannedWork } from "../../lib/cluster/planned-work.ts";
import { StackContainers } from "../../lib/cluster/stack-containers.ts";
import { imageName } from "../../lib/images.ts";
import { eventually } from "../../lib/poll.ts";
import { ensureImage, testLabel } from "../helpers/postgres-server.ts";
import { within } from "../helpers/timeouts.ts";

const run = promisify(execFile);
const stack = `planned-${randomBytes(4).toString("hex")}`;
const container = `ecosphere-test-${stack}`;
const containers = (): Promise<StackContainers> => StackContainers.of(stack);
const etcdctl = async (...args: string[]): Promise<string> =>
  (await run("docker", ["exec", container, "etcdctl", ...args])).stdout.trim();

describe("planned work, told to etcd", () => {
  before(async () => {
    // All parts stand on one base: there is an etcd in it, too.
    await ensureImage();
    const labels = [testLabel, `ecosphere.stack=${stack}`, "ecosphere.part=etcd-1"];
    const options = ["--detach", "--name", container, ...labels.flatMap((label) => ["--label", label])];
    const command = ["etcd", "--data-dir", "/tmp/data", "--unsafe-no-fsync"];
    await run("docker", ["run", ...options, imageName("postgres"), ...command]);
    await eventually({ what: "etcd", withinMs: within.postgresStart }, async () => {
      await etcdctl("endpoint", "health");
      return true;
    });
  });
  after(async () => {
    await run("docker", ["rm", "--force", "--volumes", container]);
  });

  test("stands there while it goes on, with a lease; then it is gone", async () => {
    {
      await using planned = await PlannedWork.begin(containers, `a "quoted" thing`);
      assert.ok(planned);
      const value: unknown = JSON.parse(await etcdctl("get", plannedKey, "--print-value-only"));
      assert.deepEqual(value, { what: `a "quoted" thing`, by: `process ${process.pid} on ${hostname()}` });
      const [lease = ""] = (await etcdctl("lease", "list")).split("\n").slice(1);
      assert.match(await etcdctl("lease", "timetolive", lease, "--keys"), /TTL\(60s\).*\/ecosphere\/planned/);
    }
    assert.equal(await etcdctl("get", plannedKey), "");
    assert.match(await etcdctl("lease", "list"), /found 0 leases/);
  });

  test("is refused while somebody else's goes on, who is named, and when that expires", async () => {
    await using first = await PlannedWork.begin(containers, "a switchover");
    assert.ok(first);
    await assert.rejects(PlannedWork.begin(containers, "a roll"), (error: Error & { hint?: string }) => {
      assert.match(error.message, /under way: a switchover, by process \d+ on/);
      assert.match(error.hint ?? "", /expires in (5\d|60) s/);
      return true;
    });
    assert.match(await etcdctl("lease", "list"), /found 1 leases/);
  });

  test("takes the place of that of a process of this host which was killed", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const dead = JSON.stringify({ what: "a roll", by: `process ${pid} on ${hostname()}` });
    const lease = /^lease (\w+)/.exec(await etcdctl("lease", "grant", "60"))?.[1] ?? "";
    await etcdctl("put", plannedKey, dead, `--lease=${lease}`);
    await using planned = await PlannedWork.begin(containers, "a switchover");
    assert.ok(planned);
    assert.match(await etcdctl("get", plannedKey), /a switchover/);
  });

  test("goes on untold when no etcd answers: repairs must not wait for it", async () => {
    const nobody = (): Promise<StackContainers> => StackContainers.of(`${stack}-other`);
    assert.equal(await PlannedWork.begin(nobody, "a repair"), undefined);
  });
});
