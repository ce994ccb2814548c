import { UserError } from "../lib/errors.ts";
import { StackContainers } from "../lib/cluster/stack-containers.ts";
import { switchover } from "../lib/cluster/switchover.ts";
import type { Fault } from "../scripts/drill/fault.ts";
import { cutPrimary, freezePrimary, killPrimary } from "../scripts/drill/faults/primary-container.ts";
import { crashPostmaster } from "../scripts/drill/faults/primary-process.ts";

/** Longer than Patroni's default lease and all that comes after it. */
const patience = { writesWithinSeconds: 120 };

/** The same for every cluster; what differs is how a planned change of the primary is asked for. */
export function failoverFaults(switchover: Fault): readonly Fault[] {
  return [killPrimary, freezePrimary, cutPrimary, crashPostmaster, switchover].map((fault) => ({
    ...fault,
    ...patience,
  }));
}

const about = { name: "switchover", title: "a planned change of the primary", expected: "another primary" };

/** As `./ecosphere switchover`. */
export function ourSwitchover(stack: string): Fault {
  return {
    ...about,
    async make({ primary }) {
      await switchover(await StackContainers.of(stack), { waitSeconds: 10 });
      return [primary];
    },
  };
}

/** As Patroni's own tool does it. */
export const plainSwitchover: Fault = {
  ...about,
  async make({ parts, primary }) {
    const command = 'patronictl -c /etc/ecosphere/patroni.yml switchover --force --leader "$1"';
    const { code, text } = await parts.run(primary, command, primary);
    if (code !== 0) throw new UserError("bench", `patronictl switchover failed: ${text.trim()}`);
    return [primary];
  },
};
