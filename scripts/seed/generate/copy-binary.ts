import { secondsPerDay, type EpochSeconds } from "./dates.ts";
import type { RowSink, RowText } from "./row-sink.ts";

/** Small chunks make a COPY eight times slower: each becomes a message of its own. */
const chunkBytes = 64 * 1024;
/** No row is longer. */
const mostRowBytes = 16 * 1024;

/** "PGCOPY", what a transfer as text would spoil, no flags, no extension. */
const signature = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
const endOfRows = -1;
/** 1 January 2000, from which the server counts. */
const serverEpoch: EpochSeconds = 946_684_800;

/** What rows are written into: memory that is taken anew for each chunk costs as much as a third of the rows in it. */
export class ChunkBuffers {
  readonly #all: Buffer[] = [];
  #used = 0;

  next(): Buffer {
    return (this.#all[this.#used++] ??= Buffer.allocUnsafeSlow(chunkBytes + mostRowBytes));
  }

  /** Nobody reads any more what has been written so far: it will be written over. */
  reuse(): void {
    this.#used = 0;
  }
}

/**
 * Rows in COPY's binary format, which the server reads and writes with less work than text, and which no setting of
 * a session changes. Byte for byte as `COPY … TO … (FORMAT binary)` has the same rows.
 */
export class CopyWriter implements RowSink {
  readonly #columns: number;
  readonly #buffers: ChunkBuffers;
  #bytes: Buffer = Buffer.alloc(0);
  #view = viewOf(this.#bytes);
  #at = 0;
  #textAt = 0;
  #isFirst = true;

  constructor(columns: number, buffers: ChunkBuffers) {
    this.#columns = columns;
    this.#buffers = buffers;
  }

  /** A chunk follows: what is written from here on until `take`. */
  begin(): void {
    this.#bytes = this.#buffers.next();
    this.#view = viewOf(this.#bytes);
    this.#at = 0;
    if (!this.#isFirst) return;
    this.#isFirst = false;
    this.#append(signature);
  }

  /** Whether it is time to `take`. */
  get isFull(): boolean {
    return this.#at >= chunkBytes;
  }

  /** The chunk. */
  take(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  /** A row of as many values as there are columns follows. */
  beginRow(): void {
    this.#view.setInt16(this.#at, this.#columns);
    this.#at += 2;
  }

  /** No row follows. */
  end(): void {
    this.#view.setInt16(this.#at, endOfRows);
    this.#at += 2;
  }

  integer(value: number): void {
    this.#view.setInt32(this.#at, 4);
    this.#view.setInt32(this.#at + 4, value);
    this.#at += 8;
  }

  /** Digits of base 10,000: the whole, and the cents as hundreds of hundredths. */
  money(cents: number): void {
    const whole = Math.floor(cents / 100);
    if (whole > 9999) throw new RangeError(`more than 9,999.99: ${cents} cents`);
    const part = (cents - whole * 100) * 100;
    const hasWhole = whole > 0;
    const digits = (hasWhole ? 1 : 0) + (part > 0 ? 1 : 0);
    const weight = hasWhole || part === 0 ? 0 : -1;
    const at = this.#at;
    this.#view.setInt32(at, 8 + 2 * digits);
    this.#view.setInt16(at + 4, digits);
    this.#view.setInt16(at + 6, weight);
    // Sign 0, scale 2.
    this.#view.setInt32(at + 8, 2);
    this.#at = at + 12;
    if (hasWhole) this.#digit(whole);
    if (part > 0) this.#digit(part);
  }

  text({ bytes }: RowText): void {
    this.#view.setInt32(this.#at, bytes.length);
    this.#at += 4;
    this.#append(bytes);
  }

  beginText(): void {
    this.#textAt = this.#at;
    this.#at += 4;
  }

  part({ bytes }: RowText): void {
    this.#append(bytes);
  }

  partNumber(value: number): void {
    let digits = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    let rest = value;
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      this.#bytes[at] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.#at += digits;
  }

  endText(): void {
    this.#view.setInt32(this.#textAt, this.#at - this.#textAt - 4);
  }

  day(at: EpochSeconds): void {
    this.integer(Math.floor((at - serverEpoch) / secondsPerDay));
  }

  /** Microseconds, in two halves: a number holds them exactly, and a BigInt would cost ten times as much. */
  timestamp(at: EpochSeconds): void {
    const microseconds = (at - serverEpoch) * 1_000_000;
    const high = Math.floor(microseconds / 0x1_0000_0000);
    this.#view.setInt32(this.#at, 8);
    this.#view.setInt32(this.#at + 4, high);
    this.#view.setUint32(this.#at + 8, microseconds - high * 0x1_0000_0000);
    this.#at += 12;
  }

  nothing(): void {
    this.#view.setInt32(this.#at, -1);
    this.#at += 4;
  }

  #digit(value: number): void {
    this.#view.setInt16(this.#at, value);
    this.#at += 2;
  }

  #append(bytes: Buffer): void {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }
}

/**
 * Where the row that begins at `at` ends; `at` itself where no row follows.
 * @throws RangeError when the bytes end before
 */
export function endOfRow(bytes: Buffer, at: number): number {
  const columns = bytes.readInt16BE(at);
  if (columns === endOfRows) return at;
  let end = at + 2;
  for (let column = 0; column < columns; column++) end += 4 + Math.max(0, bytes.readInt32BE(end));
  return end;
}

/** Where the first row begins. */
export const startOfRows = signature.length;

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
