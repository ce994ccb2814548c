import { tableKind } from "../../provider/pgddl/kinds/table-kind.ts";
import type { ColumnSpec, TableSpec } from "../../provider/pgddl/spec.ts";
import type { Scenario } from "./lock-scenarios.ts";

type Edit = (spec: TableSpec) => TableSpec;

const change = (name: string, what: string, edit: Edit, rest: Partial<Scenario> = {}): Scenario => ({
  name: `${name}: ${what}`,
  plan: (planner) => planner.change(tableKind, `shop.${name}`, edit),
  ...rest,
});
const add =
  (column: Omit<ColumnSpec, "name">, rest: Partial<TableSpec> = {}): Edit =>
  (spec) => ({ ...spec, columns: [...spec.columns, { name: "c", ...column }], ...rest });
const edit =
  (name: string, part: Partial<ColumnSpec>, rest: Partial<TableSpec> = {}): Edit =>
  (spec) => ({
    ...spec,
    columns: spec.columns.map((column) => (column.name === name ? { ...column, ...part } : column)),
    ...rest,
  });
const drop =
  (name: string, rest: Partial<TableSpec> = {}): Edit =>
  (spec) => ({ ...spec, columns: spec.columns.filter((column) => column.name !== name), ...rest });
const forget =
  (name: string, ...keys: readonly (keyof ColumnSpec)[]): Edit =>
  (spec) => ({
    ...spec,
    columns: spec.columns.map((column) => {
      const rest = { ...column };
      if (column.name === name) for (const key of keys) Reflect.deleteProperty(rest, key);
      return rest;
    }),
  });
/** The same of the ordinary table and of the partitioned one. @param text the name of the latter's text column */
const both = (
  what: string,
  of: (text: string, number: string) => Edit,
  rest: Partial<Scenario> = {},
): Scenario[] => {
  const setup = `ALTER TABLE event ADD n int; UPDATE event SET n = kind; ${rest.setup ?? ""}`;
  return [
    change("item", what, of("note", "shelf"), { ...rest, setup }),
    change("event", what, of("body", "n"), { ...rest, setup }),
  ];
};

const wide: readonly Scenario[] = [
  ...both("add a nullable column", () => add({ type: "int" })),
  ...both("add a column with a constant", () => add({ type: "int", notNull: true, default: "7" })),
  ...both("add a column with now()", () => add({ type: "timestamptz", default: "now()" })),
  ...both("add a column with all its details", () =>
    add({ type: "text", collation: "C", comment: "c", statistics: 5, storage: "main" }),
  ),
  ...both("add a uuid", () => add({ type: "uuid", default: "gen_random_uuid()" })),
  ...both("add a serial", () => add({ type: "serial" })),
  change("item", "add an identity", add({ type: "int", identity: "always" })),
  change("event", "add an identity", add({ type: "int", identity: "always" }), { since: 17 }),
  ...both("add a stored generated column", (text) => add({ type: "text", generated: `upper(${text})` })),
  ...both(
    "add a virtual generated column",
    (text) => add({ type: "text", generated: `upper(${text})`, isVirtual: true }),
    {
      since: 18,
    },
  ),
  ...both("add a domain with a check", () => add({ type: "shop.positive" }), {
    setup: "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
  }),
  ...both("add a domain without one", () => add({ type: "shop.loose" }), {
    setup: "CREATE DOMAIN loose AS int",
  }),
  ...both("add a filled column", () => add({ type: "text", notNull: true, backfill: "'x'" })),
  ...both("set a default", (_text, number) => edit(number, { default: "3" })),
  ...both("drop a default", (text) => forget(text, "default"), {
    setup: "ALTER TABLE item ALTER note SET DEFAULT 'x'; ALTER TABLE event ALTER body SET DEFAULT 'x'",
  }),
  ...both("set NOT NULL", (_text, number) => edit(number, { notNull: true })),
  ...both("set NOT NULL with nulls", (text) => edit(text, { notNull: true, backfill: "'x'" }), {
    setup: "UPDATE event SET body = NULL",
  }),
  ...both("drop NOT NULL", (_text, number) => forget(number, "notNull"), {
    setup: "ALTER TABLE item ALTER shelf SET NOT NULL; ALTER TABLE event ALTER n SET NOT NULL",
  }),
  ...both("comment on a column", (text) => edit(text, { comment: "c" })),
  ...both("statistics of a column", (text) => edit(text, { statistics: 5 })),
  ...both("storage of a column", (text) => edit(text, { storage: "external" })),
  ...both("collation of a column", (text) => edit(text, { collation: "C" })),
  ...both("rename a column", (text) => edit(text, { name: "c", renamedFrom: text })),
  ...both("add an identity to a column", (_text, number) =>
    edit(number, { notNull: true, identity: "always" }),
  ),
  ...both("change an identity", (_text, number) => edit(number, { identity: "by default" }), {
    setup: `
      ALTER TABLE item ALTER shelf SET NOT NULL, ALTER shelf ADD GENERATED ALWAYS AS IDENTITY;
      ALTER TABLE event ALTER n SET NOT NULL, ALTER n ADD GENERATED ALWAYS AS IDENTITY`,
  }),
  ...both("drop an identity", (_text, number) => forget(number, "identity"), {
    setup: `
      ALTER TABLE item ALTER shelf SET NOT NULL, ALTER shelf ADD GENERATED ALWAYS AS IDENTITY;
      ALTER TABLE event ALTER n SET NOT NULL, ALTER n ADD GENERATED ALWAYS AS IDENTITY`,
  }),
  ...both("change a generated expression", (text) => edit("g", { generated: `lower(${text})` }), {
    since: 17,
    setup: `
      ALTER TABLE item ADD g text GENERATED ALWAYS AS (upper(note)) STORED;
      ALTER TABLE event ADD g text GENERATED ALWAYS AS (upper(body)) STORED`,
  }),
  change("item", "drop a generated expression", forget("g", "generated"), {
    setup: "ALTER TABLE item ADD g text GENERATED ALWAYS AS (upper(note)) STORED",
  }),
  change("event", "drop a generated expression", forget("g", "generated"), {
    since: 17,
    setup: "ALTER TABLE event ADD g text GENERATED ALWAYS AS (upper(body)) STORED",
  }),
  ...both("drop an empty column", (text) => drop(text), { setup: "UPDATE event SET body = NULL" }),
  ...both("drop a column by name", (text) => drop(text, { allowDataLoss: [`column:${text}`] })),
  ...both("drop a column after copying it", (text) => drop(text, { archiveTo: { [text]: "kept_copy" } })),
  ...both("widen an integer", (_text, number) => edit(number, { type: "bigint" })),
  ...both("shorten a text", (text) => edit(text, { type: "varchar(9)" })),
];

const numbered =
  "CREATE TABLE numbered (id serial PRIMARY KEY, a int); INSERT INTO numbered (a) SELECT generate_series(1, 50)";
const typed = (from: string): string => `
  CREATE TABLE typed (id int PRIMARY KEY, v ${from}, CONSTRAINT typed_ok CHECK (id > 0));
  INSERT INTO typed (id) SELECT generate_series(1, 50)`;
const type = (
  from: string,
  to: string,
  rest: Partial<ColumnSpec> = {},
  more: Partial<TableSpec> = {},
  setup = "",
): Scenario =>
  change("typed", `${from} becomes ${to}`, edit("v", { type: to, ...rest }, more), {
    setup: `${typed(from)};${setup}`,
  });

/** Every class of the change of a column, on an ordinary table and a partitioned one. */
export const columnScenarios: readonly Scenario[] = [
  ...wide,
  change("numbered", "serial becomes bigserial", edit("id", { type: "bigserial" }), { setup: numbered }),
  change("numbered", "serial becomes identity", edit("id", { type: "int", identity: "always" }), {
    setup: numbered,
  }),
  change("numbered", "serial becomes integer", edit("id", { type: "int" }), { setup: numbered }),
  type("varchar(5)", "varchar(9)"),
  type("varchar(5)", "text", {}, {}, "CREATE INDEX ON typed (v)"),
  type("varchar(5)", "varchar(10)", {}, {}, "ALTER TABLE typed ADD CHECK (v <> '')"),
  type("text", "varchar"),
  type("numeric(8,2)", "numeric(10,2)"),
  type("numeric(8,2)", "numeric"),
  type("numeric(8,2)", "numeric(12,4)"),
  type("timestamp(3)", "timestamp"),
  type("timestamptz(0)", "timestamptz(3)"),
  type("time(3)", "time"),
  type("timetz(3)", "timetz"),
  type("varbit(3)", "varbit(5)"),
  type("cidr", "inet"),
  type("xml", "text"),
  type("smallint", "integer"),
  type("integer", "numeric"),
  type("integer", "text"),
  type("integer", "double precision"),
  type("real", "double precision"),
  type("boolean", "text"),
  type("uuid", "text"),
  type("date", "timestamp"),
  type("json", "jsonb"),
  type("jsonb", "json"),
  type("char(5)", "char(9)"),
  type("char(5)", "varchar(5)"),
  type("bigint", "integer"),
  type("numeric", "integer"),
  type("numeric(8,2)", "numeric(8,1)"),
  type("varchar(9)", "varchar(5)"),
  type("varchar(5)", "char(5)"),
  type("inet", "cidr"),
  type("timestamp", "timestamp(3)"),
  type("timestamp", "date"),
  type("timestamptz", "date", { zone: "Europe/Berlin" }),
  type("timestamp", "timestamptz", { zone: "UTC" }),
  type("timestamptz", "timestamp", { zone: "UTC" }),
  type("timestamp", "timestamptz", { zone: "Europe/Berlin" }),
  type("date", "timestamptz", { zone: "UTC" }),
  type("date", "timestamptz", { zone: "Europe/Berlin" }),
  type("timestamp", "timestamptz(3)", { zone: "UTC" }),
  type("timestamp(3)", "timestamptz(3)", { zone: "UTC" }),
  type("timestamptz", "timestamp", { zone: "UTC" }, {}, "CREATE INDEX ON typed (v)"),
  type("text", "integer", { using: "v::integer" }, { allowDataLoss: ["column:v"] }),
  change("item", "widen a key under a foreign key", edit("id", { type: "bigint" }), {
    setup: "ALTER TABLE line ADD CONSTRAINT f FOREIGN KEY (item_id) REFERENCES item",
  }),
  change("line", "widen a column with a foreign key", edit("item_id", { type: "bigint" }), {
    setup: "ALTER TABLE line ADD CONSTRAINT f FOREIGN KEY (item_id) REFERENCES item",
  }),
  change("item", "widen a text under a foreign key", edit("name", { type: "varchar(30)" }), {
    setup:
      "CREATE UNIQUE INDEX one ON item (name); CREATE TABLE other (n varchar(20) REFERENCES item (name))",
  }),
];
