import type { BoundCatalog } from "../catalog.ts";
import type { BoundSpec } from "../spec.ts";
import { formatId } from "../object-id.ts";
import type { TableName } from "./statement.ts";

/**
 * The comment by which a set knows a partition of its own, also one that is detached and one that no state knows
 * of (an update that was cut off, an import).
 */
export interface Mark {
  readonly bound: BoundCatalog;
  /** The `asOf` of the update that detached it. Absent: attached, as far as the set knows. */
  readonly detachedOn?: string;
  /** The comment that was there before, of a partition that the set has taken over. */
  readonly rest?: string;
}

/** What every mark of one table's set begins with. */
export function markPrefix(parent: TableName): string {
  return `pgddl partition set ${formatId([parent.schema, parent.name])}: `;
}

/** @param mark.bound a range over one column */
export function renderMark(
  parent: TableName,
  { bound, detachedOn, rest }: Omit<Mark, "bound"> & { readonly bound: BoundSpec },
): string {
  if (!("from" in bound)) throw new Error("only ranges are marked");
  const detached = detachedOn === undefined ? "" : `, detached ${detachedOn}`;
  const more = rest === undefined ? "" : `\n${rest}`;
  return `${markPrefix(parent)}${bound.from.join()} to ${bound.to.join()}${detached}${more}`;
}

/** Undefined when the comment is somebody else's. */
export function parseMark(parent: TableName, comment: string | undefined): Mark | undefined {
  const prefix = markPrefix(parent);
  return comment?.startsWith(prefix) === true ? parseRest(comment.slice(prefix.length)) : undefined;
}

/** A mark of any table's set: that of a member may have a former name of the parent. */
export function parseAnyMark(comment: string | undefined): Mark | undefined {
  const match = /^pgddl partition set (?:"(?:[^"]|"")*"|[^\s".]+)\.(?:"(?:[^"]|"")*"|[^\s".]+): ([^]*)$/.exec(
    comment ?? "",
  );
  return match ? parseRest(match[1] ?? "") : undefined;
}

function parseRest(text: string): Mark | undefined {
  const match = /^([^\n]+?) to ([^\n]+?)(?:, detached ([^\s,]+))?(?:\n([^]*))?$/.exec(text);
  if (!match) return undefined;
  const [, from = "", to = "", detachedOn, rest] = match;
  return {
    bound: { from: [from], to: [to] },
    ...(detachedOn !== undefined && { detachedOn }),
    ...(rest !== undefined && { rest }),
  };
}
