import { quoteIdentifier, quoteLiteral } from "../../../../lib/identifier.ts";
import { isScramVerifier, scramVerifier } from "../../../../lib/scram.ts";
import type { Properties, Value } from "../../../../provider/host/values.ts";
import { text, texts } from "../managed.ts";

/** What pg_roles holds of a role. */
export interface RoleRow {
  readonly name: string;
  readonly connection_limit: number;
  readonly create_database: boolean;
  readonly create_role: boolean;
  readonly inherit: boolean;
  readonly login: boolean;
  readonly superuser: boolean;
  readonly replication: boolean;
  readonly bypass_rls: boolean;
  readonly valid_until: string;
  readonly settings: readonly string[] | null;
  readonly roles: readonly string[];
}

export const selectRole = `
  SELECT rolname AS name, rolconnlimit AS connection_limit, rolcreatedb AS create_database,
    rolcreaterole AS create_role, rolinherit AS inherit, rolcanlogin AS login, rolsuper AS superuser,
    rolreplication AS replication, rolbypassrls AS bypass_rls,
    coalesce(rolvaliduntil::text, 'infinity') AS valid_until, rolconfig AS settings,
    ARRAY(SELECT pg_get_userbyid(roleid)::text FROM pg_auth_members WHERE member = pg_roles.oid
          ORDER BY 1) AS roles
  FROM pg_roles WHERE rolname = $1`;

const flags = [
  ["superuser", "SUPERUSER"],
  ["createDatabase", "CREATEDB"],
  ["createRole", "CREATEROLE"],
  ["inherit", "INHERIT"],
  ["login", "LOGIN"],
  ["bypassRowLevelSecurity", "BYPASSRLS"],
  ["replication", "REPLICATION"],
] as const;

/** The outputs that the server knows; the password is not among them. */
export function rolePropertiesOf(row: RoleRow): Properties {
  const settings = new Map(
    (row.settings ?? []).map((entry) => {
      const at = entry.indexOf("=");
      return [entry.slice(0, at), entry.slice(at + 1)] as const;
    }),
  );
  return {
    assumeRole: settings.get("role") ?? "",
    bypassRowLevelSecurity: row.bypass_rls,
    connectionLimit: row.connection_limit,
    createDatabase: row.create_database,
    createRole: row.create_role,
    encryptedPassword: true,
    idleInTransactionSessionTimeout: milliseconds(settings.get("idle_in_transaction_session_timeout")),
    inherit: row.inherit,
    login: row.login,
    name: row.name,
    replication: row.replication,
    roles: row.roles,
    searchPaths: searchPath(settings.get("search_path")),
    statementTimeout: milliseconds(settings.get("statement_timeout")),
    superuser: row.superuser,
    validUntil: row.valid_until,
  };
}

/** CREATE ROLE and what belongs to it, memberships included. */
export function createStatements(inputs: Properties): readonly string[] {
  const name = text(inputs, "name");
  const options = [
    ...passwordOption(text(inputs, "password") || text(inputs, "passwordWo")),
    ...validUntilOption(text(inputs, "validUntil")),
    ...(typeof inputs.connectionLimit === "number" ? [`CONNECTION LIMIT ${inputs.connectionLimit}`] : []),
    ...flags.map(([property, word]) => flagOption(word, inputs[property])),
  ];
  return [
    `CREATE ROLE ${quoteIdentifier(name)} WITH ${options.join(" ")}`,
    ...texts(inputs, "roles").map((role) => grantMembership(role, name)),
    ...settingStatements(name, {}, inputs),
  ];
}

/**
 * The statements that turn what `old` tells into what `news` wants.
 * @param memberships what the role is a member of now
 */
export function updateStatements(
  old: Properties,
  news: Properties,
  memberships: readonly string[],
): readonly string[] {
  const name = text(news, "name");
  const before = text(old, "name");
  const role = quoteIdentifier(name);
  const options = [
    ...passwordOption(changedPassword(old, news)),
    ...(text(old, "validUntil") === text(news, "validUntil")
      ? []
      : validUntilOption(text(news, "validUntil"))),
    ...(typeof news.connectionLimit === "number" && news.connectionLimit !== old.connectionLimit
      ? [`CONNECTION LIMIT ${news.connectionLimit}`]
      : []),
    ...flags
      .filter(([property]) => (old[property] ?? false) !== (news[property] ?? false))
      .map(([property, word]) => flagOption(word, news[property])),
  ];
  const wanted = texts(news, "roles");
  return [
    ...(before === name ? [] : [`ALTER ROLE ${quoteIdentifier(before)} RENAME TO ${role}`]),
    ...(options.length === 0 ? [] : [`ALTER ROLE ${role} WITH ${options.join(" ")}`]),
    ...memberships
      .filter((member) => !wanted.includes(member))
      .map((member) => `REVOKE ${quoteIdentifier(member)} FROM ${role}`),
    ...wanted
      .filter((member) => !memberships.includes(member))
      .map((member) => grantMembership(member, name)),
    ...settingStatements(name, old, news),
  ];
}

function changedPassword(old: Properties, news: Properties): string {
  const isNewVersion = (old.passwordWoVersion ?? null) !== (news.passwordWoVersion ?? null);
  if (text(news, "passwordWo") !== "") return isNewVersion ? text(news, "passwordWo") : "";
  return old.password === news.password ? "" : text(news, "password");
}

/** The server gets a verifier, never the password; a verifier is passed on as it is. */
function passwordOption(password: string): readonly string[] {
  if (password === "") return [];
  if (password.toUpperCase() === "NULL") return ["PASSWORD NULL"];
  const isStored = isScramVerifier(password) || /^md5[0-9a-f]{32}$/.test(password);
  return [`PASSWORD ${quoteLiteral(isStored ? password : scramVerifier(password))}`];
}

function validUntilOption(until: string): readonly string[] {
  return until === "" ? [] : [`VALID UNTIL ${quoteLiteral(until)}`];
}

function flagOption(word: string, value: Value | undefined): string {
  return value === true ? word : `NO${word}`;
}

function grantMembership(role: string, member: string): string {
  return `GRANT ${quoteIdentifier(role)} TO ${quoteIdentifier(member)}`;
}

function settingStatements(name: string, old: Properties, news: Properties): readonly string[] {
  const alter = `ALTER ROLE ${quoteIdentifier(name)}`;
  const set = (setting: string, was: string, is: string): readonly string[] => {
    if (was === is) return [];
    return [is === "" ? `${alter} RESET ${setting}` : `${alter} SET ${setting} TO ${is}`];
  };
  const number = (from: Properties, property: string): string => {
    const value = from[property];
    return typeof value === "number" && value !== 0 ? String(value) : "";
  };
  const path = (from: Properties): string => texts(from, "searchPaths").map(quoteIdentifier).join(", ");
  const assumed = (from: Properties): string =>
    text(from, "assumeRole") && quoteIdentifier(text(from, "assumeRole"));
  return [
    ...set("search_path", path(old), path(news)),
    ...set("statement_timeout", number(old, "statementTimeout"), number(news, "statementTimeout")),
    ...set(
      "idle_in_transaction_session_timeout",
      number(old, "idleInTransactionSessionTimeout"),
      number(news, "idleInTransactionSessionTimeout"),
    ),
    ...set("role", assumed(old), assumed(news)),
  ];
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

function milliseconds(setting: string | undefined): number {
  const [, amount = "0", unit = "ms"] = /^(\d+)([a-z]*)$/.exec(setting ?? "") ?? [];
  return Number(amount) * (unitMs[unit] ?? 1);
}

function searchPath(setting: string | undefined): readonly string[] {
  if (setting === undefined || setting === "") return [];
  return setting.split(", ").map((part) => part.replace(/^"(.*)"$/, "$1").replaceAll('""', '"'));
}
