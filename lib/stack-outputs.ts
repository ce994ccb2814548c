import { z } from "zod";
import { describeConnection, type Connection } from "./connection.ts";
import { UserError } from "./errors.ts";

/** The login roles of a stack, by what they are for. */
export type LoginName = "admin" | "app" | "reporting" | "seeder" | "monitoring";

const address = z.object({ host: z.string(), port: z.number().int() });
const endpoint = address.extend({
  /** The same by the other proxies. */
  alternatives: z.array(address).optional(),
  database: z.string(),
});
const login = z.object({
  user: z.string(),
  password: z.string(),
  /** Takes the place of `password` as soon as its rotation is gone on with. */
  nextPassword: z.string().optional(),
});

const outputs = z.object({
  /** The primary, for applications. */
  rw: endpoint,
  /** A replica, or the primary when there is none. */
  ro: endpoint,
  /** The primary without a pooler: for sessions, DDL and COPY. */
  admin: endpoint,
  /** Each instance itself. No role in it: the primary moves. */
  instances: z.array(address.extend({ name: z.string() })).min(1),
  /** The authorities by which the stack's certificates are verified, as PEM; a stack without TLS has none. */
  ca: z.string().optional(),
  credentials: z.object({
    admin: login,
    app: login,
    reporting: login,
    seeder: login,
    monitoring: login,
  } satisfies Record<LoginName, typeof login>),
});

/** What a deployed stack tells: the shape of its outputs. */
export type StackOutputs = z.infer<typeof outputs>;

/** Parses what `pulumi stack output --json --show-secrets` prints. @throws UserError `not-deployed` */
export function parseStackOutputs(json: unknown): StackOutputs {
  const parsed = outputs.safeParse(json);
  if (parsed.success) return parsed.data;
  const missing = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
  throw new UserError(
    "not-deployed",
    `the stack's outputs are incomplete: ${missing}`,
    "It is not deployed, or only half: run ./ecosphere up.",
  );
}

/**
 * A connection string for libpq and all that read its form: it names every proxy, for what writes it takes none that
 * leads to a replica, and it verifies whom it talks to.
 * @param caFile where the authorities of a stack with TLS are
 */
export function connectionString(
  stack: StackOutputs,
  where: "rw" | "ro" | "admin",
  who: LoginName,
  caFile: string,
): string {
  const place = describeConnection({ ...stack[where], user: stack.credentials[who].user });
  const options = [
    ...(where === "ro" ? [] : ["target_session_attrs=read-write"]),
    ...(stack.ca === undefined ? [] : ["sslmode=verify-full", `sslrootcert=${encodeURI(caFile)}`]),
  ];
  return options.length === 0 ? place : `${place}?${options.join("&")}`;
}

/** Whom to connect as, and where. */
export function connectionTo(
  stack: StackOutputs,
  where: "rw" | "ro" | "admin" | { readonly instance: string },
  who: LoginName,
): Connection {
  const { user, password } = stack.credentials[who];
  const login = { user, password, ...(stack.ca === undefined ? {} : { ca: stack.ca }) };
  if (typeof where === "string") return { ...stack[where], ...login };
  const instance = stack.instances.find(({ name }) => name === where.instance);
  if (!instance) {
    const names = stack.instances.map(({ name }) => name).join(", ");
    throw new UserError("unknown-instance", `no instance "${where.instance}"`, `There are: ${names}.`);
  }
  return { host: instance.host, port: instance.port, database: stack.rw.database, ...login };
}
