import * as pulumi from "@pulumi/pulumi";
import type {
  ForeignKeySpec,
  IndexSpec,
  PartitionSetSpec,
  PartitionSpec,
  SchemaSpec,
  TableSpec,
} from "./spec.ts";

/** Each property as it is, or as the output of another resource. */
type InputsOf<Spec> = { readonly [Key in keyof Spec]: pulumi.Input<Spec[Key]> };

export interface ProviderArgs {
  /** The unpooled endpoint: a transaction pooler loses the session settings that the provider relies on. */
  readonly host: pulumi.Input<string>;
  readonly port: pulumi.Input<number | string>;
  readonly database: pulumi.Input<string>;
  /** A member of every role that is to own a table; needs no superuser's rights. */
  readonly username: pulumi.Input<string>;
  /** Always kept as a secret. */
  readonly password: pulumi.Input<string>;
  /** Authorities by which the server is verified over TLS 1.3, as PEM. Default: a plain connection. */
  readonly ca?: pulumi.Input<string>;
  /** What pg_stat_activity shows. Default: `pgddl`. */
  readonly applicationName?: pulumi.Input<string>;
}

/** A connection to one database. Nothing connects before the first resource is looked at. */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs, options?: pulumi.ResourceOptions) {
    const { host, port, database, username, password, ca, applicationName } = args;
    super(
      "pgddl",
      name,
      {
        host,
        port: pulumi.output(port).apply(String),
        database,
        username,
        password: pulumi.secret(password),
        ...(ca === undefined ? {} : { ca }),
        ...(applicationName === undefined ? {} : { applicationName }),
      },
      options,
    );
  }
}

export type SchemaArgs = InputsOf<SchemaSpec>;
export type TableArgs = InputsOf<TableSpec>;
export type PartitionArgs = InputsOf<PartitionSpec>;
export type PartitionSetArgs = InputsOf<PartitionSetSpec>;
export type IndexArgs = InputsOf<IndexSpec>;
export type ForeignKeyArgs = InputsOf<Omit<ForeignKeySpec, "references">> & {
  readonly references: pulumi.Input<InputsOf<ForeignKeySpec["references"]>>;
};

/** A schema, dropped only when nothing is in it. Import by its name. */
export class Schema extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: SchemaArgs, options?: pulumi.CustomResourceOptions) {
    super("pgddl:index:Schema", name, { ...args }, options);
  }
}

/** A table, ordinary or partitioned. Import by `schema.table`. */
export class Table extends pulumi.CustomResource {
  declare readonly schema: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: TableArgs, options?: pulumi.CustomResourceOptions) {
    super("pgddl:index:Table", name, { ...args }, options);
  }
}

/** One partition of a partitioned table. Import by `schema.partition`. */
export class Partition extends pulumi.CustomResource {
  declare readonly schema: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: PartitionArgs, options?: pulumi.CustomResourceOptions) {
    super("pgddl:index:Partition", name, { ...args }, options);
  }
}

/** The partitions of one table as a rolling window. Import by `schema.table`. */
export class PartitionSet extends pulumi.CustomResource {
  declare readonly schema: pulumi.Output<string>;
  declare readonly parent: pulumi.Output<string>;

  constructor(name: string, args: PartitionSetArgs, options?: pulumi.CustomResourceOptions) {
    super("pgddl:index:PartitionSet", name, { ...args }, options);
  }
}

/** An index beside those that keys bring with them. Import by `schema.index`. */
export class Index extends pulumi.CustomResource {
  declare readonly schema: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: IndexArgs, options?: pulumi.CustomResourceOptions) {
    super("pgddl:index:Index", name, { ...args }, options);
  }
}

/** A foreign key, checked against the rows that are there. Import by `schema.table.constraint`. */
export class ForeignKey extends pulumi.CustomResource {
  declare readonly schema: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: ForeignKeyArgs, options?: pulumi.CustomResourceOptions) {
    super("pgddl:index:ForeignKey", name, { ...args }, options);
  }
}
