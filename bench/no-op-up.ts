import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { UserError } from "../lib/errors.ts";
import { projectRoot } from "../lib/paths.ts";
import { prepareStack } from "../scripts/stack/prepare-stack.ts";
import { runProgram } from "../scripts/stack/run-program.ts";
import { benchStack } from "./bench-stack.ts";
import { time, type Benchmark } from "./harness.ts";

export const benchmark: Benchmark = {
  name: "no-op-up",
  title: "pulumi up that changes nothing, with a refresh of every resource",
  peer: "pulumi up of an empty TypeScript program",
  aim: 3,
  prepare: async () => {
    const stack = await benchStack();
    await stack.up();
    const empty = await emptyProgram();
    return {
      ours: () => stack.up(),
      peer: () => empty.up(),
      [Symbol.asyncDispose]: async () => {
        empty.remove();
        await stack.destroy();
      },
    };
  },
};

/** A program without a resource, in a folder and a state of its own, with the same CLI and language host. */
async function emptyProgram(): Promise<{ up(): Promise<number>; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "ecosphere-bench-"));
  mkdirSync(join(folder, "state"));
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    "name: empty\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.ts\n",
  );
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(
    join(folder, "index.ts"),
    'import * as pulumi from "@pulumi/pulumi";\nexport const stack = pulumi.getStack();\n',
  );
  symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
  const { cli, env: projectEnv } = await prepareStack("dev");
  const env: NodeJS.ProcessEnv = {
    ...projectEnv,
    PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
    PULUMI_CONFIG_PASSPHRASE: "empty",
    PULUMI_STACK: "empty",
  };
  delete env["PULUMI_OPTION_CONFIG_FILE"];
  delete env["PULUMI_CONFIG_PASSPHRASE_FILE"];
  const run = async (...args: readonly string[]): Promise<void> => {
    const result = await runProgram(cli.path, args, { cwd: folder, env, output: "capture" });
    if (result.code !== 0) throw new UserError("bench", `pulumi ${args.join(" ")} failed:\n${result.stderr}`);
  };
  await run("stack", "init", "empty", "--non-interactive");
  await run("up", "--yes", "--skip-preview", "--non-interactive");
  return {
    up: () => time(() => run("up", "--yes", "--skip-preview", "--non-interactive")),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
