import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { projectRoot } from "../../../lib/paths.ts";

const read = (path: string): string => readFileSync(join(projectRoot, path), "utf8");
const pages = [
  "README.md",
  "docs/architecture.md",
  "docs/operations.md",
  "docs/seed.md",
  "docs/glossary.md",
  "docs/client.md",
  "provider/README.md",
];

describe("the README", () => {
  test("has every configuration key as Pulumi.yaml describes it", () => {
    const key = z.object({
      description: z.string(),
      default: z.union([z.string(), z.number(), z.boolean()]),
    });
    const { config } = z.object({ config: z.record(z.string(), key) }).parse(parse(read("Pulumi.yaml")));
    const rows = Object.entries(config).map(
      ([name, entry]) => `| \`${name}\` | \`${entry.default}\` | ${entry.description} |`,
    );
    const table = /<!-- config-keys -->\n([\s\S]*?)<!-- \/config-keys -->/.exec(read("README.md"))?.[1] ?? "";
    assert.deepEqual(table.trim().split("\n").slice(2), rows);
  });

  test("names no command that does not exist", () => {
    const commands = [
      ...pages
        .map(read)
        .join("\n")
        .matchAll(/\.\/ecosphere (?!--)([a-z][a-z-]*)/g),
    ].map(([, name]) => name);
    assert.ok(commands.length > 10);
    for (const command of new Set(commands)) {
      assert.ok(
        existsSync(join(projectRoot, "scripts", "commands", `${command}.ts`)),
        `./ecosphere ${command}`,
      );
    }
  });
});

test("every link between the pages leads to a file", () => {
  for (const page of pages) {
    for (const [, target = ""] of read(page).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      assert.ok(existsSync(join(projectRoot, dirname(page), target)), `${page} links to ${target}`);
    }
  }
});

test("every file that the architecture page names exists", () => {
  const table = read("docs/architecture.md").split("## Where things are")[1] ?? "";
  const paths = [...table.matchAll(/\b((?:components|provider|scripts|lib|toolchain|images)\/[\w./-]+)/g)];
  assert.ok(paths.length > 15);
  for (const [, path = ""] of paths) assert.ok(existsSync(join(projectRoot, path)), path);
});
