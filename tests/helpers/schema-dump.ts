import type { PostgresServer } from "./postgres-server.ts";

/**
 * The definitions of a schema as pg_dump prints them, without what says nothing of them: comments, settings,
 * empty lines and the marks of a restricted dump, which differ each time.
 */
export async function dumpSchema(server: PostgresServer, schema: string, database?: string): Promise<string> {
  const dump = await server.dump(schema, database);
  const noise = /^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*|\s*)$/;
  return dump
    .split("\n")
    .filter((line) => !noise.test(line))
    .join("\n");
}
