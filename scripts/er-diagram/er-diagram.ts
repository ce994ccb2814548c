import { readFileSync, writeFileSync } from "node:fs";
import { schemaName } from "../../lib/commerce-model.ts";
import { withClient, type Connection } from "../../lib/connection.ts";
import { UserError } from "../../lib/errors.ts";
import { readTables } from "../catalogue/live-table.ts";
import { renderErDiagram } from "./render-er-diagram.ts";

const begin = "<!-- er-diagram -->";
const end = "<!-- /er-diagram -->";

/** The Mermaid text for the tables that a database has now; the same tables give the same text. */
export async function erDiagram(connection: Connection): Promise<string> {
  const tables = await withClient(connection, "ecosphere-er-diagram", (client) =>
    readTables(client, schemaName),
  );
  return renderErDiagram(tables);
}

/** `markdown` with the diagram between the two markers. @throws UserError `no-markers` */
export function withErDiagram(markdown: string, diagram: string): string {
  const from = markdown.indexOf(begin);
  const to = markdown.indexOf(end, from);
  if (from < 0 || to < 0) {
    throw new UserError(
      "no-markers",
      "the text has no place for the ER diagram",
      `Put these two lines where it belongs:\n${begin}\n${end}`,
    );
  }
  return `${markdown.slice(0, from + begin.length)}\n\n\`\`\`mermaid\n${diagram}\`\`\`\n\n${markdown.slice(to)}`;
}

/** True when the text shows another diagram than this. @throws UserError `no-markers` */
export function isErDiagramStale(markdown: string, diagram: string): boolean {
  return withErDiagram(markdown, diagram) !== markdown;
}

/** Draws the diagram into a file in place. Returns whether that changed it. @throws UserError `no-markers` */
export async function updateErDiagram(connection: Connection, path: string): Promise<boolean> {
  const markdown = readFileSync(path, "utf8");
  const updated = withErDiagram(markdown, await erDiagram(connection));
  if (updated === markdown) return false;
  writeFileSync(path, updated);
  return true;
}
