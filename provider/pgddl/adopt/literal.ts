import { isList, isProperties, type Properties, type Value } from "../../host/values.ts";

const width = 110;

/** A value as TypeScript, on one line where it fits. `indent`: the spaces before the line that it ends up in. */
export function literal(value: Value, indent = 0, used = indent): string {
  const short = onOneLine(value);
  if (used + short.length <= width) return short;
  const inner = " ".repeat(indent + 2);
  const lines = (items: readonly string[], [open, close]: readonly [string, string]): string =>
    `${open}\n${items.map((item) => `${inner}${item},\n`).join("")}${" ".repeat(indent)}${close}`;
  if (isList(value) && value.length > 0) {
    return lines(
      value.map((item) => literal(item, indent + 2)),
      ["[", "]"],
    );
  }
  if (isProperties(value)) {
    return lines(
      entries(value).map(([key, item]) => {
        const start = `${keyOf(key)}: `;
        return start + literal(item, indent + 2, indent + 2 + start.length);
      }),
      ["{", "}"],
    );
  }
  return short;
}

/** A text as a string literal that can stand in any source file. */
export function textLiteral(text: string): string {
  // JSON leaves these two as they are, and an editor takes them for ends of lines.
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

function onOneLine(value: Value): string {
  if (isList(value)) return `[${value.map(onOneLine).join(", ")}]`;
  if (isProperties(value)) {
    const items = entries(value).map(([key, item]) => `${keyOf(key)}: ${onOneLine(item)}`);
    return items.length === 0 ? "{}" : `{ ${items.join(", ")} }`;
  }
  return typeof value === "string" ? textLiteral(value) : JSON.stringify(value);
}

function keyOf(key: string): string {
  // Unquoted or quoted, this one would set the object's prototype.
  if (key === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : textLiteral(key);
}

function entries(value: Properties): [string, Value][] {
  return Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, item]]));
}
