import { createHash } from "node:crypto";
import { faker } from "@faker-js/faker/locale/en";
import type { RandomStream } from "./random-stream.ts";
import { rowText, type RowText } from "./row-sink.ts";

const makers = {
  firstName: () => faker.person.firstName(),
  lastName: () => faker.person.lastName(),
  mailDomain: () => faker.internet.exampleEmail().split("@")[1] ?? "example.com",
  street: () => faker.location.streetAddress({ useFullAddress: true }),
  city: () => faker.location.city(),
  stateAndZip: () => `${faker.location.state({ abbreviated: true })} ${faker.location.zipCode()}`,
  phoneNumber: () => faker.phone.number({ style: "national" }),
  productName: () => faker.commerce.productName(),
  productDescription: () => faker.commerce.productDescription(),
  sentence: () => faker.lorem.sentence(),
  company: () => faker.company.name(),
  password: () => faker.internet.password({ length: 16 }),
} satisfies Record<string, () => string>;

export type PoolName = keyof typeof makers;

const poolSize = 1024;
/** Made together: to seed Faker costs as much as ten values. */
const batchSize = 64;

/**
 * Faker's texts of one kind, each made once and kept: Faker costs up to 6 µs a value, which would rule a big seed. An
 * entry depends on the seed, its pool and its index alone.
 */
export class TextPool {
  readonly #seed: number;
  readonly #name: PoolName;
  readonly #entries: (RowText | undefined)[] = new Array<undefined>(poolSize).fill(undefined);

  constructor(seed: number, name: PoolName) {
    this.#seed = seed;
    this.#name = name;
  }

  draw(random: RandomStream): RowText {
    return this.entry(this.drawIndex(random));
  }

  drawIndex(random: RandomStream): number {
    return random.int(0, poolSize - 1);
  }

  /** @param index from 0 to 1023 */
  entry(index: number): RowText {
    return this.#entries[index] ?? this.#make(index);
  }

  #make(index: number): RowText {
    const first = index - (index % batchSize);
    const digest = createHash("sha256").update(`${this.#seed}/${this.#name}/${first}`).digest();
    faker.seed(digest.readUInt32LE(0));
    for (let at = first; at < first + batchSize; at++) this.#entries[at] = rowText(makers[this.#name]());
    return this.#entries[index] ?? rowText("");
  }
}

export class TextPools {
  readonly #seed: number;
  readonly #pools = new Map<PoolName, TextPool>();

  constructor(seed: number, referenceDate: Date) {
    this.#seed = seed;
    faker.setDefaultRefDate(referenceDate);
  }

  of(name: PoolName): TextPool {
    let pool = this.#pools.get(name);
    if (!pool) this.#pools.set(name, (pool = new TextPool(this.#seed, name)));
    return pool;
  }
}
