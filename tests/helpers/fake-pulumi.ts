import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PreparedStack } from "../../scripts/stack/prepare-stack.ts";
import { StackConfig } from "../../scripts/stack/stack-config.ts";
import { stackFolder } from "../../scripts/stack/stack-folder.ts";

/** A stack that is prepared in a folder of its own, with a shell script in place of the Pulumi CLI. */
export interface FakeStack extends Disposable {
  readonly prepared: PreparedStack;
}

/**
 * @param script gets Pulumi's arguments, and the stack's folder as $FOLDER
 * @param config the stack's own keys
 */
export function fakeStack(
  script: string,
  config: Readonly<Record<string, string>> = {},
  env: NodeJS.ProcessEnv = {},
): FakeStack {
  const root = mkdtempSync(join(tmpdir(), "ecosphere-stack-"));
  const folder = stackFolder(`unit-${randomBytes(4).toString("hex")}`, root, root);
  const stackConfig = StackConfig.open(folder);
  stackConfig.set(config);
  writeFileSync(folder.passphrase, "passphrase\n", { mode: 0o600 });
  const path = join(root, "pulumi");
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  const prepared = {
    folder,
    config: stackConfig,
    env: { PATH: process.env["PATH"], FOLDER: folder.path, ...env },
    variables: {},
    cli: { path, version: "0.0.0", source: "built" as const, hasLanguageHost: true },
  };
  return {
    prepared,
    [Symbol.dispose]: () => {
      rmSync(root, { recursive: true });
    },
  };
}
