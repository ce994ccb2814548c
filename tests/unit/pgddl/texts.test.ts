import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isNull, isSteady } from "../../../provider/pgddl/plan/default-expression.ts";
import { formatId, parseId } from "../../../provider/pgddl/object-id.ts";
import { partName } from "../../../provider/pgddl/plan/made-up-name.ts";
import { canonicalType } from "../../../provider/pgddl/plan/type-name.ts";

describe("types", () => {
  test("read as the catalogue prints them", () => {
    const printed: Readonly<Record<string, string>> = {
      INT: "integer",
      "decimal(10, 2)": "numeric(10,2)",
      "numeric(10)": "numeric(10,0)",
      DECIMAL: "numeric",
      timestamp: "timestamp without time zone",
      "timestamp(3)": "timestamp(3) without time zone",
      "timestamp(3) with time zone": "timestamp(3) with time zone",
      "timestamp with time zone": "timestamp with time zone",
      "timestamptz(0)": "timestamp(0) with time zone",
      "varchar(20)": "character varying(20)",
      "character  varying (20)": "character varying(20)",
      char: "character(1)",
      "double precision": "double precision",
      "float(10)": "real",
      float: "double precision",
      "int4[]": "integer[]",
      "text[3][3]": "text[]",
      serial8: "bigserial",
      "bit varying(3)": "bit varying(3)",
      "shop.mood": "shop.mood",
      '"Mood"': '"Mood"',
    };
    for (const [spelt, expected] of Object.entries(printed)) assert.equal(canonicalType(spelt), expected);
  });
});

describe("defaults", () => {
  test("are the same for every row where that is plain to see", () => {
    for (const text of [
      "0",
      "-1.5",
      "'it''s now()'",
      "'a'::character varying(20)",
      "(1 + 2) * 3",
      "now()",
      "CURRENT_TIMESTAMP",
      "ARRAY[]::text[]",
      "'{}'::jsonb",
      "true",
      "interval '1 day'",
      "NULL::integer",
    ]) {
      assert.equal(isSteady(text), true, text);
    }
    for (const text of [
      "gen_random_uuid()",
      "random()",
      "clock_timestamp()",
      "nextval('s'::regclass)",
      "now() || random()::text",
      "shop.now()",
      "my_function(1)",
      "'a' || other('b')",
    ]) {
      assert.equal(isSteady(text), false, text);
    }
  });

  test("of null are seen through casts and brackets", () => {
    assert.deepEqual(["NULL", "(null)::text", "nullif(1,2)", "0"].map(isNull), [true, true, false, false]);
  });
});

describe("ids", () => {
  test("quote only what needs it", () => {
    assert.equal(formatId(["shop", "order-details"]), "shop.order-details");
    assert.equal(formatId(["Shop", 'a."b']), '"Shop"."a.""b"');
    assert.deepEqual(parseId("Shop.x", "schema.table"), ["Shop", "x"]);
  });

  test("that are none say what one looks like", () => {
    for (const id of ["", "users", "a.b.c", "a.", ".b", 'a."b', "a.b."]) {
      assert.throws(() => parseId(id, "schema.table"), /is no id of this type/, id);
    }
  });
});

describe("names of a partition's index", () => {
  test("fit into what PostgreSQL keeps, whatever the script", () => {
    const name = partName("日本".repeat(10), "ü".repeat(31));
    assert.ok(Buffer.byteLength(name) <= 63, name);
    assert.ok(!name.includes("\uFFFD"));
  });
});
