import { UserError } from "../../../lib/errors.ts";
import type { Fault, Scene } from "../fault.ts";
import { limitFileSize, liftFileSize, resumeStopped } from "../inside.ts";

export const crashPostmaster: Fault = {
  name: "postmaster",
  title: "kill -9 of the primary's postmaster",
  expected: "Patroni gives its lock up at once, and another instance is promoted",
  async make(scene) {
    await inside(scene, 'kill -9 "$(head -n 1 /data/postgres/main/postmaster.pid)"');
    return [scene.primary];
  },
};

export const crashPatroni: Fault = {
  name: "patroni",
  title: "kill -9 of the primary's Patroni (with it the container ends; Docker starts it again)",
  expected: "Patroni finds its PostgreSQL dead, and gives its lock up; another instance is promoted",
  async make(scene) {
    // The first process of a container cannot be killed from inside: Patroni is its child there.
    await inside(scene, "kill -9 $(pgrep -P 1 -f run-patroni)");
    return [scene.primary];
  },
};

export const hangPostmaster: Fault = {
  name: "hang",
  title: "the primary's postmaster hangs (SIGSTOP): open sessions go on, nobody new gets in",
  expected: "the sentinel fences it; without one, open sessions go on until it is resumed",
  holdSeconds: 10,
  async make(scene) {
    await inside(scene, 'kill -STOP "$(head -n 1 /data/postgres/main/postmaster.pid)"');
    return [scene.primary];
  },
  end: async ({ parts, primary }) =>
    (await resumeStopped(parts, primary)) ? `the postmaster of ${primary} resumed` : undefined,
};

export const diskFull: Fault = {
  name: "disk-full",
  title:
    "no file of the primary's container can grow (RLIMIT_FSIZE: EFBIG in place of ENOSPC; the instances share " +
    "the host's disk, which a drill does not fill)",
  expected: "PostgreSQL gives up on its WAL; another instance is promoted, and the others go on",
  async make({ parts, primary }) {
    await limitFileSize(parts, primary);
    return [primary];
  },
  end: async ({ parts, primary }) =>
    (await liftFileSize(parts, primary)) ? `${primary} has room again` : undefined,
};

async function inside({ parts, primary }: Scene, script: string): Promise<void> {
  const { code, text } = await parts.run(primary, script);
  if (code !== 0) throw new UserError("fault", `the fault could not be made in ${primary}: ${text.trim()}`);
}
