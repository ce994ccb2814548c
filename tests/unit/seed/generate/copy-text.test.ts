import assert from "node:assert/strict";
import { test } from "node:test";
import { copyChunks, copyLine, copyText } from "../../../../scripts/seed/generate/copy-text.ts";

test("a line separates by tabs and writes null as \\N; a text has escaped what would break the line", () => {
  const text = copyText("a\tb\nc\\d\r");
  assert.equal(copyLine([1, text, null, "", "é"]), "1\ta\\tb\\nc\\\\d\\r\t\\N\t\té\n");
});

test("chunks hold whole lines, about 64 KiB each, nothing lost", () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `${index} ${"x".repeat(40)}\n`);
  const chunks = [...copyChunks(lines)];
  assert.equal(Buffer.concat(chunks.map(({ bytes }) => bytes)).toString(), lines.join(""));
  assert.equal(
    chunks.reduce((sum, { rows }) => sum + rows, 0),
    lines.length,
  );
  for (const { bytes } of chunks.slice(0, -1)) assert.ok(bytes.length >= 65_536 && bytes.length < 66_000);
  assert.ok(chunks.length > 1);
});

test("nothing to write gives no chunk", () => {
  assert.deepEqual([...copyChunks([])], []);
});
