import { existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { connectDocker, dockerAddress } from "../lib/docker.ts";
import { UserError } from "../lib/errors.ts";
import { projectRoot } from "../lib/paths.ts";
import { cacheFolder } from "./cache.ts";
import { isKnownRefused, pulumiDownloads } from "./downloads.ts";
import { pulumiSteps } from "./toolchain.ts";

const megabyte = 1024 ** 2;
const gigabyte = 1024 ** 3;

/** Room that a folder, which need not be there yet, must have on its disk. */
export interface SpaceNeed {
  readonly what: "checkout" | "cache" | "Docker's data";
  readonly path: string;
  readonly bytes: number;
}

/** A disk, told from others by its id, with what can still be written to it. */
export interface Disk {
  readonly id: number;
  readonly freeBytes: number;
}

/** What is asked of one disk. */
export interface DiskUse {
  readonly needs: readonly SpaceNeed[];
  readonly neededBytes: number;
  readonly freeBytes: number;
}

/** The state of the stacks, and the npm packages. */
export const checkoutNeed: SpaceNeed = { what: "checkout", path: projectRoot, bytes: 512 * megabyte };

/** For the cache: next to nothing when Pulumi is there; less for a download than for a build. */
export async function cacheNeed(): Promise<SpaceNeed> {
  const found = await Promise.all(pulumiSteps.map((step) => step.find()));
  const download = isKnownRefused(pulumiDownloads) ? 6 * gigabyte : gigabyte;
  return { what: "cache", path: cacheFolder(), bytes: found.includes(undefined) ? download : 64 * megabyte };
}

/** For images and volumes; none when Docker does not answer or keeps its data out of our sight. */
export async function dockerNeeds(): Promise<readonly SpaceNeed[]> {
  if (!dockerAddress().startsWith("unix://")) return [];
  const answer: unknown = await connectDocker().then(
    (docker) => docker.info(),
    () => undefined,
  );
  const info = z.object({ DockerRootDir: z.string(), OperatingSystem: z.string() }).safeParse(answer).data;
  // Docker Desktop's folder is one of its virtual machine.
  if (info === undefined || info.OperatingSystem === "Docker Desktop" || !existsSync(info.DockerRootDir)) {
    return [];
  }
  return [{ what: "Docker's data", path: info.DockerRootDir, bytes: gigabyte }];
}

/** Adds up what is needed on each disk. */
export function diskUses(needs: readonly SpaceNeed[], diskOf: (path: string) => Disk = diskAt): DiskUse[] {
  const uses = new Map<number, DiskUse>();
  for (const need of needs) {
    const { id, freeBytes } = diskOf(need.path);
    const before = uses.get(id);
    uses.set(id, {
      needs: [...(before?.needs ?? []), need],
      neededBytes: (before?.neededBytes ?? 0) + need.bytes,
      freeBytes,
    });
  }
  return [...uses.values()];
}

/** Ends a run that would stop half way. @throws UserError `disk-full`: every disk with too little room */
export function requireSpace(needs: readonly SpaceNeed[], diskOf: (path: string) => Disk = diskAt): void {
  const full = diskUses(needs, diskOf).filter(({ freeBytes, neededBytes }) => freeBytes < neededBytes);
  if (full.length === 0) return;
  const kinds = new Set(full.flatMap((use) => use.needs).map(({ what }) => what));
  const fixes = [
    "Free some space there and run the same command again.",
    ...(kinds.has("Docker's data")
      ? ["`docker system df` shows Docker's share; `docker system prune` takes back what is unused."]
      : []),
    ...(kinds.has("cache")
      ? ["The cache can be on another disk: ECOSPHERE_CACHE=FOLDER ./ecosphere ..."]
      : []),
  ];
  throw new UserError("disk-full", full.map(describeUse).join("\n"), fixes.join("\n"));
}

/** Bytes in the unit that reads best. */
export function readableBytes(bytes: number): string {
  // Rounded down: what is free must not look like more than what is needed.
  return bytes >= gigabyte
    ? `${(Math.floor((bytes / gigabyte) * 10) / 10).toFixed(1)} GB`
    : `${Math.floor(bytes / megabyte)} MB`;
}

function describeUse({ needs, neededBytes, freeBytes }: DiskUse): string {
  const folders = needs.map(({ what, path }) => `${path} (${what})`).join(" and ");
  return `only ${readableBytes(freeBytes)} are free on the disk of ${folders}; ${readableBytes(neededBytes)} are needed`;
}

/** What can still be written to the disk of a folder that is there, in bytes. */
export function freeBytesAt(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

function diskAt(path: string): Disk {
  if (!existsSync(path)) return diskAt(dirname(path));
  return { id: statSync(path).dev, freeBytes: freeBytesAt(path) };
}
