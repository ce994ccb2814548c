import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { pack } from "tar-stream";
import { packFile, unpackFile } from "../../../../provider/ecosphere/volume-archive.ts";

test("a packed file comes back with its owner, mode and every character", async () => {
  const file = { content: "größe: 1\n\n", mode: "0640", uid: 999, gid: 998 };
  assert.deepEqual(await unpackFile(Readable.from([await packFile("tls/key", file)])), file);
});

test("an empty file is a file", async () => {
  const file = { content: "", mode: "0400", uid: 0, gid: 0 };
  assert.deepEqual(await unpackFile(Readable.from([await packFile("empty", file)])), file);
});

for (const type of ["directory", "symlink"] as const) {
  test(`a ${type} at the file's place is no such file`, async () => {
    const archive = pack();
    archive.entry({ name: "key", type, linkname: "/etc/passwd" });
    archive.finalize();
    assert.equal(await unpackFile(Readable.from([await buffer(archive)])), undefined);
  });
}
