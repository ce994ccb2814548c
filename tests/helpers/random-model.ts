import { quoteIdentifier } from "../../lib/identifier.ts";
import type { Properties } from "../../provider/host/values.ts";
import { toProperties } from "../../provider/pgddl/plain-value.ts";
import type { BoundSpec, ReferentialAction } from "../../provider/pgddl/spec.ts";

/**
 * A schema as a program would declare it. Everything has a key of its own that outlives a rename, and refers to
 * other things by their keys; a text with `{}` in it is an expression over a column.
 */
export interface Model {
  readonly tables: readonly ModelTable[];
  /** Parents before children. */
  readonly partitions: readonly ModelPartition[];
  readonly indexes: readonly ModelIndex[];
  readonly foreignKeys: readonly ModelForeignKey[];
}

export interface ModelColumn {
  readonly key: string;
  readonly name: string;
  readonly type: string;
  /** The value of row `g`, as SQL; absent where the server gives it. */
  readonly sample?: string;
  readonly notNull: boolean;
  readonly default?: string | undefined;
  readonly identity?: "always" | "by default";
  readonly generated?: { readonly template: string; readonly column: string };
  readonly comment?: string | undefined;
}

export interface ModelKey {
  readonly key: string;
  readonly name: string;
  readonly columns: readonly string[];
}

export interface ModelCheck {
  readonly key: string;
  readonly name: string;
  readonly template: string;
  readonly column: string;
}

export interface ModelSplit {
  readonly strategy: "range" | "list" | "hash";
  readonly column: string;
}

export interface ModelTable {
  readonly key: string;
  readonly name: string;
  readonly columns: readonly ModelColumn[];
  readonly primaryKey?: ModelKey;
  readonly uniques: readonly ModelKey[];
  readonly checks: readonly ModelCheck[];
  readonly split?: ModelSplit;
  readonly comment?: string | undefined;
}

export interface ModelPartition {
  readonly key: string;
  readonly name: string;
  /** The partitioned table at the root. */
  readonly table: string;
  /** The table or partition right above. */
  readonly parent: string;
  readonly bound: BoundSpec;
  readonly split?: ModelSplit;
}

export interface ModelIndex {
  readonly key: string;
  readonly name: string;
  readonly table: string;
  readonly columns: readonly {
    readonly column: string;
    readonly template?: string;
    readonly order?: "desc";
  }[];
  readonly unique?: boolean;
  readonly include?: readonly string[];
  readonly where?: { readonly template: string; readonly column: string };
  readonly comment?: string | undefined;
}

export interface ModelForeignKey {
  readonly key: string;
  readonly name: string;
  readonly table: string;
  readonly column: string;
  readonly referenced: string;
  readonly onDelete?: ReferentialAction;
}

/** A resource of a program, in the order in which they are made. */
export interface ModelResource {
  readonly key: string;
  readonly type: "table" | "partition" | "index" | "foreignKey";
  readonly inputs: Properties;
}

/**
 * The resources of a model.
 * @param before what the program declared last, for the properties that say how to get from there to here
 */
export function resourcesOf(model: Model, before?: Model): readonly ModelResource[] {
  return [
    ...model.tables.map((table) => ({
      key: table.key,
      type: "table" as const,
      inputs: tableInputs(table, before),
    })),
    ...model.partitions.map((partition) => ({
      key: partition.key,
      type: "partition" as const,
      inputs: partitionInputs(partition, model, before),
    })),
    ...model.indexes.map((index) => ({
      key: index.key,
      type: "index" as const,
      inputs: indexInputs(index, model, before),
    })),
    ...model.foreignKeys.map((foreignKey) => ({
      key: foreignKey.key,
      type: "foreignKey" as const,
      inputs: foreignKeyInputs(foreignKey, model, before),
    })),
  ];
}

const shop = { schema: "shop", owner: "shop_owner" };

interface Named {
  readonly key: string;
  readonly name: string;
}

function renamed(here: Named, before: readonly Named[] | undefined): { renamedFrom?: string } {
  const there = before?.find(({ key }) => key === here.key);
  return there && there.name !== here.name ? { renamedFrom: there.name } : {};
}

/** The expression with the column's name in it. */
export function fill(template: string, column: string, table: ModelTable): string {
  return template.replaceAll("{}", quoteIdentifier(nameOf(table, column)));
}

export function nameOf(table: ModelTable, column: string): string {
  const found = table.columns.find(({ key }) => key === column);
  if (!found) throw new Error(`${table.name} has no column of the key ${column}`);
  return found.name;
}

export function tableOf(model: Model, key: string): ModelTable {
  const found = model.tables.find((table) => table.key === key);
  if (!found) throw new Error(`there is no table of the key ${key}`);
  return found;
}

function tableInputs(table: ModelTable, before: Model | undefined): Properties {
  const there = before?.tables.find(({ key }) => key === table.key);
  const names = (columns: readonly string[]): readonly string[] => columns.map((each) => nameOf(table, each));
  const splitInputs = table.split && { strategy: table.split.strategy, columns: names([table.split.column]) };
  const gone = there?.columns.filter(({ key }) => !table.columns.some((column) => column.key === key)) ?? [];
  return toProperties({
    ...shop,
    name: table.name,
    ...renamed(table, before?.tables),
    columns: table.columns.map((column) => {
      const { name, type, sample, generated, notNull, identity, comment } = column;
      const old = there?.columns.find(({ key }) => key === column.key);
      const isTightened = old !== undefined && !old.notNull && notNull;
      return {
        ...{ name, type, default: column.default, identity, comment },
        ...(notNull && { notNull }),
        ...(generated && { generated: fill(generated.template, generated.column, table) }),
        ...renamed(column, there?.columns),
        // The sample of row 1 is as good as any.
        ...(isTightened && sample !== undefined && { backfill: sample.replaceAll(/\bg\b/g, "1") }),
      };
    }),
    ...(table.primaryKey && {
      primaryKey: {
        name: table.primaryKey.name,
        columns: names(table.primaryKey.columns),
        ...renamed(table.primaryKey, there?.primaryKey && [there.primaryKey]),
      },
    }),
    uniques: table.uniques.map((unique) => ({
      name: unique.name,
      columns: names(unique.columns),
      ...renamed(unique, there?.uniques),
    })),
    checks: table.checks.map((check) => ({
      name: check.name,
      expression: fill(check.template, check.column, table),
      ...renamed(check, there?.checks),
    })),
    partitionBy: splitInputs,
    comment: table.comment,
    ...(gone.length > 0 && { allowDataLoss: gone.map(({ name }) => `column:${name}`) }),
  });
}

function partitionInputs(partition: ModelPartition, model: Model, before: Model | undefined): Properties {
  const table = tableOf(model, partition.table);
  const { split } = partition;
  return toProperties({
    ...shop,
    name: partition.name,
    ...renamed(partition, before?.partitions),
    parent: [table, ...model.partitions].find(({ key }) => key === partition.parent)?.name,
    bound: partition.bound,
    ...(split && { partitionBy: { strategy: split.strategy, columns: [nameOf(table, split.column)] } }),
  });
}

function indexInputs(index: ModelIndex, model: Model, before: Model | undefined): Properties {
  const table = tableOf(model, index.table);
  return toProperties({
    schema: shop.schema,
    table: table.name,
    name: index.name,
    ...renamed(index, before?.indexes),
    columns: index.columns.map(({ column, template, order }) => {
      if (template !== undefined) return { expression: fill(template, column, table) };
      return order ? { name: nameOf(table, column), order } : nameOf(table, column);
    }),
    unique: index.unique,
    ...(index.include && { include: index.include.map((each) => nameOf(table, each)) }),
    ...(index.where && { where: fill(index.where.template, index.where.column, table) }),
    comment: index.comment,
  });
}

function foreignKeyInputs(foreignKey: ModelForeignKey, model: Model, before: Model | undefined): Properties {
  const table = tableOf(model, foreignKey.table);
  const referenced = tableOf(model, foreignKey.referenced);
  return toProperties({
    schema: shop.schema,
    table: table.name,
    name: foreignKey.name,
    ...renamed(foreignKey, before?.foreignKeys),
    columns: [nameOf(table, foreignKey.column)],
    references: {
      table: referenced.name,
      columns: (referenced.primaryKey?.columns ?? []).map((each) => nameOf(referenced, each)),
    },
    onDelete: foreignKey.onDelete,
  });
}
