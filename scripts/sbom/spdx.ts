import type { InstalledPackage } from "./installed.ts";

/** What a bill is about. */
export interface BilledImage {
  /** `ecosphere/postgres`. */
  readonly name: string;
  readonly tag: string;
  /** The image's id: a SHA-256 of its configuration. */
  readonly id: string;
  /** When it was built, as Docker says it. */
  readonly created: string;
  /** The image that it stands on, with its digest when it was pulled. */
  readonly base: string;
}

const distribution = "debian-13";

/**
 * The software bill of materials of one image, as SPDX 2.3. The same image has the same bill, whenever it is written.
 */
export function renderSpdx(image: BilledImage, packages: readonly InstalledPackage[]): object {
  const digest = image.id.replace(/^sha256:/, "");
  const self = {
    ...common(`SPDXRef-image-${idPart(image.name)}`, image.name, image.tag),
    primaryPackagePurpose: "CONTAINER",
    checksums: [{ algorithm: "SHA256", checksumValue: digest }],
    comment: `Built from images/Dockerfile on ${image.base}. Some files of the packages are left out; see there.`,
  };
  const parts = packages.map((each) => ({
    ...common(packageId(each), each.name, each.version),
    externalRefs: [
      { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: packageUrl(each) },
    ],
    ...(each.source !== undefined && { sourceInfo: `built from the Debian source package ${each.source}` }),
  }));
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `${image.name}:${image.tag}`,
    documentNamespace: `https://spdx.org/spdxdocs/${idPart(image.name)}-${digest}`,
    creationInfo: {
      created: image.created.replace(/\.\d+Z$/, "Z"),
      creators: ["Tool: ecosphere-sbom"],
    },
    packages: [self, ...parts],
    relationships: [
      relation("SPDXRef-DOCUMENT", "DESCRIBES", self.SPDXID),
      ...parts.map(({ SPDXID }) => relation(self.SPDXID, "CONTAINS", SPDXID)),
    ],
  };
}

/** https://github.com/package-url/purl-spec */
export function packageUrl({ kind, name, version, architecture }: InstalledPackage): string {
  const where = kind === "deb" ? `deb/debian/${encodeURIComponent(name)}` : `pypi/${pypiName(name)}`;
  const qualifiers = kind === "deb" ? `?arch=${architecture ?? "all"}&distro=${distribution}` : "";
  return `pkg:${where}@${encodeURIComponent(version)}${qualifiers}`;
}

function common(SPDXID: string, name: string, versionInfo: string) {
  const unsaid = "NOASSERTION";
  return {
    ...{ SPDXID, name, versionInfo, downloadLocation: unsaid, filesAnalyzed: false },
    ...{ licenseConcluded: unsaid, licenseDeclared: unsaid, copyrightText: unsaid },
  };
}

function packageId({ kind, name, version, architecture }: InstalledPackage): string {
  const parts = [kind, name, version, ...(architecture === undefined ? [] : [architecture])];
  return `SPDXRef-${parts.map(idPart).join("-")}`;
}

/** SPDX allows letters, digits, dots and hyphens in an id. */
function idPart(text: string): string {
  return text.replaceAll("+", "-plus-").replaceAll(/[^a-zA-Z0-9.-]+/g, "-");
}

function pypiName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}

function relation(spdxElementId: string, relationshipType: string, relatedSpdxElement: string) {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}
