import type { EpochSeconds } from "./dates.ts";

/** A text with its UTF-8 bytes, made once: what is written many times is not encoded many times. */
export interface RowText {
  readonly text: string;
  readonly bytes: Buffer;
}

export function rowText(text: string): RowText {
  // Node keeps small buffers beside one another, which the processor's cache rewards.
  return { text, bytes: Buffer.from(text) };
}

/**
 * Takes a row, value after value in the order of the table's columns. A row as an array of values would cost more
 * than all the rest of making it.
 */
export interface RowSink {
  integer(value: number): void;
  /** A decimal with two places; `cents` from 0 to 999,999. */
  money(cents: number): void;
  text(value: RowText): void;
  /** A text of several parts: `beginText`, any number of parts, `endText`. */
  beginText(): void;
  part(value: RowText): void;
  /** A whole number from 0 on, in decimal digits. */
  partNumber(value: number): void;
  endText(): void;
  day(at: EpochSeconds): void;
  timestamp(at: EpochSeconds): void;
  nothing(): void;
}

/** Writes the row with a given id. */
export type WriteRow = (id: number, row: RowSink) => void;
