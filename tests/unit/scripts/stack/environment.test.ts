import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { hasOwnPassphrase, renderExports, stackVariables } from "../../../../scripts/stack/environment.ts";
import { stackFolder } from "../../../../scripts/stack/stack-folder.ts";

const folder = stackFolder("blue", "/project", "/project/.ecosphere");
const variables = (env: NodeJS.ProcessEnv): Record<string, string> =>
  stackVariables({ folder, cliFolder: "/cli", env });

test("the stack, its configuration, its passphrase's file and the local state are set", () => {
  const set = variables({ PATH: "/usr/bin" });
  assert.equal(set["PULUMI_STACK"], "blue");
  assert.equal(set["PULUMI_OPTION_CONFIG_FILE"], "/project/.ecosphere/stacks/blue/Pulumi.blue.yaml");
  assert.equal(set["PULUMI_CONFIG_PASSPHRASE_FILE"], "/project/.ecosphere/stacks/blue/passphrase");
  assert.match(set["PULUMI_BACKEND_URL"] ?? "", /^file:\/\/\/.*\/\.ecosphere\/state\?create_dir=true$/);
  assert.match(set["PATH"] ?? "", /^[^:]+:\/cli:\/usr\/bin$/);
});

test("the user's own backend and passphrase stay", () => {
  for (const own of [{ PULUMI_CONFIG_PASSPHRASE: "" }, { PULUMI_CONFIG_PASSPHRASE_FILE: "/own" }]) {
    const set = variables({ PATH: "", PULUMI_BACKEND_URL: "s3://state", ...own });
    assert.equal(set["PULUMI_BACKEND_URL"], undefined);
    assert.equal(set["PULUMI_CONFIG_PASSPHRASE_FILE"], undefined);
    assert.equal(hasOwnPassphrase(own), true);
  }
});

test("in a shell with the environment of one stack, another stack has its own", () => {
  const shell = stackVariables({
    folder: stackFolder("green"),
    cliFolder: "/cli",
    env: { PATH: "/usr/bin" },
  });
  const set = variables(shell);
  assert.equal(set["PULUMI_CONFIG_PASSPHRASE_FILE"], folder.passphrase);
  assert.equal(set["PULUMI_STACK"], "blue");
  assert.equal(set["PATH"], shell["PATH"], "the folders are not put in twice");
});

test("no secret is among the variables", () => {
  const set = variables({
    PATH: "",
    PULUMI_CONFIG_PASSPHRASE: "do-not-print",
    PULUMI_ACCESS_TOKEN: "nor-this",
  });
  assert.doesNotMatch(JSON.stringify(set), /do-not-print|nor-this/);
});

test("a shell reads back exactly what was exported", () => {
  const odd = `a b'c"d$e\`f\\g;h`;
  const read = execFileSync("sh", ["-c", `${renderExports({ ODD: odd })} printf %s "$ODD"`], {
    encoding: "utf8",
  });
  assert.equal(read, odd);
});
