import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UserError } from "../../../lib/errors.ts";
import type { LiveTable } from "../../../scripts/catalogue/live-table.ts";
import { isErDiagramStale, withErDiagram } from "../../../scripts/er-diagram/er-diagram.ts";
import { renderErDiagram } from "../../../scripts/er-diagram/render-er-diagram.ts";

const column = (name: string, type: string, notNull = false): LiveTable["columns"][number] => ({
  name,
  type,
  notNull,
  default: null,
});

const bare = { comment: null, partitionKey: null, checks: [], indexes: [], foreignKeys: [] };

const parents: LiveTable = {
  ...bare,
  name: "parents",
  partitionKey: "RANGE (born)",
  columns: [
    column("id", "integer", true),
    column("born", "timestamp without time zone", true),
    column("wealth", "numeric(10,2)", true),
  ],
  primaryKey: ["id", "born"],
};

const children: LiveTable = {
  ...bare,
  name: "children",
  columns: [column("id", "integer", true), column("parent", "integer"), column("friend", "integer", true)],
  primaryKey: ["id"],
  foreignKeys: [
    { name: "a", columns: ["parent"], table: "parents", referenced: ["id"], validated: true, enforced: true },
    {
      name: "b",
      columns: ["friend"],
      table: "children",
      referenced: ["id"],
      validated: true,
      enforced: true,
    },
  ],
};

describe("the ER diagram", () => {
  test("shows keys, NOT NULL, the partition key, and whether a parent is optional", () => {
    assert.equal(
      renderErDiagram([parents, children]),
      `erDiagram
  children {
    integer id PK
    integer parent FK
    integer friend FK "not null"
  }
  parents {
    integer id PK
    timestamp born PK "partition key"
    numeric(10_2) wealth "not null"
  }
  parents |o--o{ children : "parent"
  children ||--o{ children : "friend"
`,
    );
  });

  test("does not depend on the order of the tables", () => {
    assert.equal(renderErDiagram([children, parents]), renderErDiagram([parents, children]));
  });
});

describe("the diagram in a text", () => {
  const begin = "<!-- er-diagram -->";
  const text = `# Title\n${begin}\nold\n<!-- /er-diagram -->\nrest\n`;

  test("replaces what stands between the markers, and nothing else", () => {
    const updated = withErDiagram(text, "erDiagram\n");
    assert.equal(
      updated,
      `# Title\n${begin}\n\n\`\`\`mermaid\nerDiagram\n\`\`\`\n\n<!-- /er-diagram -->\nrest\n`,
    );
    assert.equal(withErDiagram(updated, "erDiagram\n"), updated);
  });

  test("is stale when another is due", () => {
    const updated = withErDiagram(text, "erDiagram\n");
    assert.equal(isErDiagramStale(updated, "erDiagram\n"), false);
    assert.equal(isErDiagramStale(updated, "erDiagram\n  a {\n  }\n"), true);
  });

  test("without markers: an error that shows them", () => {
    assert.throws(
      () => withErDiagram("# Title\n", "erDiagram\n"),
      (error: unknown) => error instanceof UserError && (error.hint ?? "").includes(begin),
    );
  });
});
