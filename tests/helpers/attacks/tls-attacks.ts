import { Client } from "pg";
import { certificateNames } from "../../../lib/cluster-config/certificates.ts";
import { adminRole, replicationRole, rewindRole } from "../../../lib/cluster-config/topology.ts";
import { clientConfig, tlsOptions, withClient, type Connection } from "../../../lib/connection.ts";
import { selfSigned, type Identity } from "../test-authority.ts";
import type { Attack, Target } from "./attack.ts";
import { forgeries, servingAlone } from "./forgeries.ts";
import { as, replicate } from "./login-attacks.ts";
import { Impostor, shakeHands } from "./tls-probe.ts";

const instances = ["pg-1", "pg-2", "pg-3"];
/** Every published port, and a login that it is for. */
const places = [
  { title: "rw", where: "rw", who: "app" },
  { title: "ro", where: "ro", who: "reporting" },
  { title: "admin", where: "admin", who: "admin" },
  ...instances.map((instance) => ({ title: instance, where: { instance }, who: "reporting" as const })),
] as const;

const logIn = (connection: Connection): Promise<unknown> =>
  withClient(connection, "attack", (client) => client.query("SELECT 1"));

/** Shakes hands with a server that takes the version: so the probe itself can. */
async function canSpeak(version: "TLSv1.1" | "TLSv1.2"): Promise<void> {
  await using server = await Impostor.listen(await selfSigned("server"), version);
  await shakeHands(server.address, version);
}

/** By a version of TLS that is too old, or by none. */
export const downgradeAttacks: readonly Attack[] = places.flatMap(({ title, where, who }) => [
  {
    title: `logging in to ${title} without TLS`,
    why: "who comes in clear finds no line in pg_hba.conf, and no pooler that listens",
    attempt: (target) => logIn(as(target.connection(who, where), { ca: undefined })),
    refusal: /SSL required|28000 .*no encryption/,
    control: (target) => logIn(target.connection(who, where)),
  },
  ...(["TLSv1.1", "TLSv1.2"] as const).map((version): Attack => ({
    title: `shaking hands with ${title} by ${version}`,
    why: "TLS 1.3 is the oldest that is spoken",
    attempt: (target) => shakeHands(target.connection(who, where), version),
    refusal: /alert protocol version|version/i,
    control: async (target) => {
      await canSpeak(version);
      await shakeHands(target.connection(who, where), "TLSv1.3");
    },
  })),
]);

const namesOf = (part: string) => certificateNames(part, "127.0.0.1");

const goodIdentity = async (target: Target, part = "pg-3"): Promise<Identity> =>
  (await target.authority()).issue(part, namesOf(part));

/** Replicates as an instance does, whose certificate is its password. */
const replicateBy = (target: Target, identity: Identity): Promise<void> =>
  replicate(as(target.connection("app"), { user: replicationRole, password: "" }), "true", identity);

const isReplicating = async (target: Target): Promise<void> =>
  replicateBy(target, await goodIdentity(target));

async function logInBy(identity: Identity, connection: Connection): Promise<void> {
  const { ca = "", host } = connection;
  const ssl = { ...tlsOptions(ca, host), ...identity };
  const client = new Client({ ...clientConfig(connection, "attack"), ssl });
  client.on("error", () => undefined);
  // One that was turned away in the middle of a handshake has no end to wait for.
  await client.connect();
  try {
    await client.query("SELECT 1");
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** By a certificate that is not, or not quite, an instance's. */
export const clientCertificateAttacks: readonly Attack[] = [
  ...[...forgeries, servingAlone].map(({ what, why, forge, alert }): Attack => ({
    title: `replicating by ${what}`,
    why,
    attempt: async (target) =>
      replicateBy(target, await forge(await target.authority(), "pg-3", namesOf("pg-3"))),
    refusal: alert,
    control: isReplicating,
  })),
  ...["etcd-1", "proxy-1", "sentinel", replicationRole, "xpg-1", "pg-1x", "pg-1.example", "pg-"].map(
    (name): Attack => ({
      title: `replicating by the certificate of ${name}`,
      why: "pg_ident.conf takes the instances' names alone, whole",
      attempt: async (target) => replicateBy(target, await goodIdentity(target, name)),
      refusal: /28000/,
      control: isReplicating,
    }),
  ),
  ...[rewindRole, replicationRole, "postgres", "app", adminRole].map((user): Attack => ({
    title: `reaching rows as ${user} by an instance's certificate`,
    why: "it lets in for the WAL, and for a rewind to a database without rows; all else asks for SCRAM",
    attempt: async (target) =>
      logInBy(await goodIdentity(target), as(target.connection("app"), { user, password: "" })),
    refusal: /28P01|28000|password must be/,
    control: async (target) => {
      const rewind = { user: rewindRole, password: "", database: "postgres" };
      await logInBy(await goodIdentity(target), as(target.connection("app"), rewind));
    },
  })),
  {
    title: "logging in to the pooler by a certificate with the login's name",
    why: "the pooler believes no certificate of a client, and asks for SCRAM",
    attempt: async (target) =>
      logInBy(await goodIdentity(target, "app"), as(target.connection("app", "rw"), { password: "" })),
    refusal: /unknown ca/,
    control: (target) => target.sql(target.connection("app", "rw"), "SELECT 1"),
  },
];
