import type { QueryConfig } from "pg";

/** A statement. With a name it is prepared once on each connection; the name stands for this text alone. */
export interface Query {
  readonly text: string;
  readonly name?: string;
  /** For $1, $2, … */
  readonly values?: readonly unknown[];
}

/** The same as `pg` takes it. */
export function toConfig(query: string | Query): QueryConfig<unknown[]> {
  if (typeof query === "string") return { text: query };
  const { text, name, values } = query;
  return { text, ...(name !== undefined && { name }), ...(values && { values: [...values] }) };
}
