import { UserError } from "../../../lib/errors.ts";
import { eventually } from "../../../lib/poll.ts";
import { startAgain } from "../end-of-fault.ts";
import type { Fault } from "../fault.ts";

export const killProxy: Fault = {
  name: "proxy",
  title: "docker kill of a proxy's container",
  expected: "its clients go on by the other one",
  unfit: (parts) => (parts.names("proxy").length < 2 ? "the stack has one proxy only" : undefined),
  async make({ parts }) {
    const [first = ""] = parts.names("proxy");
    await parts.kill(first);
    return [first];
  },
};

export const killSentinel: Fault = {
  name: "sentinel",
  title: "docker kill of the sentinel's container",
  expected: "nothing: without it a failover takes longer, and that is all",
  unfit: (parts) => (parts.names("sentinel").length === 0 ? "the stack has no sentinel" : undefined),
  async make({ parts }) {
    await Promise.all(parts.names("sentinel").map((part) => parts.kill(part)));
    return parts.names("sentinel");
  },
  // Docker does not restart what was killed by its own command, and the sentinel has nobody above it.
  end: startAgain,
  judge: ({ hasFailedOver }) => (hasFailedOver ? ["the primary changed"] : []),
};

export const killAll: Fault = {
  name: "all-containers",
  title: "docker kill of every container of the stack at once; the sentinel alone is started again",
  expected: "everything comes back, and every acknowledged row is there",
  isForChaos: false,
  holdSeconds: 1,
  writesWithinSeconds: 0,
  async make({ parts }) {
    // The sentinel first, or it would be quicker than the rest of this.
    await Promise.all(parts.names("sentinel").map((part) => parts.kill(part)));
    await Promise.all(parts.names().map((part) => parts.kill(part)));
    return parts.names();
  },
  end: (scene) => startAgain(scene, scene.parts.names("sentinel")),
};

export const restartDocker: Fault = {
  name: "docker-restart",
  title: "you restart Docker when you are asked to",
  expected: "everything comes back by itself",
  isByHand: true,
  isForChaos: false,
  holdSeconds: 5,
  writesWithinSeconds: 120,
  async make({ parts, tell, signal }) {
    if (!process.stdin.isTTY) {
      throw new UserError(
        "by-hand",
        "docker-restart needs somebody at the terminal",
        "Run it in a terminal.",
      );
    }
    const started = async (): Promise<string> => {
      const [first = ""] = parts.names("pg");
      return (await parts.container(first).inspect()).State.StartedAt;
    };
    const before = await started();
    tell("Restart Docker now, in another terminal: sudo systemctl restart docker");
    await eventually({ what: "Docker to be restarted", withinMs: 300_000, everyMs: 100, signal }, async () =>
      (await started().catch(() => "gone")) === before ? undefined : true,
    );
    return parts.names();
  },
};
