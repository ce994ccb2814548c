import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, describe, test } from "node:test";
import { projectRoot } from "../../lib/paths.ts";

// A checkout with the launcher alone, and on the PATH stand-ins of what it starts.
const root = mkdtempSync(join(tmpdir(), "ecosphere-launcher-"));
after(() => {
  rmSync(root, { recursive: true });
});
copyFileSync(join(projectRoot, "ecosphere"), join(root, "ecosphere"));
for (const file of ["package.json", "package-lock.json", ".npmrc"]) writeFileSync(join(root, file), "");

const put = (folder: string, name: string, script: string): void => {
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
};
const node = (version: string): string =>
  `if [ "$1" = --version ]; then echo v${version}; else /usr/bin/env; fi`;
put("new", "node", node("24.0.0"));
put("new", "npm", "mkdir -p node_modules");
put("old", "node", node("18.0.0"));
put("old", "npm", "exit 1");
put("full", "ln", `echo "ln: failed to create symbolic link: No space left on device" >&2; exit 1`);

const launch = (folders: readonly string[], environment: NodeJS.ProcessEnv) => {
  const path = [...folders.map((name) => join(root, name)), "/usr/bin", "/bin"].join(delimiter);
  const { status, stdout, stderr } = spawnSync(join(root, "ecosphere"), ["doctor"], {
    encoding: "utf8",
    timeout: 20_000,
    env: { PATH: path, HOME: root, ECOSPHERE_CACHE: join(root, "cache"), ...environment },
  });
  return { status, stdout, stderr };
};

describe("a folder that cannot be written ends the run at once", () => {
  test("when it cannot be made", () => {
    const cache = join(root, "ecosphere", "cache");
    const { status, stderr } = launch(["old"], { ECOSPHERE_CACHE: cache });
    assert.equal(status, 1);
    assert.ok(stderr.includes(`error: the folder ${cache} cannot be written: Not a directory\n`), stderr);
    assert.match(stderr, /sudo chown -R \S+ \S+\/ecosphere\/cache\n.*ECOSPHERE_CACHE=FOLDER/);
  });

  test("when it is there and no lock can be made in it", () => {
    const { status, stderr } = launch(["full", "old"], {});
    assert.equal(status, 1);
    assert.ok(stderr.includes(`${join(root, "cache")} cannot be written: No space left on device\n`), stderr);
  });
});

test("the lock of a process that has ended is taken over, and none is left", () => {
  const cache = join(root, "cache");
  mkdirSync(cache, { recursive: true });
  spawnSync("ln", ["-sn", "4999999", join(cache, "node.lock")]);
  const { stderr } = launch(["old"], {});
  assert.match(stderr, /npm could not get node-/);
  assert.deepEqual(readdirSync(cache), []);
});

describe("a proxy of the environment", () => {
  const proxyOf = (environment: NodeJS.ProcessEnv): Record<string, string> => {
    const { status, stdout, stderr } = launch(["new"], environment);
    assert.equal(status, 0, stderr);
    assert.ok(existsSync(join(root, "node_modules")));
    const names = /^(NODE_USE_ENV_PROXY|no_proxy|NO_PROXY)=(.*)$/gm;
    const found: Record<string, string> = {};
    for (const [, name = "", value = ""] of stdout.matchAll(names)) found[name] = value;
    return found;
  };
  const local = "localhost,127.0.0.1,::1";

  test("is used, except for this machine and what the user has excepted", () => {
    assert.deepEqual(proxyOf({ https_proxy: "http://proxy.example:3128" }), {
      NODE_USE_ENV_PROXY: "1",
      no_proxy: local,
      NO_PROXY: local,
    });
    const excepted = proxyOf({ HTTP_PROXY: "http://proxy.example:3128", NO_PROXY: ".corp.example" });
    assert.equal(excepted["no_proxy"], `.corp.example,${local}`);
    assert.equal(proxyOf({ http_proxy: "http://proxy.example", no_proxy: "*" })["no_proxy"], "*");
  });

  test("is left alone when there is none, or one that Node would not start with", () => {
    assert.deepEqual(proxyOf({}), {});
    assert.deepEqual(proxyOf({ http_proxy: "proxy.example:3128" }), {});
  });
});
