import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { loaderRole } from "../lib/cluster-config/topology.ts";
import type { Address } from "../lib/connection.ts";
import type { PasswordVersions } from "../lib/password-versions.ts";
import { RolePasswords } from "../provider/ecosphere/sdk.ts";
import { generatedPassword, type GeneratedPassword } from "./generated-password.ts";

/** The groups, which log in nowhere: who owns, who writes, who reads. */
export const groups = {
  owner: "commerce_owner",
  writer: "commerce_writer",
  reader: "commerce_reader",
} as const;

/**
 * How many connections a login may have, how long one statement may take, and how long a transaction may stand idle
 * and hold its locks. A session can give itself other times, so they stop what was forgotten, not who means harm.
 */
const limits = {
  app: { connections: 50, statementSeconds: 60, idleSeconds: 60 },
  reporting: { connections: 50, statementSeconds: 15 * 60, idleSeconds: 5 * 60 },
  // A seed's own sessions lift the first: VACUUM of a big shop takes hours.
  seeder: { connections: 20, statementSeconds: 60 * 60, idleSeconds: 10 * 60 },
  monitoring: { connections: 10, statementSeconds: 30, idleSeconds: 30 },
} as const;

export interface DatabaseRolesArgs {
  readonly stack: string;
  readonly provider: postgresql.Provider;
  readonly passwordVersions: PasswordVersions;
  /** Where the poolers listen that have to learn a new password, and the authorities that they are verified by. */
  readonly poolers: readonly Address[];
  readonly ca: pulumi.Output<string>;
  /** What a login finds unqualified names in. */
  readonly searchPath: string;
  /** What takes the roles along when it goes, so that they need no server to be destroyed. */
  readonly cluster: pulumi.Resource;
}

/** A role with which somebody logs in. */
export interface Login extends GeneratedPassword {
  readonly user: pulumi.Output<string>;
}

/**
 * The roles of the shop. Rights belong to the groups; a login has them by membership, through `Role.roles`
 * (a GrantRole beside it would show as drift after a refresh).
 */
export class DatabaseRoles extends pulumi.ComponentResource {
  readonly owner: postgresql.Role;
  readonly writer: postgresql.Role;
  readonly reader: postgresql.Role;
  /** The application: reads and writes. */
  readonly app: Login;
  /** Reads, and nothing else. */
  readonly reporting: Login;
  /** Fills the tables: writes, without the triggers of foreign keys, and truncates them. */
  readonly seeder: Login;
  /** Sees the server's statistics and no row of the shop. */
  readonly monitoring: Login;

  readonly #name: string;
  readonly #args: DatabaseRolesArgs;
  readonly #loginRoles: postgresql.Role[] = [];

  constructor(name: string, args: DatabaseRolesArgs, options?: pulumi.ComponentResourceOptions) {
    super("ecosphere:commerce:DatabaseRoles", name, {}, options);
    this.#name = name;
    this.#args = args;
    this.owner = this.#createGroup("owner", []);
    this.reader = this.#createGroup("reader", []);
    this.writer = this.#createGroup("writer", [this.reader.name]);
    this.app = this.#createLogin("app", [this.writer.name]);
    this.reporting = this.#createLogin("reporting", [this.reader.name]);
    this.seeder = this.#createLogin("seeder", [this.writer.name, loaderRole]);
    this.monitoring = this.#createLogin("monitoring", ["pg_monitor"]);
    this.#setPasswords();
    this.registerOutputs({});
  }

  #createGroup(group: keyof typeof groups, memberOf: pulumi.Input<string>[]): postgresql.Role {
    return new postgresql.Role(
      `${this.#name}-${group}`,
      { name: groups[group], login: false, ...(memberOf.length > 0 ? { roles: memberOf } : {}) },
      { parent: this, provider: this.#args.provider, deletedWith: this.#args.cluster },
    );
  }

  #createLogin(login: keyof typeof limits, memberOf: pulumi.Input<string>[]): Login {
    const { connections, statementSeconds, idleSeconds } = limits[login];
    const version = this.#args.passwordVersions[login];
    const password = generatedPassword(`${this.#name}-${login}-password`, version, this);
    const role = new postgresql.Role(
      `${this.#name}-${login}`,
      {
        name: login,
        login: true,
        roles: memberOf,
        connectionLimit: connections,
        statementTimeout: statementSeconds * 1000,
        idleInTransactionSessionTimeout: idleSeconds * 1000,
        searchPaths: [this.#args.searchPath],
      },
      { parent: this, provider: this.#args.provider, deletedWith: this.#args.cluster },
    );
    this.#loginRoles.push(role);
    return { user: role.name, ...password };
  }

  /** All of them by one resource: however many change, it is one transaction. */
  #setPasswords(): void {
    const { stack, passwordVersions, poolers, ca } = this.#args;
    const { app, reporting, seeder, monitoring } = this;
    new RolePasswords(
      `${this.#name}-passwords`,
      {
        stack,
        versions: {
          app: passwordVersions.app.version,
          reporting: passwordVersions.reporting.version,
          seeder: passwordVersions.seeder.version,
          monitoring: passwordVersions.monitoring.version,
        },
        passwords: {
          app: app.password,
          reporting: reporting.password,
          seeder: seeder.password,
          monitoring: monitoring.password,
        },
        poolers,
        ca,
      },
      { parent: this, dependsOn: this.#loginRoles },
    );
  }
}
