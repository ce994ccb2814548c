import { isProperties, type Properties } from "../../host/values.ts";
import { formatId } from "../object-id.ts";
import type { Adoptable } from "./adoptable.ts";

/** The objects in an order in which each comes after all that it builds on, and what that is. */
export function inOrder(
  objects: readonly Adoptable[],
): readonly (readonly [Adoptable, readonly Adoptable[]])[] {
  const managed = objects.filter(({ refusals }) => refusals.length === 0);
  const find = (types: readonly string[], parts: readonly string[]): Adoptable[] => {
    const id = formatId(parts);
    return managed.filter((each) => types.includes(each.type) && each.id === id);
  };
  const below = new Map(managed.map((each) => [each, buildsOn(each, managed, find)]));
  const done = new Set<Adoptable>();
  const sorted: Adoptable[] = [];
  const visit = (each: Adoptable): void => {
    if (done.has(each)) return;
    done.add(each);
    below.get(each)?.forEach(visit);
    sorted.push(each);
  };
  managed.forEach(visit);
  return sorted.map((each) => [each, below.get(each) ?? []]);
}

function buildsOn(
  { type, inputs }: Adoptable,
  all: readonly Adoptable[],
  find: (types: readonly string[], parts: readonly string[]) => Adoptable[],
): Adoptable[] {
  const schema = textOf(inputs, "schema");
  const relation = (inSchema: string, name: string): Adoptable[] =>
    find(["Table", "Partition"], [inSchema, name]);
  switch (type) {
    case "Table":
      return find(["Schema"], [schema]);
    case "Partition": {
      const above = relation(textOf(inputs, "parentSchema") || schema, textOf(inputs, "parent"));
      return [...(above.length > 0 ? [] : find(["Schema"], [schema])), ...above];
    }
    case "PartitionSet":
      return relation(schema, textOf(inputs, "parent"));
    case "Index":
      return relation(schema, textOf(inputs, "table"));
    case "ForeignKey": {
      const given = inputs["references"];
      const references = isProperties(given) ? given : {};
      const target = relation(textOf(references, "schema") || schema, textOf(references, "table"));
      const table = relation(schema, textOf(inputs, "table")).filter((each) => !target.includes(each));
      return [...table, ...target, ...target.flatMap((each) => uniqueIndexesOf(each, all))];
    }
    default:
      return [];
  }
}

/** A foreign key may lead to the columns of a unique index that no constraint has. */
function uniqueIndexesOf({ inputs }: Adoptable, all: readonly Adoptable[]): Adoptable[] {
  const [schema, name] = [textOf(inputs, "schema"), textOf(inputs, "name")];
  return all.filter(
    (each) =>
      each.type === "Index" &&
      each.inputs["unique"] === true &&
      textOf(each.inputs, "schema") === schema &&
      textOf(each.inputs, "table") === name,
  );
}

function textOf(properties: Properties, key: string): string {
  const value = properties[key];
  return typeof value === "string" ? value : "";
}
