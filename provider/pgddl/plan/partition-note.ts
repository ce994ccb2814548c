import { z } from "zod";
import type { BoundSpec } from "../spec.ts";
import type { TableName } from "./statement.ts";

/** What the comment of a partition that was removed and kept says: where it came from. */
export interface DetachNote {
  readonly parent: TableName;
  readonly bound: BoundSpec;
  /** The comment that it had. */
  readonly comment?: string | undefined;
}

const prefix = "detached by pgddl ";
const text = z.array(z.string());
const note = z.object({
  parent: z.object({ schema: z.string(), name: z.string() }),
  bound: z.union([
    z.object({ from: text, to: text }),
    z.object({ in: text }),
    z.object({ modulus: z.number(), remainder: z.number() }),
    z.object({ isDefault: z.literal(true) }),
  ]),
  comment: z.string().optional(),
});

/** The comment as a text. */
export function renderNote({ parent, bound, comment }: DetachNote): string {
  const { schema, name } = parent;
  return `${prefix}${JSON.stringify({ parent: { schema, name }, bound, comment })}`;
}

/** Undefined when the comment is somebody else's. */
export function parseNote(comment: string | undefined): DetachNote | undefined {
  if (comment?.startsWith(prefix) !== true) return undefined;
  try {
    const { success, data } = note.safeParse(JSON.parse(comment.slice(prefix.length)));
    return success ? data : undefined;
  } catch {
    return undefined;
  }
}
