import { z } from "zod";

/** What SPDX 2.3 demands of a document as JSON, as far as this project writes one: clauses 6, 7 and 11. */
const spdxId = z.string().regex(/^SPDXRef-[a-zA-Z0-9.-]+$/);
const document = z.strictObject({
  spdxVersion: z.literal("SPDX-2.3"),
  dataLicense: z.literal("CC0-1.0"),
  SPDXID: z.literal("SPDXRef-DOCUMENT"),
  name: z.string().min(1),
  documentNamespace: z.url().regex(/^[^#]+$/),
  creationInfo: z.strictObject({
    created: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    creators: z.array(z.string().regex(/^(Tool|Person|Organization): \S/)).min(1),
  }),
  packages: z.array(
    z.strictObject({
      SPDXID: spdxId,
      name: z.string().min(1),
      versionInfo: z.string().min(1),
      downloadLocation: z.literal("NOASSERTION"),
      filesAnalyzed: z.literal(false),
      licenseConcluded: z.literal("NOASSERTION"),
      licenseDeclared: z.literal("NOASSERTION"),
      copyrightText: z.literal("NOASSERTION"),
      comment: z.string().optional(),
      sourceInfo: z.string().optional(),
      primaryPackagePurpose: z.literal("CONTAINER").optional(),
      checksums: z
        .array(
          z.strictObject({
            algorithm: z.literal("SHA256"),
            checksumValue: z.string().regex(/^[0-9a-f]{64}$/),
          }),
        )
        .optional(),
      externalRefs: z
        .array(
          z.strictObject({
            referenceCategory: z.literal("PACKAGE-MANAGER"),
            referenceType: z.literal("purl"),
            referenceLocator: z.string().regex(/^pkg:[a-z]+\/[^@\s]+@[^@\s]+$/),
          }),
        )
        .optional(),
    }),
  ),
  relationships: z.array(
    z.strictObject({
      spdxElementId: spdxId,
      relationshipType: z.enum(["DESCRIBES", "CONTAINS"]),
      relatedSpdxElement: spdxId,
    }),
  ),
});

/** What is wrong with a document; empty when it is one. */
export function spdxFaults(content: unknown): readonly string[] {
  const parsed = document.safeParse(content);
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  const { packages, relationships } = parsed.data;
  const ids = packages.map(({ SPDXID }) => SPDXID);
  const related = new Set(relationships.map(({ relatedSpdxElement }) => relatedSpdxElement));
  const known = new Set(["SPDXRef-DOCUMENT", ...ids]);
  return [
    ...ids.filter((id, at) => ids.indexOf(id) < at).map((id) => `${id} stands there twice`),
    ...ids.filter((id) => !related.has(id)).map((id) => `${id} is in no relationship`),
    ...relationships
      .flatMap(({ spdxElementId, relatedSpdxElement }) => [spdxElementId, relatedSpdxElement])
      .filter((id) => !known.has(id))
      .map((id) => `${id} is not in the document`),
  ];
}
