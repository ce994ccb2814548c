import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { projectRoot, stateFolder } from "./paths.ts";

/** The targets of images/Dockerfile; `base` is what the others share. */
export type ImagePart = "base" | "postgres" | "etcd" | "proxy" | "sentinel";

/** The user ids that the Dockerfile gives, for files written into a container's volume from outside. */
export const imageUserIds = { postgres: 999, etcd: 998, proxy: 997, sentinel: 0 } as const;

const sourceFolder = join(projectRoot, "images");

// Where distributions keep the host's certificate authorities; a company adds its own there.
const bundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** A tag that changes when and only when a file under images/ does. */
export function imageTag(): string {
  const hash = createHash("sha256");
  for (const file of filesUnder(sourceFolder)) {
    const mode = statSync(file).mode & 0o111 ? "x" : "-";
    hash
      .update(`${relative(sourceFolder, file)}\0${mode}\0`)
      .update(readFileSync(file))
      .update("\0");
  }
  return hash.digest("hex").slice(0, 12);
}

export function imageName(part: ImagePart): string {
  return `ecosphere/${part}:${imageTag()}`;
}

/**
 * A copy of images/ with the host's authorities beside it, so that the build works behind a company's
 * TLS proxy. Returns the folder. The file is not part of any image.
 */
export function stageBuildContext(): string {
  const target = join(stateFolder, "build", imageTag());
  mkdirSync(target, { recursive: true });
  cpSync(sourceFolder, target, { recursive: true });
  const bundle = [process.env["SSL_CERT_FILE"], ...bundles].find((path) => path && existsSync(path));
  writeFileSync(join(target, "ca-bundle.pem"), bundle ? readFileSync(bundle) : "");
  return target;
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
