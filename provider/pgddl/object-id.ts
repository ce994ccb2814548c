import { UserError } from "../../lib/errors.ts";

/** `shop.users`; a part that holds a dot, a quote, a space or upper case stands in double quotes. */
export function formatId(parts: readonly string[]): string {
  return parts
    .map((part) => (/[\s."\p{Lu}]/u.test(part) || part === "" ? `"${part.replaceAll('"', '""')}"` : part))
    .join(".");
}

/**
 * The parts of an id.
 * @param form what the id looks like, for the message: `schema.table`; its dots say how many parts there are
 * @throws UserError `id`
 */
export function parseId(id: string, form: string): readonly string[] {
  const parts: string[] = [];
  const token = /(?:"((?:[^"]|"")+)"|([^."]+))(\.|$)/y;
  let isComplete = false;
  for (let match = token.exec(id); match; match = token.exec(id)) {
    parts.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    isComplete = match[3] === "";
    if (isComplete) break;
  }
  if (!isComplete || parts.length !== form.split(".").length) {
    throw new UserError(
      "id",
      `"${id}" is no id of this type`,
      `Give ${form}; put a part that holds a dot or a quote in double quotes: shop."order.details"`,
    );
  }
  return parts;
}
