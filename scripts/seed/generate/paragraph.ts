import type { RandomStream } from "./random-stream.ts";
import { rowText, type RowSink } from "./row-sink.ts";
import type { TextPool } from "./text-pools.ts";

const space = rowText(" ");

/** Three sentences, as Faker's paragraphs have; of a thousand sentences a billion paragraphs. */
export function writeParagraph(row: RowSink, sentences: TextPool, random: RandomStream): void {
  row.beginText();
  row.part(sentences.draw(random));
  row.part(space);
  row.part(sentences.draw(random));
  row.part(space);
  row.part(sentences.draw(random));
  row.endText();
}
