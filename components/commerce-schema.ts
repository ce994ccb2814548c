import * as pulumi from "@pulumi/pulumi";
import {
  commerceIndexes,
  commerceTables,
  foreignKeyIndexes,
  foreignKeyName,
  seedTables,
  type CommerceIndex,
  type CommerceTable,
} from "../lib/commerce-model.ts";
import { partitionsBetween } from "../lib/partition-bounds.ts";
import type { Settings } from "../lib/settings.ts";
import * as pgddl from "../provider/pgddl/sdk.ts";

export interface CommerceSchemaArgs {
  readonly provider: pgddl.Provider;
  readonly schema: pulumi.Input<string>;
  readonly seedSchema: pulumi.Input<string>;
  /** The role that owns every table. */
  readonly owner: pulumi.Input<string>;
  readonly settings: Settings;
  /** What takes the tables along when it goes: rows or not, they need no server to be destroyed. */
  readonly cluster: pulumi.Resource;
  /** Default privileges reach only the tables that are made after them. */
  readonly privileges: readonly pulumi.Resource[];
}

/**
 * The nine tables of the shop with their foreign keys, the indexes of keys and queries, and the partitions of
 * `users`; and the record of the seeds.
 */
export class CommerceSchema extends pulumi.ComponentResource {
  readonly #args: CommerceSchemaArgs;
  readonly #tables = new Map<string, pgddl.Table>();

  constructor(name: string, args: CommerceSchemaArgs, options?: pulumi.ComponentResourceOptions) {
    super("ecosphere:commerce:Schema", name, {}, options);
    this.#args = args;
    for (const table of commerceTables) {
      this.#tables.set(table.name, this.#createTable(table, table.name, args.schema));
    }
    for (const table of seedTables) this.#createTable(table, `seed-${table.name}`, args.seedSchema);
    for (const table of commerceTables) {
      this.#createPartitions(table);
      this.#createForeignKeys(table);
    }
    this.#createIndexes(commerceIndexes);
    this.registerOutputs({});
  }

  #createTable(table: CommerceTable, resource: string, schema: pulumi.Input<string>): pgddl.Table {
    const { name, columns, checks, comment, partitionBy, primaryKey } = table;
    return new pgddl.Table(
      resource,
      {
        schema,
        name,
        owner: this.#args.owner,
        columns,
        primaryKey: { columns: primaryKey },
        comment,
        ...(checks ? { checks } : {}),
        ...(partitionBy ? { partitionBy } : {}),
      },
      {
        ...this.#options(),
        dependsOn: [...this.#args.privileges],
        protect: this.#args.settings.isProtected,
      },
    );
  }

  #createPartitions(table: CommerceTable): void {
    if (!table.partitionBy) return;
    const { isProtected, partitionFrom, partitionInterval, partitionTo } = this.#args.settings;
    for (const { suffix, from, to } of partitionsBetween(partitionInterval, partitionFrom, partitionTo)) {
      const name = `${table.name}_${suffix}`;
      new pgddl.Partition(
        name,
        {
          schema: this.#args.schema,
          name,
          parent: table.name,
          owner: this.#args.owner,
          bound: { from: [from], to: [to] },
        },
        { ...this.#options(), dependsOn: this.#table(table.name), protect: isProtected },
      );
    }
  }

  #createForeignKeys(table: CommerceTable): void {
    this.#createIndexes(foreignKeyIndexes(table));
    for (const key of table.foreignKeys) {
      const constraint = foreignKeyName(table.name, key);
      new pgddl.ForeignKey(
        constraint,
        {
          schema: this.#args.schema,
          table: table.name,
          name: constraint,
          columns: key.columns,
          references: { table: key.table, columns: key.referenced },
        },
        { ...this.#options(), dependsOn: [this.#table(table.name), this.#table(key.table)] },
      );
    }
  }

  #createIndexes(indexes: readonly CommerceIndex[]): void {
    for (const index of indexes) {
      new pgddl.Index(
        index.name,
        { schema: this.#args.schema, ...index },
        { ...this.#options(), dependsOn: this.#table(index.table) },
      );
    }
  }

  #table(name: string): pgddl.Table {
    const table = this.#tables.get(name);
    if (!table) throw new Error(`the model has no table ${name}`);
    return table;
  }

  #options(): pulumi.CustomResourceOptions {
    return { parent: this, provider: this.#args.provider, deletedWith: this.#args.cluster };
  }
}
