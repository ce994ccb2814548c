import type { TestEvent } from "node:test/reporters";

/** A reporter for `node --test` that writes one line of JSON: how many passed and how many failed. */
export default async function* testCounts(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    // Each file has a summary too; the one without a file is of the whole run.
    if (event.type !== "test:summary" || event.data.file !== undefined) continue;
    const { tests, passed, skipped, todo } = event.data.counts;
    yield `${JSON.stringify({ passed, failed: tests - passed - skipped - todo })}\n`;
  }
}
