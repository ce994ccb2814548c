/** A value as COPY takes it. Texts are passed as they are and escaped here. */
export type CopyValue = string | number | null;

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** One line of COPY's text format, byte for byte as COPY TO prints the same row. */
export function copyLine(values: readonly CopyValue[]): string {
  return `${values.map(copyField).join("\t")}\n`;
}

function copyField(value: CopyValue): string {
  if (value === null) return "\\N";
  if (typeof value === "number") return String(value);
  return value.replace(/[\\\b\f\n\r\t\v]/g, (character) => escapes[character] ?? character);
}

/** Small chunks make a COPY eight times slower: each becomes a message of its own. */
const chunkBytes = 64 * 1024;

/** Lines as chunks of about 64 KiB, with the number of lines in each. */
export function* copyChunks(lines: Iterable<string>): Generator<{ bytes: Buffer; rows: number }> {
  let text = "";
  let rows = 0;
  for (const line of lines) {
    text += line;
    rows++;
    if (text.length >= chunkBytes) {
      yield { bytes: Buffer.from(text), rows };
      text = "";
      rows = 0;
    }
  }
  if (rows > 0) yield { bytes: Buffer.from(text), rows };
}
