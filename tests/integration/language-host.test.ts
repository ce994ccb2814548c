import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../../lib/paths.ts";
import { findPulumiCli } from "../../toolchain/pulumi-cli.ts";
import { pulumiVersion } from "../../toolchain/versions.ts";
import { within } from "../helpers/timeouts.ts";

interface Ran {
  readonly code: number;
  readonly output: string;
}

describe("the language host, started by the CLI", () => {
  let folder = "";
  let cli = "";

  before(async () => {
    const found = await findPulumiCli();
    assert.ok(found, "the Pulumi CLI is needed: ./ecosphere test gets it");
    cli = found.path;
    folder = await mkdtemp(join(tmpdir(), "ecosphere host-"));
    const plugin = join(folder, "home", "plugins", `language-nodejs-v${pulumiVersion}`);
    await mkdir(plugin, { recursive: true });
    const launcher = join(plugin, "pulumi-language-nodejs");
    const main = join(projectRoot, "toolchain", "language-host", "main.ts");
    await writeFile(launcher, `#!/bin/sh\nexec '${process.execPath}' --no-warnings '${main}' "$@"\n`);
    await chmod(launcher, 0o755);
    await mkdir(join(folder, "state"));
    await writeFile(
      join(folder, "Pulumi.yaml"),
      "name: host\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: program.ts\n",
    );
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    await program('export const greeting: string = "hello";');
    assert.equal((await pulumi("stack", "init", "t")).code, 0);
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  const program = (text: string): Promise<void> => writeFile(join(folder, "program.ts"), text);
  const pulumi = (...args: readonly string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const env = {
        ...process.env,
        PULUMI_HOME: join(folder, "home"),
        PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // One on the PATH would be taken before the plugin under test.
        PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
      };
      const options = { cwd: folder, env, timeout: within.pulumiOperation };
      execFile(cli, [...args, "--non-interactive"], options, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
        resolve({ code, output: `${stdout}${stderr}` });
      });
    });

  test("a TypeScript program runs, previews without change, refreshes and goes", async () => {
    for (const step of [
      ["up", "--yes", "--skip-preview"],
      ["preview", "--expect-no-changes"],
      ["refresh", "--yes", "--skip-preview"],
    ]) {
      const { code, output } = await pulumi(...step);
      assert.equal(code, 0, output);
      assert.doesNotMatch(output, /warning:/);
    }
    assert.match((await pulumi("stack", "output", "greeting")).output, /^hello$/m);
    const { code, output } = await pulumi("destroy", "--yes", "--skip-preview");
    assert.equal(code, 0, output);
  });

  test("configuration reaches the program", async () => {
    await program('export const said = JSON.parse(process.env.PULUMI_CONFIG ?? "{}")["host:word"];');
    assert.equal((await pulumi("config", "set", "word", "a b")).code, 0);
    const { code, output } = await pulumi("up", "--yes", "--skip-preview");
    assert.equal(code, 0, output);
    assert.match((await pulumi("stack", "output", "said")).output, /^a b$/m);
  });

  test("a program that throws fails the update with its own words", async () => {
    await program('throw new Error("the program says no");');
    const { code, output } = await pulumi("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    assert.match(output, /the program says no/);
    assert.doesNotMatch(output, /exited with code/, "the engine is told that the error was shown");
  });

  test("a program that ends itself fails the update with its exit code", async () => {
    await program("process.exit(7);");
    const { code, output } = await pulumi("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    assert.match(output, /exited with code 7/);
  });
});
