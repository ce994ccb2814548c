import assert from "node:assert/strict";
import { caPath } from "../../../lib/ca-file.ts";
import { certificateNames } from "../../../lib/cluster-config/certificates.ts";
import { withClient, type Address } from "../../../lib/connection.ts";
import { connectionString } from "../../../lib/stack-outputs.ts";
import { psqlWith } from "../tls-probe.ts";
import type { Attack, Target } from "./attack.ts";
import { forgeries, type Forgery } from "./forgeries.ts";
import { as } from "./login-attacks.ts";
import { Impostor } from "./tls-probe.ts";

/** Clients that are led to another server than the stack's. Each fails with what it says. */
const clients: Readonly<Record<string, (target: Target, address: Address) => Promise<unknown>>> = {
  "this project's clients": (target, address) =>
    withClient(as(target.connection("app"), { ...address, alternatives: [] }), "attack", (client) =>
      client.query("SELECT 1"),
    ),
  "psql with the printed string": async (target, address) => {
    const outputs = { ...target.outputs, rw: { ...target.outputs.rw, ...address, alternatives: [] } };
    const text = connectionString(outputs, "rw", "app", caPath(target.stack.name));
    const run = await psqlWith(text, target.connection("app").password, "SELECT 1");
    if (run.code !== 0) throw new Error(run.output);
  },
};

/** What a server would have to show that took an instance's or a proxy's place, and each client finds. */
const shown: readonly (Pick<Forgery, "what" | "why" | "forge"> & { readonly found: RegExp })[] = [
  ...forgeries.map((forgery) => ({
    ...forgery,
    found: /certificate has expired|self[- ]signed|unable to verify|verify failed|signature failure/i,
  })),
  {
    what: "the certificate of the sentinel",
    why: "only those of instances and proxies have the address that clients use",
    forge: (authority) => authority.issue("sentinel", certificateNames("sentinel")),
    found: /ERR_TLS_CERT_ALTNAME_INVALID|does not match host name/,
  },
];

/** A server that is not the stack's, before clients that verify whom they talk to. */
export const impostorAttacks: readonly Attack[] = Object.entries(clients).flatMap(([title, connect]) =>
  shown.map(({ what, why, forge, found }): Attack => {
    const meet = async (target: Target, forgeOne: Forgery["forge"]): Promise<unknown> => {
      const names = certificateNames("pg-1", "127.0.0.1");
      const identity = await forgeOne(await target.authority(), "pg-1", names);
      await using impostor = await Impostor.listen(identity);
      return await connect(target, impostor.address);
    };
    return {
      title: `taking the server's place before ${title} by ${what}`,
      why,
      attempt: (target) => meet(target, forge),
      refusal: found,
      // By an instance's own certificate it would be believed, and only then be spoken to.
      control: (target) =>
        assert.rejects(
          meet(target, (authority, subject, names) => authority.issue(subject, names)),
          /the impostor was believed/,
        ),
    };
  }),
);
