import { createHash } from "node:crypto";
import { faker } from "@faker-js/faker/locale/en";
import { copyText } from "./copy-text.ts";
import type { RandomStream } from "./random-stream.ts";

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
  paragraph: () => faker.lorem.paragraph(),
  company: () => faker.company.name(),
  password: () => faker.internet.password({ length: 16 }),
} satisfies Record<string, () => string>;

export type TextPool = keyof typeof makers;

const poolSize = 4096;
/** Made together: to seed Faker costs as much as ten values. */
const batchSize = 64;

/**
 * Faker's texts, each made once and kept as a field of COPY: Faker costs up to 6 µs a value, which would rule a
 * big seed. An entry depends on the seed, its pool and its index alone.
 */
export class TextPools {
  readonly #seed: number;
  readonly #entries = new Map<TextPool, string[]>();

  constructor(seed: number, referenceDate: Date) {
    this.#seed = seed;
    faker.setDefaultRefDate(referenceDate);
  }

  draw(pool: TextPool, random: RandomStream): string {
    return this.entry(pool, random.int(0, poolSize - 1));
  }

  entry(pool: TextPool, index: number): string {
    let entries = this.#entries.get(pool);
    if (!entries) this.#entries.set(pool, (entries = []));
    return entries[index] ?? this.#make(pool, index, entries);
  }

  #make(pool: TextPool, index: number, entries: string[]): string {
    const first = index - (index % batchSize);
    faker.seed(createHash("sha256").update(`${this.#seed}/${pool}/${first}`).digest().readUInt32LE(0));
    for (let at = first; at < first + batchSize; at++) entries[at] = copyText(makers[pool]());
    return entries[index] ?? "";
  }
}
