import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../lib/paths.ts";

/** The blocks of one language in the provider's README, in their order. */
export function readmeBlocks(language: string): readonly string[] {
  const text = readFileSync(join(projectRoot, "provider", "README.md"), "utf8");
  const fences = text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm);
  return [...fences].flatMap(([, name, block = ""]) => (name === language ? [block] : []));
}

/** Its examples, which are one program. */
export function readmeProgram(): string {
  return readmeBlocks("ts").join("\n");
}
