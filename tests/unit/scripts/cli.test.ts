import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { projectRoot } from "../../../lib/paths.ts";
import { buildProgram } from "../../../scripts/cli.ts";

const program = buildProgram({ stack: "dev", passed: [] }, () => undefined);
const help = execFileSync(join(projectRoot, "ecosphere"), ["--help"], { encoding: "utf8", cwd: "/" });

describe("the help that needs no Node", () => {
  test("names every command, and no other", () => {
    const named = [...help.matchAll(/^ {2}([a-z][a-z-]*).* {2,}\S/gm)].map(([, name]) => name);
    assert.deepEqual(
      named,
      program.commands.map((command) => command.name()),
    );
  });
});

describe("the help of a command", () => {
  test("describes it and offers --stack and --help", () => {
    for (const command of program.commands) {
      const text = command.helpInformation();
      assert.match(text, /--stack <name>/, command.name());
      assert.match(text, /--help/, command.name());
      assert.notEqual(command.description(), "");
    }
  });
});
