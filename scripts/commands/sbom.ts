import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { connectDocker } from "../../lib/docker.ts";
import { messageOf, UserError } from "../../lib/errors.ts";
import { imageName } from "../../lib/images.ts";
import { projectRoot, stateFolder } from "../../lib/paths.ts";
import { parseSettings } from "../../lib/settings.ts";
import { findBaseImage } from "../../toolchain/base-image.ts";
import { readImage } from "../sbom/image-contents.ts";
import { renderSpdx } from "../sbom/spdx.ts";
import { StackConfig } from "../stack/stack-config.ts";
import { stackFolder } from "../stack/stack-folder.ts";
import { note } from "../terminal.ts";

const parts = ["postgres", "etcd", "proxy", "sentinel"] as const;

/** `./ecosphere sbom`: one file an image, and one for the program. Prints their paths. Returns the exit code. */
export async function sbomCommand(stack: string, out: string | undefined): Promise<number> {
  const folder = out === undefined ? join(stateFolder, "sbom") : resolve(out);
  const { baseImage } = parseSettings(StackConfig.peek(stackFolder(stack)).values(), stack);
  const docker = await connectDocker();
  const base = (await findBaseImage(baseImage)) ?? baseImage;
  const files: [string, object][] = [];
  for (const part of parts) {
    const { image, packages } = await readImage(docker, imageName(part), base);
    files.push([`${part}.spdx.json`, renderSpdx(image, packages)]);
    note(`${image.name}:${image.tag}: ${packages.length} packages, on ${image.base}`);
  }
  files.push(["npm.spdx.json", await billOfNpm()]);
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of files) {
    writeFileSync(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
    process.stdout.write(`${join(folder, name)}\n`);
  }
  return 0;
}

/** By npm itself, from package-lock.json. */
async function billOfNpm(): Promise<object> {
  const args = ["sbom", "--sbom-format", "spdx", "--package-lock-only"];
  try {
    const options = { cwd: projectRoot, maxBuffer: 64 * 1024 * 1024 };
    const content: unknown = JSON.parse((await promisify(execFile)("npm", args, options)).stdout);
    if (typeof content === "object" && content !== null) return content;
    throw new Error("it printed no object");
  } catch (error) {
    throw new UserError(
      "npm-sbom",
      `npm ${args.join(" ")} failed: ${messageOf(error)}`,
      "It takes npm 10 or later.",
    );
  }
}
