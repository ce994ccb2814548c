import type { Client } from "pg";
import type { Check } from "../check.ts";

interface Server {
  readonly recovery: boolean;
  /** The same for a primary and all its replicas, and for no other server. */
  readonly identifier: string;
}

export const endpoints: Check = {
  name: "endpoints",
  title: "rw and admin lead to the primary, ro to a replica",
  endpoint: "rw, ro, admin",
  run: async (context) => {
    const { primary } = await context.topology();
    const [own, rw, admin, ro] = await Promise.all([
      context.transaction({ instance: primary }, "monitoring", "read", server),
      context.transaction("rw", "app", "read", server),
      context.transaction("admin", "seeder", "read", server),
      context.transaction("ro", "reporting", "read", server),
    ]);
    const hasReplicas = context.stack.instances.length > 1;
    const faults: string[] = [];
    if (rw.recovery) faults.push("rw leads to a replica");
    if (admin.recovery) faults.push("admin leads to a replica");
    if (hasReplicas && !ro.recovery) faults.push("ro leads to the primary, though there are replicas");
    for (const [name, { identifier }] of Object.entries({ rw, admin, ro })) {
      if (identifier !== own.identifier) faults.push(`${name} leads to a server of another cluster`);
    }
    return {
      faults,
      detail: `rw and admin: primary; ro: ${ro.recovery ? "a replica" : "the primary, the only instance"}`,
    };
  },
};

async function server(client: Client): Promise<Server> {
  const { rows } = await client.query<Server>(
    "SELECT pg_is_in_recovery() AS recovery, system_identifier::text AS identifier FROM pg_control_system()",
  );
  const [row] = rows;
  if (!row) throw new Error("the server did not say what it is");
  return row;
}
