import { z } from "zod";

/** A package that is in an image, by the word of what installed it. */
export interface InstalledPackage {
  readonly kind: "deb" | "pypi";
  readonly name: string;
  readonly version: string;
  /** Of a Debian package: `amd64`, `all`. */
  readonly architecture?: string;
  /** Of a Debian package that was built from one of another name: that one. */
  readonly source?: string;
}

/** Reads /var/lib/dpkg/status: the packages that are installed, in its order. */
export function parseDpkgStatus(text: string): readonly InstalledPackage[] {
  return text.split(/\n{2,}/).flatMap((paragraph) => {
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}: *(.*)$`, "m").exec(paragraph)?.[1]?.trim();
    const [name, version] = [field("Package"), field("Version")];
    // Removed, but not purged, a package is still listed.
    if (name === undefined || version === undefined || !field("Status")?.endsWith(" installed")) return [];
    const [architecture, source] = [field("Architecture"), field("Source")];
    return [
      {
        kind: "deb" as const,
        name,
        version,
        ...(architecture !== undefined && { architecture }),
        ...(source !== undefined && { source: source.replace(/ \(.*\)$/, "") }),
      },
    ];
  });
}

const distributions = z.array(z.tuple([z.string(), z.string()]));

/** Reads what `listDistributions` prints. */
export function parseDistributions(json: string): readonly InstalledPackage[] {
  return distributions.parse(JSON.parse(json)).map(([name, version]) => ({ kind: "pypi", name, version }));
}

/** A Python program that prints name and version of everything in its environment. */
export const listDistributions =
  "import importlib.metadata as m, json; " +
  "print(json.dumps(sorted([d.metadata['Name'], d.version] for d in m.distributions())))";
