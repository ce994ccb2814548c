import { now } from "../../scripts/drill/clock.ts";
import type { Fault } from "../../scripts/drill/fault.ts";
import { HeldSession } from "../../scripts/drill/load/held-session.ts";

/**
 * Makes two primaries, on purpose: the old one is cut off while its Patroni hangs, so that nobody demotes it, and a
 * session inside goes on committing. On an asynchronous cluster those commits are acknowledged, and no replica can
 * have them: all of them are lost when the cluster is whole again.
 */
export class SplitPrimary {
  hit = "";
  /** From then on nothing leaves the old primary. */
  cutAt = 0;

  readonly fault: Fault = {
    name: "split",
    title: "the primary is cut off, and its Patroni hangs",
    expected: "rows are lost: the negative control",
    make: async (scene) => {
      const { parts, primary } = scene;
      // It would prevent just this.
      for (const sentinel of parts.names("sentinel")) await parts.stop(sentinel);
      const inside = new HeldSession(parts, primary, scene.database, scene.journal);
      scene.keep(inside);
      await inside.open();
      const stopped = await parts.run(primary, "kill -STOP $(pgrep -P 1 -f run-patroni)");
      if (stopped.code !== 0) throw new Error(`Patroni was not stopped: ${stopped.text}`);
      await parts.cut(primary);
      this.hit = primary;
      this.cutAt = now();
      return [primary];
    },
    // Longer than a lease lasts, so that another is promoted while the old one goes on.
    holdSeconds: 24,
  };
}
