import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { databaseName, schemaName, seedSchemaName } from "../lib/commerce-model.ts";
import type { DatabaseRoles } from "./database-roles.ts";

export interface CommerceDatabaseArgs {
  readonly provider: postgresql.Provider;
  readonly roles: DatabaseRoles;
  /** What takes the database along when it goes. */
  readonly cluster: pulumi.Resource;
  readonly isProtected: boolean;
}

/**
 * The database `e-commerce` with its schema, and who may do what in it. Rights on tables are default
 * privileges: they hold for every table and partition that the owner makes from then on.
 */
export class CommerceDatabase extends pulumi.ComponentResource {
  readonly database: postgresql.Database;
  readonly schema: postgresql.Schema;
  /** Where the seeds are on record. */
  readonly seedSchema: postgresql.Schema;
  /** What must be in force before the first table is made. */
  readonly privileges: readonly pulumi.Resource[];

  readonly #name: string;
  readonly #args: CommerceDatabaseArgs;

  constructor(name: string, args: CommerceDatabaseArgs, options?: pulumi.ComponentResourceOptions) {
    super("ecosphere:commerce:Database", name, {}, options);
    this.#name = name;
    this.#args = args;
    const { owner, writer, reader, seeder, monitoring } = args.roles;

    this.database = new postgresql.Database(
      `${name}-e-commerce`,
      {
        name: databaseName,
        owner: owner.name,
        encoding: "UTF8",
        lcCollate: "C.UTF-8",
        lcCtype: "C.UTF-8",
        template: "template0",
      },
      { ...this.#options(), protect: args.isProtected },
    );
    this.schema = this.#createSchema(schemaName);
    this.seedSchema = this.#createSchema(seedSchemaName);

    // PUBLIC may connect, make temporary tables and look into the schema public, unless it is told otherwise.
    this.#grant("public-database", "public", "database", []);
    this.#grant("public-schema", "public", "schema", [], "public");
    this.#grant("reader-database", reader.name, "database", ["CONNECT"]);
    this.#grant("monitoring-database", monitoring.user, "database", ["CONNECT"]);
    this.#grant("reader-schema", reader.name, "schema", ["USAGE"], this.schema.name);
    this.#grant("reader-seed", reader.name, "schema", ["USAGE"], this.seedSchema.name);
    this.privileges = [
      this.#grantFuture("reader-tables", reader.name, "table", ["SELECT"]),
      this.#grantFuture("writer-tables", writer.name, "table", ["DELETE", "INSERT", "UPDATE"]),
      this.#grantFuture("writer-sequences", writer.name, "sequence", ["SELECT", "USAGE"]),
      this.#grantFuture("seeder-tables", seeder.user, "table", ["TRUNCATE"]),
      this.#grantFuture("seeder-sequences", seeder.user, "sequence", ["UPDATE"]),
      this.#grantFuture("reader-seed-tables", reader.name, "table", ["SELECT"], this.seedSchema),
      this.#grantFuture(
        "seeder-seed-tables",
        seeder.user,
        "table",
        ["DELETE", "INSERT", "UPDATE"],
        this.seedSchema,
      ),
    ];
    this.registerOutputs({ database: this.database.name, schema: this.schema.name });
  }

  #createSchema(schema: string): postgresql.Schema {
    return new postgresql.Schema(
      `${this.#name}-${schema}`,
      { name: schema, database: this.database.name, owner: this.#args.roles.owner.name },
      this.#options(),
    );
  }

  #grant(
    suffix: string,
    role: pulumi.Input<string>,
    objectType: "database" | "schema",
    privileges: string[],
    schema?: pulumi.Input<string>,
  ): void {
    new postgresql.Grant(
      `${this.#name}-${suffix}`,
      {
        database: this.database.name,
        role,
        objectType,
        privileges,
        ...(schema === undefined ? {} : { schema }),
      },
      // The new grant of a replacement comes first by default, and the old one's removal takes it away again.
      { ...this.#options(), deleteBeforeReplace: true },
    );
  }

  #grantFuture(
    suffix: string,
    role: pulumi.Input<string>,
    objectType: "table" | "sequence",
    privileges: string[],
    schema = this.schema,
  ): pulumi.Resource {
    return new postgresql.DefaultPrivileges(
      `${this.#name}-${suffix}`,
      {
        database: this.database.name,
        schema: schema.name,
        owner: this.#args.roles.owner.name,
        role,
        objectType,
        privileges,
      },
      { ...this.#options(), deleteBeforeReplace: true },
    );
  }

  #options(): pulumi.CustomResourceOptions {
    return { parent: this, provider: this.#args.provider, deletedWith: this.#args.cluster };
  }
}
