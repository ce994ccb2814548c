import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import ts from "typescript";
import { z } from "zod";
import { UserError } from "../../../lib/errors.ts";
import { projectRoot } from "../../../lib/paths.ts";
import type { Properties } from "../../../provider/host/values.ts";
import * as sdk from "../../../provider/pgddl/sdk.ts";
import { packageSchema } from "../../../provider/pgddl/package-schema.ts";
import { createProvider } from "../../../provider/pgddl/provider.ts";

const property = z.looseObject({
  type: z.string().optional(),
  $ref: z.string().optional(),
  items: z.unknown().optional(),
  oneOf: z.array(z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  description: z.string().optional(),
});
const properties = z.record(z.string(), property);
const { resources, types } = z
  .object({
    resources: z.record(
      z.string(),
      z.object({
        inputProperties: properties,
        requiredInputs: z.array(z.string()),
        properties,
        required: z.array(z.string()),
      }),
    ),
    types: z.record(z.string(), z.object({ properties, required: z.array(z.string()) })),
  })
  .parse(packageSchema);

/** By token, the interface of spec.ts that the schema describes. */
const specOf: Readonly<Record<string, string>> = {
  "pgddl:index:Schema": "SchemaSpec",
  "pgddl:index:Table": "TableSpec",
  "pgddl:index:Partition": "PartitionSpec",
  "pgddl:index:PartitionSet": "PartitionSetSpec",
  "pgddl:index:Index": "IndexSpec",
  "pgddl:index:ForeignKey": "ForeignKeySpec",
};

describe("the package's schema", () => {
  const spec = readSpec();

  for (const [token, name] of Object.entries(specOf)) {
    test(`has the properties of ${name} for ${token}, of the same types, and requires the same`, () => {
      const described = resources[token];
      assert.ok(described);
      const shape = spec.shapeOf(name);
      assert.deepEqual(shapeOf(described.inputProperties, described.requiredInputs), shape);
    });
  }

  test("knows no resource that the provider does not, and none is missing", () => {
    assert.deepEqual(Object.keys(resources).sort(), Object.keys(specOf).sort());
    const provider = createProvider();
    assert.deepEqual([...provider.resources.keys()].sort(), Object.keys(resources).sort());
    const classes = new Set(Object.keys(sdk));
    const told = provider.unsupported("pgddl:index:View");
    const hint = told instanceof UserError ? told.hint : undefined;
    for (const token of Object.keys(resources)) {
      const type = token.replace("pgddl:index:", "");
      assert.ok(classes.has(type), `a class ${type} for programs`);
      assert.match(hint ?? "", new RegExp(`\\b${type}\\b`));
    }
  });

  test("describes every property, refers to types that exist, and uses every type", () => {
    const used = new Set<string>();
    const look = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      for (const [key, item] of Object.entries(value)) {
        if (key === "$ref" && typeof item === "string" && item.startsWith("#/types/"))
          used.add(item.slice(8));
        look(item);
      }
    };
    look(resources);
    look(types);
    assert.deepEqual([...used].sort(), Object.keys(types).sort());
    for (const [token, { properties: each }] of Object.entries({ ...resources, ...types })) {
      for (const [key, { description }] of Object.entries(each)) assert.ok(description, `${token}.${key}`);
    }
  });

  test("has every input as an output too, and what the catalogue says", () => {
    for (const [token, each] of Object.entries(resources)) {
      const outputs = Object.keys(each.properties).sort();
      assert.deepEqual(
        outputs,
        [...Object.keys(each.inputProperties), "catalog", "plannedSql"].sort(),
        token,
      );
      assert.deepEqual(each.required, [...each.requiredInputs, "catalog"], token);
    }
  });
});

describe("what a check lets pass", () => {
  for (const [token, { inputProperties }] of Object.entries(resources)) {
    test(`${token}: the properties that the schema has, and no other`, async () => {
      assert.deepEqual(
        await knownKeys(token, { strange: 1 }, "strange"),
        Object.keys(inputProperties).sort(),
      );
    });
  }

  const nested: readonly (readonly [string, string, Properties, string])[] = [
    ["Column", "Table", { columns: [{ strange: 1 }] }, "columns[0].strange"],
    ["Key", "Table", { primaryKey: { strange: 1 } }, "primaryKey.strange"],
    ["Key", "Table", { uniques: [{ strange: 1 }] }, "uniques[0].strange"],
    ["Check", "Table", { checks: [{ strange: 1 }] }, "checks[0].strange"],
    ["PartitionBy", "Table", { partitionBy: { strange: 1 } }, "partitionBy.strange"],
    ["SetRange", "PartitionSet", { range: { strange: 1 } }, "range.strange"],
    ["IndexKey", "Index", { columns: [{ strange: 1 }] }, "columns[0].strange"],
    ["References", "ForeignKey", { references: { strange: 1 } }, "references.strange"],
  ];
  for (const [type, resource, inputs, path] of nested) {
    test(`${path} of ${resource}: the properties of ${type}, and no other`, async () => {
      const described = types[`pgddl:index:${type}`];
      assert.ok(described);
      const known = await knownKeys(`pgddl:index:${resource}`, inputs, path);
      assert.deepEqual(known, Object.keys(described.properties).sort());
    });
  }
});

/** What the check of a resource says is known, where it meets a property that nothing has. */
async function knownKeys(token: string, inputs: Properties, path: string): Promise<string[]> {
  const resource = createProvider().resources.get(token);
  assert.ok(resource);
  const nobody = { urn: "", signal: AbortSignal.any([]), timeoutMs: 0, warn: () => {}, info: () => {} };
  const { faults } = await resource.check(inputs, nobody);
  const fault = faults.find(({ property: at }) => at === path);
  assert.ok(fault, `no fault for ${path}: ${JSON.stringify(faults)}`);
  return (/known are (.*)$/.exec(fault.reason)?.[1] ?? "").split(", ").sort();
}

/** A property as a few words that spec.ts and the schema have in common, by name. */
interface Shape {
  readonly [name: string]: string | Shape;
}

function shapeOf(each: z.infer<typeof properties>, required: readonly string[]): Shape {
  return Object.fromEntries(
    Object.entries(each).map(([key, value]) => [required.includes(key) ? key : `${key}?`, wordsOf(value)]),
  );
}

function wordsOf(value: unknown): string | Shape {
  const { $ref, type, items, oneOf, additionalProperties } = property.parse(value);
  if ($ref !== undefined) {
    const target = types[$ref.replace("#/types/", "")];
    assert.ok(target, $ref);
    return shapeOf(target.properties, target.required);
  }
  if (oneOf) {
    return {
      oneOf: Object.fromEntries(oneOf.map(wordsOf).flatMap((words) => Object.entries(asShape(words)))),
    };
  }
  if (type === "array") return { list: wordsOf(items) };
  if (type === "object") return { map: wordsOf(additionalProperties) };
  return type === "integer" ? "number" : (type ?? "?");
}

function asShape(words: string | Shape): Shape {
  return typeof words === "string" ? { [words]: words } : words;
}

/** The interfaces of spec.ts by TypeScript's own compiler. */
function readSpec(): { shapeOf(name: string): Shape } {
  const file = join(projectRoot, "provider", "pgddl", "spec.ts");
  const options = {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    target: ts.ScriptTarget.ESNext,
  };
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  assert.ok(source);
  const module = checker.getSymbolAtLocation(source);
  assert.ok(module);
  const exported = new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]));

  const objectShape = (type: ts.Type): Shape =>
    Object.fromEntries(
      type.getProperties().map((symbol) => {
        const isOptional = (symbol.flags & ts.SymbolFlags.Optional) !== 0;
        return [isOptional ? `${symbol.name}?` : symbol.name, words(checker.getTypeOfSymbol(symbol))];
      }),
    );
  const words = (type: ts.Type): string | Shape => {
    const all = type.isUnion() ? type.types : [type];
    const parts = all.filter((part) => (part.flags & ts.TypeFlags.Undefined) === 0);
    const objects = parts.filter((part) => (part.flags & ts.TypeFlags.Object) !== 0);
    const scalars = new Set(parts.filter((part) => !objects.includes(part)).map(scalar));
    const [first] = objects;
    if (first === undefined) {
      const names = [...scalars];
      return names.length === 1 ? (names[0] ?? "?") : { oneOf: Object.fromEntries(names.map((n) => [n, n])) };
    }
    // The forms of a bound: one type of the schema, in which everything is optional.
    if (objects.length > 1) {
      const forms = objects.flatMap((part) => Object.entries(objectShape(part)));
      return Object.fromEntries(forms.map(([key, value]) => [`${key}?`, value]));
    }
    if (scalars.size > 0) {
      return { oneOf: { ...Object.fromEntries([...scalars].map((n) => [n, n])), ...objectShape(first) } };
    }
    if (checker.isArrayType(first)) {
      const element = checker.getIndexTypeOfType(first, ts.IndexKind.Number);
      return { list: element ? words(element) : "?" };
    }
    const value = first.getStringIndexType();
    return value ? { map: words(value) } : objectShape(first);
  };
  return {
    shapeOf: (name) => {
      const symbol = exported.get(name);
      assert.ok(symbol, `spec.ts exports ${name}`);
      return objectShape(checker.getDeclaredTypeOfSymbol(symbol));
    },
  };
}

function scalar(type: ts.Type): string {
  if ((type.flags & ts.TypeFlags.StringLike) !== 0) return "string";
  if ((type.flags & ts.TypeFlags.NumberLike) !== 0) return "number";
  if ((type.flags & ts.TypeFlags.BooleanLike) !== 0) return "boolean";
  return "?";
}
