/** A field as COPY takes it: a number, null, or a text without the characters that COPY would read otherwise. */
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

/** Any text as a field of COPY's text format, byte for byte as COPY TO prints it. */
export function copyText(text: string): string {
  return text.replace(/[\\\b\f\n\r\t\v]/g, (character) => escapes[character] ?? character);
}

/** One line of COPY's text format. Texts are taken as they are: they have been through `copyText`. */
export function copyLine(values: readonly CopyValue[]): string {
  let line = "";
  let separator = "";
  for (const value of values) {
    line += `${separator}${value ?? "\\N"}`;
    separator = "\t";
  }
  return `${line}\n`;
}

/** Small chunks make a COPY eight times slower: each becomes a message of its own. */
const chunkCharacters = 64 * 1024;

/** Lines as chunks of about 64 KiB, with the number of lines in each. */
export function* copyChunks(lines: Iterable<string>): Generator<{ bytes: Buffer; rows: number }> {
  let text = "";
  let rows = 0;
  for (const line of lines) {
    text += line;
    rows++;
    if (text.length >= chunkCharacters) {
      yield { bytes: Buffer.from(text), rows };
      text = "";
      rows = 0;
    }
  }
  if (rows > 0) yield { bytes: Buffer.from(text), rows };
}
