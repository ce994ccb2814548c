import type {
  Model,
  ModelCheck,
  ModelColumn,
  ModelForeignKey,
  ModelIndex,
  ModelPartition,
  ModelSplit,
  ModelTable,
} from "./random-model.ts";
import type { RandomSource } from "./random-source.ts";

/** A type with what goes with it. Every sample satisfies every check. */
export interface ColumnKind {
  readonly type: string;
  readonly sample?: string;
  readonly defaults?: readonly string[];
  readonly checks?: readonly string[];
  readonly identity?: "always" | "by default";
  /** What it can become with all its samples. */
  readonly becomes?: readonly string[];
}

export const columnKinds: readonly ColumnKind[] = [
  {
    ...{
      type: "integer",
      sample: "1 + g % 9",
      defaults: ["0", "1 + 1", "'7'"],
      becomes: ["bigint", "numeric"],
    },
    checks: [
      "{} > 0",
      "{} between 1 and 9",
      "{} in (1, 2, 3, 4, 5, 6, 7, 8, 9)",
      "{} <> 13 and {} * 2 < 100",
    ],
  },
  { type: "bigint", sample: "g", defaults: ["-1"], checks: ["{} >= 0 or {} is null"], becomes: ["integer"] },
  { type: "smallint", sample: "g % 9", becomes: ["integer"] },
  {
    ...{
      type: "text",
      sample: "'t' || g",
      defaults: ["''", "'it''s'", "CURRENT_USER"],
      becomes: ["varchar(50)"],
    },
    checks: ["length({}) < 100", "{} ~ '^t'", "{} like 't%'", "lower({}) = {}"],
  },
  {
    type: "varchar(20)",
    sample: "'v' || g",
    defaults: ["'x'"],
    becomes: ["varchar(40)", "text", "varchar(10)"],
  },
  { type: "char(3)", sample: "'abc'", becomes: ["text"] },
  {
    ...{ type: "decimal(8,2)", sample: "g + 0.25", defaults: ["0", "1.5"] },
    ...{ checks: ["{} > 0.1"], becomes: ["numeric(10,2)", "numeric", "numeric(6,2)"] },
  },
  { type: "boolean", sample: "g % 2 = 0", defaults: ["true", "false"] },
  {
    type: "date",
    sample: "date '2024-01-01' + g",
    defaults: ["CURRENT_DATE", "'2024-02-03'"],
    becomes: ["timestamp"],
  },
  { type: "timestamp", sample: "timestamp '2024-01-01' + g * interval '1 h'", defaults: ["now()"] },
  {
    type: "timestamptz",
    sample: "timestamptz '2024-01-01 00:00Z' + g * interval '1 h'",
    defaults: ["now()"],
  },
  { type: "time", sample: "time '10:00'" },
  { type: "interval", sample: "g * interval '1 day'", defaults: ["'1 day'"] },
  { type: "uuid", sample: "md5(g::text)::uuid", defaults: ["gen_random_uuid()"] },
  {
    type: "jsonb",
    sample: "jsonb_build_object('g', g)",
    defaults: ["'{}'"],
    checks: ["jsonb_typeof({}) = 'object'"],
  },
  { type: "text[]", sample: "ARRAY['a', g::text]", defaults: ["'{}'", "ARRAY['a', 'b']"] },
  { type: "bytea", sample: "decode(md5(g::text), 'hex')" },
  { type: "double precision", sample: "g / 3.0", defaults: ["0.5"] },
  { type: "inet", sample: "inet '10.0.0.0' + g" },
];

const keyKinds: readonly ColumnKind[] = [
  { type: "integer", sample: "g" },
  { type: "bigint", sample: "g" },
  { type: "serial" },
  { type: "bigserial" },
  { type: "integer", identity: "always" },
  { type: "bigint", identity: "by default" },
];

const comments = ["a comment", "it's", 'é ☃ \\ "q"', "two\nlines"];

/** The kind that the column was made of, and no other of the same type. */
export function kindOf({ type, sample }: ModelColumn): ColumnKind | undefined {
  return columnKinds.find((kind) => kind.type === type && kind.sample === sample);
}

/** Makes things with fresh keys and names. */
export class SchemaMaker {
  readonly random: RandomSource;
  #made = 0;

  constructor(random: RandomSource) {
    this.random = random;
  }

  schema(): Model {
    const tables = Array.from({ length: 1 + this.random.below(3) }, () => this.table());
    const partitions = tables.flatMap((table) => this.partitions(table));
    const indexes = tables.flatMap((table) =>
      Array.from({ length: this.random.below(3) }, () => this.index(table)),
    );
    const foreignKeys = tables.flatMap((table) => this.foreignKey(table, tables) ?? []);
    return { tables, partitions, indexes, foreignKeys };
  }

  name(what: string): string {
    this.#made += 1;
    const plain = `${what}_${this.#made}`;
    return this.random.chance(0.15) ? `Odd "${what}" ${this.#made}` : plain;
  }

  table(): ModelTable {
    const { random } = this;
    const split = random.chance(0.4) ? random.pick(["range", "list", "hash"] as const) : undefined;
    const id = this.column("id", split ? random.pick(keyKinds.slice(0, 2)) : random.pick(keyKinds), true);
    const kind = random.pick([
      { type: "integer", sample: "g % 20" },
      { type: "date", sample: "date '2024-01-01' + g % 20" },
    ]);
    const splitter =
      split && this.column("part", split === "range" ? kind : { type: "integer", sample: "g % 20" }, true);
    const others = Array.from({ length: 1 + random.below(5) }, () =>
      this.column("c", random.pick(columnKinds)),
    );
    const numbers = others.filter(({ type }) => type === "integer");
    const columns: readonly ModelColumn[] = [
      id,
      ...(splitter ? [splitter] : []),
      ...others,
      ...random.some(numbers, 0.3).map((base) => this.generated(base)),
    ];
    const keyColumns = [id.key, ...(splitter ? [splitter.key] : [])];
    const table: ModelTable = {
      ...{ key: this.#key(), name: this.name("table"), columns, uniques: [], checks: [] },
      ...(random.chance(0.8) && {
        primaryKey: { key: this.#key(), name: this.name("pkey"), columns: keyColumns },
      }),
      ...(split && splitter && { split: { strategy: split, column: splitter.key } }),
      ...(random.chance(0.3) && { comment: random.pick(comments) }),
    };
    const uniques = random.chance(0.3) ? [this.unique(table) ?? []].flat() : [];
    return {
      ...table,
      uniques,
      checks: random.some(columns, 0.5).flatMap((column) => this.check(column) ?? []),
    };
  }

  column(what: string, kind: ColumnKind, isKey = false): ModelColumn {
    const { random } = this;
    const { type, sample, identity, defaults = [] } = kind;
    const isNumbered = sample === undefined;
    return {
      ...{ key: this.#key(), name: this.name(what), type },
      notNull: isKey || isNumbered || random.chance(0.4),
      ...(sample !== undefined && { sample }),
      ...(identity && { identity }),
      ...(!isKey && defaults.length > 0 && random.chance(0.4) && { default: random.pick(defaults) }),
      ...(random.chance(0.15) && { comment: random.pick(comments) }),
    };
  }

  generated(base: ModelColumn): ModelColumn {
    return {
      ...{ key: this.#key(), name: this.name("g"), type: "bigint", notNull: false },
      generated: { template: "{} * 2", column: base.key },
    };
  }

  /** Of its key with a further column, so that the rows keep it. */
  unique(table: ModelTable): ModelTable["uniques"][number] | undefined {
    const [id, second] = table.columns;
    const more = table.columns.filter(
      ({ key, type }) =>
        ![id?.key, second?.key].includes(key) &&
        !type.startsWith("json") &&
        !table.uniques.some(({ columns }) => columns[0] === key),
    );
    if (more.length === 0) return undefined;
    const inKey = [id, ...(table.split ? [second] : [])].flatMap((column) => (column ? [column.key] : []));
    return { key: this.#key(), name: this.name("key"), columns: [this.random.pick(more).key, ...inKey] };
  }

  check(column: ModelColumn): ModelCheck | undefined {
    const templates = kindOf(column)?.checks ?? [];
    if (templates.length === 0) return undefined;
    return {
      key: this.#key(),
      name: this.name("check"),
      template: this.random.pick(templates),
      column: column.key,
    };
  }

  partitions(table: ModelTable): readonly ModelPartition[] {
    const { split } = table;
    if (!split) return [];
    const { random } = this;
    const type = table.columns.find(({ key }) => key === split.column)?.type ?? "";
    const first: ModelPartition[] = bounds(split, type).map((bound) => ({
      ...{ key: this.#key(), name: this.name("part"), table: table.key, parent: table.key, bound },
    }));
    const [top] = first;
    const id = table.columns[0]?.key;
    if (!top || id === undefined || !random.chance(0.3)) return first;
    const inner: ModelSplit = { strategy: "hash", column: id };
    const leaves = bounds(inner, "").map((bound) => ({
      ...{ key: this.#key(), name: this.name("leaf"), table: table.key, parent: top.key, bound },
    }));
    return [{ ...top, split: inner }, ...first.slice(1), ...leaves];
  }

  /** One more partition, of a bound that no other has. */
  partition(table: ModelTable): ModelPartition | undefined {
    const type = table.columns.find(({ key }) => key === table.split?.column)?.type ?? "";
    if (!table.split || table.split.strategy === "hash") return undefined;
    const bound = table.split.strategy === "list" ? { in: ["100", "101"] } : range(type, 50, 60);
    return { key: this.#key(), name: this.name("part"), table: table.key, parent: table.key, bound };
  }

  index(table: ModelTable): ModelIndex {
    const { random } = this;
    const usable = table.columns.filter(({ type }) => type !== "jsonb" && type !== "bytea");
    const column = random.pick(usable);
    const template = column.type === "text" && random.chance(0.5) ? "lower({})" : undefined;
    const others = usable.filter(({ key }) => key !== column.key);
    const nullable = table.columns.find(({ notNull }) => !notNull);
    return {
      ...{ key: this.#key(), name: this.name("index"), table: table.key },
      columns: [
        {
          column: column.key,
          ...(template !== undefined && { template }),
          ...(template === undefined && random.chance(0.3) && { order: "desc" as const }),
        },
      ],
      ...(others.length > 0 && random.chance(0.3) && { include: [random.pick(others).key] }),
      ...(nullable && random.chance(0.3) && { where: { template: "{} is not null", column: nullable.key } }),
      ...(random.chance(0.2) && { comment: random.pick(comments) }),
    };
  }

  foreignKey(table: ModelTable, tables: readonly ModelTable[]): ModelForeignKey | undefined {
    const { random } = this;
    const targets = tables.filter(({ split, primaryKey }) => !split && primaryKey);
    const columns = table.columns.filter(({ sample }) => sample === "1 + g % 9");
    if (targets.length === 0 || columns.length === 0 || random.chance(0.3)) return undefined;
    return {
      ...{ key: this.#key(), name: this.name("fk"), table: table.key, column: random.pick(columns).key },
      referenced: random.pick(targets).key,
      ...(random.chance(0.4) && { onDelete: random.pick(["cascade", "set null", "restrict"] as const) }),
    };
  }

  #key(): string {
    this.#made += 1;
    return `k${this.#made}`;
  }
}

/** Bounds that take the samples from 0 to 19. */
function bounds(split: ModelSplit, type: string): readonly ModelPartition["bound"][] {
  const { strategy } = split;
  if (strategy === "hash") return [0, 1].map((remainder) => ({ modulus: 2, remainder }));
  if (strategy === "list") {
    const values = Array.from({ length: 20 }, (_, at) => String(at));
    return [{ in: values.slice(0, 10) }, { in: values.slice(10) }];
  }
  return [range(type, 0, 10), range(type, 10, 20)];
}

function range(type: string, from: number, to: number): ModelPartition["bound"] {
  const text = (at: number): string =>
    type === "date" ? new Date(Date.UTC(2024, 0, 1 + at)).toISOString().slice(0, 10) : String(at);
  return { from: [text(from)], to: [text(to)] };
}
