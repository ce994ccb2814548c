import type { Fault } from "../../../../lib/errors.ts";
import { identifierFault, quoteIdentifier } from "../../../../lib/identifier.ts";
import { unknown, type Properties } from "../../../../provider/host/values.ts";
import { text, texts, type Operations } from "../managed.ts";
import { asMemberOf, roleExists } from "../membership.ts";
import type { Server } from "../server.ts";
import {
  createStatements,
  rolePropertiesOf,
  selectRole,
  updateStatements,
  type RoleRow,
} from "./role-sql.ts";

export function roleOperations(server: Server): Operations {
  const doing = (verb: string, properties: Properties): string =>
    `${verb} role "${text(properties, "name")}"`;
  return {
    faults: roleFaults,
    create: (inputs) =>
      server.change(server.home, doing("creating", inputs), async (session) => {
        for (const statement of createStatements(inputs)) await session.run(statement);
      }),
    find: async (id, wanted) => {
      const name = wanted ? text(wanted, "name") : id;
      const [row] = await server.read(server.home, `reading role "${name}"`, (session) =>
        session.rows<RoleRow>(selectRole, [name]),
      );
      if (!row) return undefined;
      const kept = {
        skipDropRole: wanted?.skipDropRole ?? false,
        skipReassignOwned: wanted?.skipReassignOwned ?? false,
      };
      return { id: row.name, properties: { ...kept, ...rolePropertiesOf(row) } };
    },
    update: (old, news) =>
      server.change(server.home, doing("updating", old), async (session) => {
        const [row] = await session.rows<RoleRow>(selectRole, [text(old, "name")]);
        for (const statement of updateStatements(old, news, row?.roles ?? [])) await session.run(statement);
      }),
    delete: (old) =>
      server.change(server.home, doing("deleting", old), async (session) => {
        const name = text(old, "name");
        if (!(await roleExists(session, name))) return;
        const role = quoteIdentifier(name);
        if (old.skipReassignOwned !== true) {
          await asMemberOf(session, [name], async () => {
            await session.run(`REASSIGN OWNED BY ${role} TO CURRENT_USER`);
            await session.run(`DROP OWNED BY ${role}`);
          });
        }
        if (old.skipDropRole !== true) await session.run(`DROP ROLE ${role}`);
      }),
  };
}

function roleFaults(inputs: Properties): readonly Fault[] {
  const faults: Fault[] = [];
  const name = text(inputs, "name");
  const nameFault = name === unknown ? undefined : identifierFault(name);
  if (nameFault) faults.push({ property: "name", reason: nameFault });
  for (const path of texts(inputs, "searchPaths")) {
    if (!path.includes(", ")) continue;
    faults.push({
      property: "searchPaths",
      reason: `"${path}" holds ", "; give each schema as an item of its own`,
    });
  }
  const hasWriteOnly = inputs.passwordWo !== undefined;
  if (hasWriteOnly && inputs.password !== undefined) {
    faults.push({ property: "passwordWo", reason: "goes not together with password; give one of them" });
  }
  if (hasWriteOnly !== (inputs.passwordWoVersion !== undefined)) {
    faults.push({
      property: "passwordWoVersion",
      reason: "goes together with passwordWo; give both or none",
    });
  }
  return faults;
}
