import { schemaName } from "../../../lib/commerce-model.ts";
import { qualify } from "../../../lib/identifier.ts";
import { reachable } from "../check-context.ts";
import type { Check } from "../check.ts";
import { otherThanRefused } from "../refused-write.ts";

const readOnlyTransaction = "25006";

// The id is given, or the sequence would refuse first; 0 is an id that no seed uses.
const insert = `INSERT INTO ${qualify(schemaName, "categories")} (category_id, category_name) VALUES (0, 'check')`;

export const replicasRefuseWrites: Check = {
  name: "replicas-refuse-writes",
  title: "Replicas refuse writes",
  endpoint: "instances",
  run: async (context) => {
    const { replicas, faults } = reachable(await context.topology());
    for (const replica of replicas) {
      const fault = await context.transaction({ instance: replica }, "app", "try-write", (client) =>
        otherThanRefused(client, insert, readOnlyTransaction),
      );
      if (fault !== undefined) faults.push(`${replica}: an INSERT ${fault}`);
    }
    const detail =
      replicas.length === 0
        ? "no replica"
        : `${replicas.join(", ")}: INSERT refused with ${readOnlyTransaction}`;
    return { faults, detail };
  },
};
