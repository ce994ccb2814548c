import type { RowGenerator } from "./row-generator.ts";
import { rowText, type RowSink, type RowText } from "./row-sink.ts";
import type { TextPool } from "./text-pools.ts";

const [dot, at, separator] = [rowText("."), rowText("@"), rowText(", ")];

/** Registered within the decade of the reference day, and not after it. */
export const users: RowGenerator = (world) => {
  const random = world.stream("users");
  const [firstNames, lastNames, mailDomains] = [
    world.pools.of("firstName"),
    world.pools.of("lastName"),
    world.pools.of("mailDomain"),
  ];
  const [streets, cities, states, phoneNumbers] = [
    world.pools.of("street"),
    world.pools.of("city"),
    world.pools.of("stateAndZip"),
    world.pools.of("phoneNumber"),
  ];
  const [firstHandles, lastHandles] = [new Handles(firstNames), new Handles(lastNames)];
  const handle = (row: RowSink, first: number, last: number): void => {
    row.part(firstHandles.at(first));
    row.part(dot);
    row.part(lastHandles.at(last));
    row.partNumber(random.int(1, 999));
  };
  return (id, row) => {
    random.at(id);
    const first = firstNames.drawIndex(random);
    const last = lastNames.drawIndex(random);
    row.integer(id);
    row.beginText();
    handle(row, first, last);
    row.endText();
    row.text(firstNames.entry(first));
    row.text(lastNames.entry(last));
    row.beginText();
    handle(row, first, last);
    row.part(at);
    row.part(mailDomains.draw(random));
    row.endText();
    row.text(random.pick(world.passwords));
    row.beginText();
    row.part(streets.draw(random));
    row.part(separator);
    row.part(cities.draw(random));
    row.part(separator);
    row.part(states.draw(random));
    row.endText();
    row.text(phoneNumbers.draw(random));
    row.timestamp(world.registrationOf(id));
  };
};

/** The names of a pool by what is left of them in a handle. */
class Handles {
  readonly #pool: TextPool;
  readonly #known: (RowText | undefined)[] = [];

  constructor(pool: TextPool) {
    this.#pool = pool;
  }

  at(index: number): RowText {
    return (this.#known[index] ??= rowText(
      this.#pool
        .entry(index)
        .text.toLowerCase()
        .replace(/[^a-z]/g, ""),
    ));
  }
}
