import assert from "node:assert/strict";
import { stripTypeScriptTypes } from "node:module";
import { describe, test } from "node:test";
import { runInThisContext } from "node:vm";
import fc from "fast-check";
import type { Properties, Value } from "../../../../provider/host/values.ts";
import type { Adoptable } from "../../../../provider/pgddl/adopt/adoptable.ts";
import { literal } from "../../../../provider/pgddl/adopt/literal.ts";
import { adoptProgram } from "../../../../provider/pgddl/adopt/program.ts";
import { VariableNames } from "../../../../provider/pgddl/adopt/variable-names.ts";
import { formatId } from "../../../../provider/pgddl/object-id.ts";

const place = { host: "db", port: 5432, database: "shop", user: "ddl" };

const object = (type: string, parts: readonly string[], inputs: Properties = {}): Adoptable => {
  const [schema = "", name = ""] = [parts[0], parts.at(-1)];
  const noun = type.toLowerCase();
  return { type, noun, id: formatId(parts), parts, inputs: { schema, name, ...inputs }, refusals: [] };
};
const users = object("Table", ["shop", "users"]);
const users2024 = object("Partition", ["shop", "users_2024"], { parent: "users" });
const split = object("Partition", ["shop", "a_split"], { parent: "users" });
const below = object("Partition", ["shop", "a_below"], { parent: "a_split" });
const code = object("Index", ["shop", "users_code"], { table: "users", unique: true });
const orders = object("Table", ["shop", "orders"]);
const key = object("ForeignKey", ["shop", "orders", "orders_user"], {
  table: "orders",
  references: { table: "users" },
});

/** The program of some objects, without its head. */
const programOf = (objects: readonly Adoptable[], others: readonly string[] = []): string =>
  adoptProgram(place, { objects, others });

describe("the program of an adopted database", () => {
  test("names each object by its id, imports it, and protects what holds rows", () => {
    const program = programOf([users, users2024, code]);
    assert.match(
      program,
      /"shop\.users",\n {2}\{.*\},\n {2}\{ provider, import: "shop\.users", protect: true \},/,
    );
    assert.match(program, /import: "shop\.users_2024", protect: true, dependsOn: \[usersTable\]/);
    assert.match(program, /import: "shop\.users_code", dependsOn: \[usersTable\]/);
  });

  test("comes to each object after what it builds on, whatever the order of names", () => {
    const program = programOf([orders, users, below, split, code, key]);
    assert.match(program, /import: "shop\.a_below".* dependsOn: \[aSplitPartition\]/);
    assert.match(
      program,
      /import: "shop\.orders\.orders_user", dependsOn: \[ordersTable, usersTable, usersCodeIndex\]/,
    );
    const at = ["shop.users", "shop.a_split", "shop.a_below"].map((id) => program.indexOf(`import: "${id}"`));
    assert.deepEqual(
      at,
      [...at].sort((one, other) => one - other),
    );
  });

  test("is the same for the same objects", () => {
    assert.equal(programOf([orders, users, key]), programOf([orders, users, key]));
  });

  test("holds no password, and asks the configuration for it", () => {
    const program = adoptProgram({ ...place, ...{ password: "s3cret" } }, { objects: [users], others: [] });
    assert.ok(!program.includes("s3cret"));
    assert.match(program, /config\.requireSecret\("databasePassword"\)/);
  });

  test("says in comments what no property can, and what is left out with what depends on it", () => {
    const odd = { ...object("Table", ["shop", "odd"]), refusals: ["name is strange\nvery"] };
    const told = { ...users, beyond: "the trigger\nt" };
    const program = programOf([odd, told, object("Index", ["shop", "i"], { table: "odd" })], ["view shop.v"]);
    assert.match(program, /^\/\/ Not here: the table shop\.odd\.\n\/\/ - name is strange very$/m);
    assert.match(program, /^\/\/ - view shop\.v$/m);
    assert.match(program, /^\/\/ .*: the trigger t\nnew pgddl\.Table\(/m);
    assert.match(program, /import: "shop\.i" \}/);
  });

  test("parses, whatever the names", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 1 }), { minLength: 1 }),
        (names) => {
          const tables = names.map((name) => object("Table", ["shop", name]));
          const parts = names.map((name) =>
            object("Partition", ["other", name], { parentSchema: "shop", parent: name }),
          );
          stripTypeScriptTypes(programOf([...tables, ...parts], names));
        },
      ),
    );
  });
});

describe("a variable's name", () => {
  const next = (...parts: readonly string[]): string => new VariableNames().next(parts, "Table");

  test("is the object's in camel case with its type", () => {
    assert.equal(next("users_2024"), "users2024Table");
    assert.equal(next("shop", "Order details"), "shopOrderDetailsTable");
    assert.equal(next("2024"), "_2024Table");
    assert.equal(next("Größe"), "groETable");
    assert.equal(next('"!"'), "table");
  });

  test("is never given twice", () => {
    const names = new VariableNames();
    assert.deepEqual(
      ["a b", "a_b", "aB"].map((name) => names.next([name], "Table")),
      ["aBTable", "aBTable2", "aBTable3"],
    );
  });
});

test("a literal evaluates to the value that it stands for, and a long one is broken over lines", () => {
  const value = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: "binary" }),
      fc.integer(),
      fc.boolean(),
      fc.array(tie("value")),
      fc.dictionary(fc.oneof(fc.string(), fc.constant("__proto__")), tie("value")),
    ),
  })).value;
  fc.assert(
    fc.property(value, (each) => {
      const evaluated: unknown = runInThisContext(`(${literal(each)})`);
      assert.equal(JSON.stringify(evaluated), JSON.stringify(each));
    }),
  );
  assert.match(literal({ a: "x".repeat(80), b: "y".repeat(80) }), /^\{\n {2}a: "x+",\n {2}b: "y+",\n\}$/);
});
