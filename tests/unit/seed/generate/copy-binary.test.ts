import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { commerceTables, type CommerceTable } from "../../../../lib/commerce-model.ts";
import {
  ChunkBuffers,
  CopyWriter,
  endOfRow,
  startOfRows,
} from "../../../../scripts/seed/generate/copy-binary.ts";
import { dayText, parseDay, timestampText } from "../../../../scripts/seed/generate/dates.ts";
import { Generator } from "../../../../scripts/seed/generate/generator.ts";
import { chunksOf } from "../../../../scripts/seed/generate/row-range.ts";
import { rowText } from "../../../../scripts/seed/generate/row-sink.ts";
import type { RowValue } from "../../../../scripts/seed/generate/row-values.ts";
import { freshPlan, idBlock } from "../../../../scripts/seed/seed-plan.ts";

describe("COPY's binary format", () => {
  test("is what the server writes for the same row, to the byte", () => {
    const writer = new CopyWriter(12, new ChunkBuffers());
    writer.begin();
    writer.beginRow();
    writer.integer(-7);
    for (const cents of [0, 50, 1200, 1250, 999_999]) writer.money(cents);
    writer.text(rowText("é\t\\"));
    writer.beginText();
    writer.part(rowText("a."));
    writer.partNumber(0);
    writer.partNumber(907);
    writer.endText();
    writer.day(parseDay("2026-11-22") ?? NaN);
    writer.day(parseDay("1999-12-31") ?? NaN);
    writer.timestamp((parseDay("2026-11-22") ?? NaN) + 49_531);
    writer.nothing();
    writer.end();
    // COPY (SELECT -7, 0.00, 0.50, 12.00, 12.50, 9999.99, E'é\t\\', 'a.0907', '2026-11-22'::date, …, NULL)
    const rows = [
      "000c 00000004fffffff9",
      "00000008 0000000000000002 0000000a 0001ffff000000021388",
      "0000000a 000100000000 0002000c 0000000c 000200000000 0002000c1388 0000000c 000200000000 0002270f26ac",
      "00000004 c3a9095c 00000006 612e30393037",
      "00000004 0000265e 00000004 ffffffff 00000008 000303dc759c54c0 ffffffff",
      "ffff",
    ];
    const signature = Buffer.from("PGCOPY\n\xff\r\n\0", "latin1").toString("hex") + "0".repeat(16);
    assert.equal(writer.take().toString("hex"), signature + rows.join("").replaceAll(" ", ""));
  });

  test("says where each row ends", () => {
    const writer = new CopyWriter(2, new ChunkBuffers());
    writer.begin();
    for (const text of ["a", "bcd"]) {
      writer.beginRow();
      writer.text(rowText(text));
      writer.nothing();
    }
    writer.end();
    const bytes = writer.take();
    const first = endOfRow(bytes, startOfRows);
    const second = endOfRow(bytes, first);
    assert.deepEqual([first - startOfRows, second - first], [11, 13]);
    assert.equal(endOfRow(bytes, second), second);
  });

  test("takes no amount that it would cut", () => {
    assert.throws(() => {
      new CopyWriter(1, new ChunkBuffers()).money(1_000_000);
    }, RangeError);
  });
});

for (const realistic of [true, false]) {
  test(`each table's ${realistic ? "realistic" : "uniform"} rows are the same as bytes and as values`, async () => {
    const plan = freshPlan({ size: { rows: 700 }, seed: 3, asOf: "2026-11-22", realistic });
    const generator = await Generator.of(plan);
    for (const table of commerceTables) {
      const block = idBlock(plan, table.name);
      const chunks = [...chunksOf(generator, { table: table.name, number: 0, ...block })];
      const written = rowsIn(Buffer.concat(chunks.map(({ bytes }) => bytes)), table);
      const make = generator.table(table.name);
      const wanted = Array.from({ length: block.count }, (_, at) => make(block.first + at));
      assert.deepEqual(written, wanted, table.name);
      assert.equal(
        chunks.reduce((sum, { rows }) => sum + rows, 0),
        block.count,
      );
    }
  });
}

test("chunks have about 64 KiB, so that each is one message", async () => {
  const plan = freshPlan({ size: { scale: 2 }, seed: 3, asOf: "2026-11-22", realistic: true });
  const range = { table: "users", number: 0, ...idBlock(plan, "users") };
  const chunks = [...chunksOf(await Generator.of(plan), range)];
  assert.ok(chunks.length > 3);
  for (const { bytes } of chunks.slice(0, -1)) assert.ok(bytes.length >= 65_536 && bytes.length < 66_600);
});

test("buffers last until they may be used again, and are the same ones then", async () => {
  const plan = freshPlan({ size: { scale: 2 }, seed: 3, asOf: "2026-11-22", realistic: true });
  const generator = await Generator.of(plan);
  const range = { table: "users", number: 0, ...idBlock(plan, "users") };
  const buffers = new ChunkBuffers();
  const memory = (): Set<ArrayBufferLike> =>
    new Set(Array.from(chunksOf(generator, range, buffers), ({ bytes }) => bytes.buffer));
  const first = memory();
  buffers.reuse();
  const second = memory();
  assert.ok(first.size > 3);
  assert.deepEqual([...second], [...first]);
  assert.ok([...memory()].every((each) => !first.has(each)));
});

/** What the server would make of the bytes. */
function rowsIn(bytes: Buffer, { columns }: CommerceTable): RowValue[][] {
  const rows: RowValue[][] = [];
  let at = startOfRows;
  while (bytes.readInt16BE(at) !== -1) {
    assert.equal(bytes.readInt16BE(at), columns.length);
    at += 2;
    const row: RowValue[] = [];
    for (const { type } of columns) {
      const length = bytes.readInt32BE(at);
      at += 4;
      row.push(length < 0 ? null : valueOf(bytes.subarray(at, at + length), type));
      at += Math.max(0, length);
    }
    rows.push(row);
  }
  assert.equal(bytes.length, at + 2);
  return rows;
}

const serverEpoch = Date.UTC(2000, 0, 1) / 1000;

function valueOf(field: Buffer, type: string): RowValue {
  switch (type) {
    case "text":
      return field.toString();
    case "date":
      return dayText(serverEpoch + field.readInt32BE(0) * 86_400);
    case "timestamp":
      return timestampText(serverEpoch + Number(field.readBigInt64BE(0)) / 1e6);
    case "numeric": {
      const digits = Array.from({ length: field.readInt16BE(0) }, (_, at) => field.readInt16BE(8 + 2 * at));
      const weight = field.readInt16BE(2);
      return digits.reduce((sum, digit, at) => sum + digit * 10_000 ** (weight - at), 0).toFixed(2);
    }
    default:
      return field.readInt32BE(0);
  }
}
