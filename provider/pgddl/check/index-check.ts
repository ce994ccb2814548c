import { hasUnknown, type Properties, type Value } from "../../host/values.ts";
import { Inspector } from "./inspector.ts";
import type { IndexKeySpec, IndexSpec } from "../spec.ts";
import { canonicalKey, keyText } from "../plan/index-definition.ts";
import type { Parsed } from "./parsed.ts";
import { parseParameters } from "./storage-check.ts";

export const indexMethods = ["btree", "hash", "gin", "gist", "spgist", "brin"] as const;
const keyProperties = ["name", "expression", "order", "nulls", "operatorClass", "collation"];
const properties = [
  ...["schema", "table", "name", "columns", "unique", "nullsNotDistinct", "method", "include", "where"],
  ...["storageParameters", "comment", "renamedFrom", "adopt"],
];

export function parseIndex(inputs: Properties): Parsed<IndexSpec> {
  const look = new Inspector();
  look.keys("", inputs, properties);
  const schema = look.identifier("schema", inputs["schema"], true);
  const table = look.identifier("table", inputs["table"], true);
  const name = look.identifier("name", inputs["name"], true);
  const columns = parseKeys(look, inputs["columns"]);
  const unique = look.flag("unique", inputs["unique"]);
  const nullsNotDistinct = look.flag("nullsNotDistinct", inputs["nullsNotDistinct"]);
  const method = look.choice("method", inputs["method"], indexMethods);
  const include = isSaid(inputs["include"]) ? look.names("include", inputs["include"]) : undefined;
  const where = look.text("where", inputs["where"], "a boolean SQL expression over the row's columns");
  const storageParameters = parseParameters(look, inputs["storageParameters"]);
  const comment = look.text("comment", inputs["comment"], "a text, or leave it out");
  const renamedFrom = look.identifier("renamedFrom", inputs["renamedFrom"]);
  const adopt = look.flag("adopt", inputs["adopt"]);
  if (method !== undefined && method !== "btree") checkMethod(look, method, unique, columns);
  if (include && method !== undefined && !["btree", "gist", "spgist"].includes(method)) {
    look.fault("include", `stands beside method "${method}", which stores no further columns`);
  }
  if (nullsNotDistinct === true && unique !== true && !hasUnknown(inputs["unique"])) {
    look.fault("nullsNotDistinct", "is true without unique, which it says something about; set unique: true");
  }
  if (renamedFrom !== undefined && renamedFrom === name) {
    look.fault("renamedFrom", `is "${renamedFrom}", the name itself; give the old one, or leave it out`);
  }
  if (look.faults.length > 0 || hasUnknown(inputs)) return { faults: look.faults };
  if (schema === undefined || table === undefined || name === undefined || !columns) return { faults: [] };
  return {
    faults: [],
    spec: {
      ...{ schema, table, name, columns },
      ...(unique !== undefined && { unique }),
      ...(nullsNotDistinct !== undefined && { nullsNotDistinct }),
      ...(method && { method }),
      ...(include && { include }),
      ...(where !== undefined && { where }),
      ...(storageParameters && { storageParameters }),
      ...(comment !== undefined && { comment }),
      ...(renamedFrom !== undefined && { renamedFrom }),
      ...(adopt !== undefined && { adopt }),
    },
  };
}

/** An empty list says the same as none. */
function isSaid(value: Value | undefined): boolean {
  return !(Array.isArray(value) && value.length === 0) && value !== undefined && value !== null;
}

function checkMethod(
  look: Inspector,
  method: string,
  unique: boolean | undefined,
  columns: readonly (string | IndexKeySpec)[] | undefined,
): void {
  if (unique === true) look.fault("unique", `is true with method "${method}"; only btree can be unique`);
  if ((method === "hash" || method === "spgist") && columns && columns.length > 1) {
    look.fault("columns", `has ${columns.length} columns; a ${method} index has one`);
  }
  columns?.forEach((key, at) => {
    if (typeof key === "string" || (key.order === undefined && key.nulls === undefined)) return;
    const property = key.order === undefined ? "nulls" : "order";
    look.fault(`columns[${at}].${property}`, `stands beside method "${method}"; only btree has an order`);
  });
}

function parseKeys(
  look: Inspector,
  value: Value | undefined,
): readonly (string | IndexKeySpec)[] | undefined {
  const what = "a list of one column or more, or of objects with name or expression";
  const keys = look.list("columns", value, what)?.flatMap((item, at) => {
    const key = parseKey(look, `columns[${at}]`, item);
    return key === undefined ? [] : [key];
  });
  const texts = keys?.map((key) => keyText(canonicalKey(key))) ?? [];
  texts.forEach((text, at) => {
    if (texts.indexOf(text) < at)
      look.fault(`columns[${at}]`, `"${text}" stands twice in the list; remove one`);
  });
  return keys;
}

function parseKey(look: Inspector, path: string, item: Value): string | IndexKeySpec | undefined {
  if (typeof item !== "object" || item === null || Array.isArray(item)) {
    return look.identifier(path, item, true);
  }
  const given = look.object(path, item, keyProperties);
  if (!given) return undefined;
  const name = look.identifier(`${path}.name`, given["name"]);
  const expression = look.text(`${path}.expression`, given["expression"], "an SQL expression over the row");
  const order = look.choice(`${path}.order`, given["order"], ["asc", "desc"]);
  const nulls = look.choice(`${path}.nulls`, given["nulls"], ["first", "last"]);
  const operatorClass = dotted(look, `${path}.operatorClass`, given["operatorClass"]);
  const collation = dotted(look, `${path}.collation`, given["collation"]);
  if (!hasUnknown(item) && isGiven(given["name"]) === isGiven(given["expression"])) {
    look.fault(
      path,
      `has ${isGiven(given["name"]) ? "both name and expression" : "neither name nor expression"}; give one of them`,
    );
  }
  return {
    ...(name !== undefined && { name }),
    ...(expression !== undefined && { expression }),
    ...(order && { order }),
    ...(nulls && { nulls }),
    ...(operatorClass !== undefined && { operatorClass }),
    ...(collation !== undefined && { collation }),
  };
}

const isGiven = (value: Value | undefined): boolean => value !== undefined && value !== null;

/** `gin_trgm_ops` or `public.gin_trgm_ops`; a part with a dot in it stands in double quotes. */
function dotted(look: Inspector, path: string, value: Value | undefined): string | undefined {
  const text = look.text(path, value, "a name, with its schema where that is not pg_catalog");
  if (text === undefined || /^(?:"(?:[^"]|"")+"|[^".]+)(?:\.(?:"(?:[^"]|"")+"|[^".]+))?$/.test(text))
    return text;
  look.fault(
    path,
    `is ${text}; give NAME or SCHEMA.NAME, a part that holds a dot or a quote in double quotes`,
  );
  return undefined;
}
