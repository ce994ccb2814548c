import { dayText, timestampText, twoDigits, type EpochSeconds } from "./dates.ts";
import type { RowSink, RowText, WriteRow } from "./row-sink.ts";

/** A value as a client gets it from the server: a whole number, a text, or null. */
export type RowValue = string | number | null;

/** Makes the row with a given id, its values in the order of the table's columns in the data model. */
export type MakeRow = (id: number) => readonly RowValue[];

/** What is written, as values: for those who look into rows. */
export function valuesOf(write: WriteRow): MakeRow {
  return (id) => {
    const values = new RowValues();
    write(id, values);
    return values.values;
  };
}

class RowValues implements RowSink {
  readonly values: RowValue[] = [];
  #text = "";

  integer(value: number): void {
    this.values.push(value);
  }

  money(cents: number): void {
    this.values.push(`${Math.floor(cents / 100)}.${twoDigits[cents % 100] ?? ""}`);
  }

  text({ text }: RowText): void {
    this.values.push(text);
  }

  beginText(): void {
    this.#text = "";
  }

  part({ text }: RowText): void {
    this.#text += text;
  }

  partNumber(value: number): void {
    this.#text += String(value);
  }

  endText(): void {
    this.values.push(this.#text);
  }

  day(at: EpochSeconds): void {
    this.values.push(dayText(at));
  }

  timestamp(at: EpochSeconds): void {
    this.values.push(timestampText(at));
  }

  nothing(): void {
    this.values.push(null);
  }
}
