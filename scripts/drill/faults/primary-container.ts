import { eventually } from "../../../lib/poll.ts";
import { startAgain } from "../end-of-fault.ts";
import type { Fault, Scene } from "../fault.ts";
import { HeldSession } from "../load/held-session.ts";

const failover = "another instance is promoted; the old primary comes back as a replica";

export const killPrimary: Fault = {
  name: "kill",
  title: "docker kill of the primary's container",
  expected: failover,
  async make({ parts, primary }) {
    await parts.kill(primary);
    return [primary];
  },
};

export const stopPrimary: Fault = {
  name: "stop",
  title: "docker stop of the primary's container",
  expected: "Patroni hands over; the old primary comes back as a replica",
  async make({ parts, primary }) {
    await parts.stop(primary);
    return [primary];
  },
  // Whoever stops a container is taken at his word: nobody else starts it.
  end: startAgain,
};

export const freezePrimary: Fault = {
  name: "freeze",
  title: "docker pause of the primary's container",
  expected: `${failover}, and accepts nothing when it thaws`,
  async make({ parts, primary }) {
    await parts.freeze(primary);
    return [primary];
  },
  async end({ parts, primary }) {
    if (!(await parts.state(primary)).isPaused) return undefined;
    await parts.thaw(primary);
    return `${primary} unpaused`;
  },
};

export const cutPrimary: Fault = {
  name: "cut",
  title: "docker network disconnect of the primary's container, from all of its networks",
  expected: `${failover}, and accepts nothing while it is alone`,
  async make(scene) {
    await scene.parts.cut(scene.primary);
    // By its own port it cannot be asked any more.
    const inside = new HeldSession(scene.parts, scene.primary, scene.database, scene.journal);
    scene.keep(inside);
    void inside.open();
    return [scene.primary];
  },
  end: joinAgain,
};

export const cutPrimaryInUse: Fault = {
  name: "cut-session",
  title: "the same, while a session that was open before keeps trying to commit on it",
  expected: "none of that session's commits is acknowledged and lost, nor accepted beside the new primary's",
  async make(scene) {
    const inside = new HeldSession(scene.parts, scene.primary, scene.database, scene.journal);
    scene.keep(inside);
    await inside.open();
    await scene.parts.cut(scene.primary);
    return [scene.primary];
  },
  end: joinAgain,
  judge: ({ scene }) => {
    const source = `${scene.primary} inside`;
    const tried = scene.journal.attempts.filter((attempt) => attempt.source === source).length;
    return tried > 1 ? [] : ["the session inside has not tried to commit after the cut"];
  },
};

export const cutPrimaryFromEtcd: Fault = {
  name: "cut-etcd",
  title: "docker network disconnect of the primary's container, from etcd's network alone",
  expected: "the primary goes on (failsafe), and is connected again",
  // Until the replicas' trust in it has expired: before that they leave a lock alone that it gives up.
  holdSeconds: 32,
  async make({ parts, primary }) {
    await parts.cut(primary, "etcd");
    return [primary];
  },
  judge: ({ hasFailedOver }) => (hasFailedOver ? ["the primary changed"] : []),
};

export const cutPrimaryFromInstances: Fault = {
  name: "cut-instances",
  title: "docker network disconnect of the primary's container, from the instances' network alone",
  expected: "it renews its lock, so that nobody takes over; it is connected again, and writes go on",
  async make({ parts, primary }) {
    await parts.cut(primary, "instances");
    return [primary];
  },
};

export const killTwice: Fault = {
  name: "twice",
  title: "docker kill of the primary's container, then of the next primary's as soon as there is one",
  expected: "writes wait until two instances are there again; then they go on",
  writesWithinSeconds: 30,
  async make(scene) {
    const { parts, primary, load, signal, tell } = scene;
    await parts.kill(primary);
    // The one that was killed may be the next one too, when it is back before anybody else has the lock.
    let wasAway = false;
    const next = await eventually(
      { what: "the next primary to kill", withinMs: 60_000, everyMs: 10, signal },
      async () => {
        wasAway ||= load.roleOf(primary) !== "primary";
        const candidates = wasAway ? [primary, ...scene.replicas] : scene.replicas;
        return candidates.find((instance) => load.roleOf(instance) === "primary");
      },
    );
    tell(`${next} is the primary, and is killed.`);
    await parts.kill(next);
    return next === primary ? [primary] : [primary, next];
  },
};

async function joinAgain({ parts }: Scene, hit: readonly string[]): Promise<string | undefined> {
  const cut: string[] = [];
  for (const part of hit) {
    if ((await parts.state(part)).isConnected) continue;
    await parts.join(part);
    cut.push(part);
  }
  return cut.length > 0 ? `${cut.join(", ")} connected to its networks again` : undefined;
}
