import { quoteIdentifier } from "../../../lib/identifier.ts";
import type { Session } from "./server.ts";

const notFullyMember = `
  SELECT rolname AS name FROM pg_roles
  WHERE rolname = ANY (
      SELECT CASE wanted WHEN 'pg_database_owner' THEN pg_get_userbyid(datdba) ELSE wanted END
      FROM unnest($1::name[]) AS wanted, pg_database WHERE datname = current_database())
    AND NOT rolsuper AND rolname <> current_user
    AND NOT (pg_has_role(current_user, oid, 'USAGE') AND pg_has_role(current_user, oid, 'SET'))`;

/**
 * Runs `work` as a member of `roles`, which only an owner's members may do for it. Memberships that the
 * connected role lacks are granted for this transaction alone; that takes ADMIN OPTION on the role.
 * pg_database_owner, which has no members to grant, stands for whoever owns the database.
 */
export async function asMemberOf<T>(
  session: Session,
  roles: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const missing = await session.rows<{ name: string }>(notFullyMember, [roles]);
  for (const { name } of missing) {
    await session.run(
      `GRANT ${quoteIdentifier(name)} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE GRANTED BY CURRENT_USER`,
    );
  }
  const result = await work();
  for (const { name } of missing) {
    if (await roleExists(session, name)) {
      await session.run(`REVOKE ${quoteIdentifier(name)} FROM CURRENT_USER GRANTED BY CURRENT_USER`);
    }
  }
  return result;
}

export async function roleExists(session: Session, name: string): Promise<boolean> {
  const found = await session.rows("SELECT 1 FROM pg_roles WHERE rolname = $1", [name]);
  return found.length > 0;
}
