/** The blocks of a PEM file in their order, each without what stands around it. */
export interface PemBlocks {
  readonly certificates: readonly string[];
  readonly keys: readonly string[];
}

/** What else a file holds, such as the curve's parameters that openssl writes before a key, is left out. */
export function pemBlocks(text: string): PemBlocks {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g)];
  const labelled = (label: RegExp): string[] =>
    blocks.flatMap(([block, name = ""]) => (label.test(name) ? [`${block.replaceAll("\r\n", "\n")}\n`] : []));
  return { certificates: labelled(/^CERTIFICATE$/), keys: labelled(/PRIVATE KEY$/) };
}
