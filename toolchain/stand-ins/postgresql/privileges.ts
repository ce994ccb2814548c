import type { Fault } from "../../../lib/errors.ts";
import { isSame, unknown, type Properties } from "../../../provider/host/values.ts";
import { text, texts } from "./managed.ts";
import { privilegesOf } from "./properties.ts";
import type { Session } from "./server.ts";

/** Privileges that the object type does not have. */
export function privilegeFaults(inputs: Properties): readonly Fault[] {
  const objectType = text(inputs, "objectType");
  const allowed = ["ALL", ...(privilegesOf[objectType] ?? [])];
  if (objectType === unknown) return [];
  return texts(inputs, "privileges")
    .filter((privilege) => privilege !== unknown && !allowed.includes(privilege))
    .map((privilege) => ({
      property: "privileges",
      reason: `"${privilege}" is no privilege on a ${objectType}; give any of ${allowed.join(", ")}`,
    }));
}

/** Whether what was granted is what is wanted; ALL stands for every privilege that the object type has. */
export function hasWanted(granted: readonly string[], wanted: Properties): boolean {
  const privileges = [...texts(wanted, "privileges")].sort();
  if (isSame([...granted].sort(), privileges)) return true;
  if (!privileges.includes("ALL")) return false;
  return isSame([...granted].sort(), [...(privilegesOf[text(wanted, "objectType")] ?? [])].sort());
}

/** Zero is everybody. Undefined: there is no such role. */
export async function granteeOid(session: Session, role: string): Promise<number | undefined> {
  if (role === "public") return 0;
  const [row] = await session.rows<{ oid: number }>("SELECT oid FROM pg_roles WHERE rolname = $1", [role]);
  return row?.oid;
}
