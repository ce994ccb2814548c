import type { Model, ModelColumn, ModelTable } from "./random-model.ts";
import { columnKinds, kindOf, type SchemaMaker } from "./random-schema.ts";

/** One kind of change of a program; undefined where there is nothing to change in that way. */
type Mutation = (model: Model, make: SchemaMaker) => Model | undefined;

/** The model after one to four random changes, and what they are called. */
export function mutate(
  model: Model,
  make: SchemaMaker,
): { readonly model: Model; readonly what: readonly string[] } {
  const wanted = 1 + make.random.below(4);
  const what: string[] = [];
  let changed = model;
  for (let tries = 0; what.length < wanted && tries < 50; tries += 1) {
    const [name, mutation] = make.random.pick(Object.entries(mutations));
    const next = mutation(changed, make);
    if (!next) continue;
    changed = next;
    what.push(name);
  }
  return { model: changed, what };
}

const mutations: Readonly<Record<string, Mutation>> = {
  "add a column": inTable((table, make) => {
    const column = make.column("c", make.random.pick(columnKinds));
    // Rows that are there have no value for it.
    const fits = column.default !== undefined || !column.notNull;
    return { ...table, columns: [...table.columns, fits ? column : { ...column, notNull: false }] };
  }),
  "drop a column": onFreeColumn((table, column) => ({
    ...table,
    columns: table.columns.filter(({ key }) => key !== column.key),
    checks: table.checks.filter((check) => check.column !== column.key),
  })),
  "rename a column": inTable((table, make) => {
    const column = make.random.pick(table.columns);
    return replaceColumn(table, { ...column, name: make.name("renamed") });
  }),
  "change a type": onFreeColumn((table, column, make) => {
    const becomes = kindOf(column)?.becomes;
    // What the server makes of a list of values depends on the type that they had when it first read them.
    const isListed = table.checks.some(
      (check) => check.column === column.key && check.template.includes(" in ("),
    );
    if (!becomes || isListed) return undefined;
    return replaceColumn(table, { ...column, type: make.random.pick(becomes) });
  }),
  "change a default": inTable((table, make) => {
    const column = make.random.pick(table.columns);
    const defaults = kindOf(column)?.defaults ?? [];
    if (defaults.length === 0) return undefined;
    return replaceColumn(table, {
      ...column,
      default: make.random.chance(0.3) ? undefined : make.random.pick(defaults),
    });
  }),
  "change NOT NULL": inTable((table, make) => {
    const inKey = table.primaryKey?.columns ?? [];
    const free = table.columns.filter(({ key, sample }) => !inKey.includes(key) && sample !== undefined);
    if (free.length === 0) return undefined;
    const column = make.random.pick(free);
    return replaceColumn(table, { ...column, notNull: !column.notNull });
  }),
  "change a comment": inTable((table, make) => {
    return { ...table, comment: table.comment === undefined ? `new ${make.random.below(9)}` : undefined };
  }),
  "change a column's comment": inTable((table, make) => {
    const column = make.random.pick(table.columns);
    return replaceColumn(table, { ...column, comment: `new ${make.random.below(9)}` });
  }),
  "add a check": inTable((table, make) => {
    const check = make.check(make.random.pick(table.columns));
    return check && { ...table, checks: [...table.checks, check] };
  }),
  "drop a check": inTable((table) =>
    table.checks.length === 0 ? undefined : { ...table, checks: table.checks.slice(1) },
  ),
  "rename a check": inTable((table, make) => {
    const [first, ...rest] = table.checks;
    return first && { ...table, checks: [{ ...first, name: make.name("check") }, ...rest] };
  }),
  "change a check": inTable((table, make) => {
    const [first, ...rest] = table.checks;
    const column = table.columns.find(({ key }) => key === first?.column);
    const other = column && make.check(column);
    return first && other && { ...table, checks: [{ ...first, template: other.template }, ...rest] };
  }),
  "add a unique": inTable((table, make) => {
    const unique = make.unique(table);
    return unique && { ...table, uniques: [...table.uniques, unique] };
  }),
  "drop a unique": inTable((table) =>
    table.uniques.length === 0 ? undefined : { ...table, uniques: table.uniques.slice(1) },
  ),
  "rename a table": inTable((table, make) => ({ ...table, name: make.name("renamed") })),
  "add a table": (model, make) => {
    const table = make.table();
    const partitions = [...model.partitions, ...make.partitions(table)];
    return { ...model, tables: [...model.tables, table], partitions };
  },
  "add a partition": (model, make) => {
    const tables = model.tables.filter(({ split }) => split);
    const partition = tables.length === 0 ? undefined : make.partition(make.random.pick(tables));
    const isThere = model.partitions.some(
      (each) => JSON.stringify(each.bound) === JSON.stringify(partition?.bound),
    );
    return partition && !isThere ? { ...model, partitions: [...model.partitions, partition] } : undefined;
  },
  "remove a partition": (model, make) => {
    const leaves = model.partitions.filter(
      ({ key, split }) => !split && !model.partitions.some((each) => each.parent === key),
    );
    if (leaves.length === 0) return undefined;
    const gone = make.random.pick(leaves);
    return { ...model, partitions: model.partitions.filter(({ key }) => key !== gone.key) };
  },
  "rename a partition": (model, make) => {
    if (model.partitions.length === 0) return undefined;
    const partition = make.random.pick(model.partitions);
    return { ...model, partitions: replace(model.partitions, { ...partition, name: make.name("renamed") }) };
  },
  "add an index": (model, make) => ({
    ...model,
    indexes: [...model.indexes, make.index(make.random.pick(model.tables))],
  }),
  "drop an index": (model) =>
    model.indexes.length === 0 ? undefined : { ...model, indexes: model.indexes.slice(1) },
  "rename an index": (model, make) => {
    const [first, ...rest] = model.indexes;
    return first && { ...model, indexes: [{ ...first, name: make.name("renamed") }, ...rest] };
  },
  "change an index": (model, make) => {
    const [first, ...rest] = model.indexes;
    const table = model.tables.find(({ key }) => key === first?.table);
    if (!first || !table) return undefined;
    const { columns } = make.index(table);
    return { ...model, indexes: [{ ...first, columns }, ...rest] };
  },
  "add a foreign key": (model, make) => {
    const table = make.random.pick(model.tables);
    const foreignKey = make.foreignKey(table, model.tables);
    return foreignKey && { ...model, foreignKeys: [...model.foreignKeys, foreignKey] };
  },
  "drop a foreign key": (model) =>
    model.foreignKeys.length === 0 ? undefined : { ...model, foreignKeys: model.foreignKeys.slice(1) },
  "change a foreign key": (model, make) => {
    const [first, ...rest] = model.foreignKeys;
    const actions = ["cascade", "set null", "restrict", "no action"] as const;
    return first && { ...model, foreignKeys: [{ ...first, onDelete: make.random.pick(actions) }, ...rest] };
  },
};

function inTable(
  change: (table: ModelTable, make: SchemaMaker, model: Model) => ModelTable | undefined,
): Mutation {
  return (model, make) => {
    const table = change(make.random.pick(model.tables), make, model);
    return table && { ...model, tables: replace(model.tables, table) };
  };
}

/** A change of a column that nothing but checks refers to. */
function onFreeColumn(
  change: (table: ModelTable, column: ModelColumn, make: SchemaMaker) => ModelTable | undefined,
): Mutation {
  return inTable((table, make, model) => {
    const used = new Set([
      ...(table.primaryKey?.columns ?? []),
      ...table.uniques.flatMap(({ columns }) => columns),
      ...table.columns.flatMap(({ generated }) => (generated ? [generated.column] : [])),
      ...(table.split ? [table.split.column] : []),
      ...model.indexes.flatMap((index) => [
        ...index.columns.map(({ column }) => column),
        ...(index.include ?? []),
        ...(index.where ? [index.where.column] : []),
      ]),
      ...model.foreignKeys.map(({ column }) => column),
    ]);
    // The first column is the key of the rows, and of inner partitions.
    const free = table.columns.slice(1).filter(({ key }) => !used.has(key));
    return free.length === 0 ? undefined : change(table, make.random.pick(free), make);
  });
}

function replaceColumn(table: ModelTable, column: ModelColumn): ModelTable {
  return { ...table, columns: replace(table.columns, column) };
}

function replace<T extends { readonly key: string }>(items: readonly T[], item: T): readonly T[] {
  return items.map((each) => (each.key === item.key ? item : each));
}
