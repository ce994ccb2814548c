import { RandomStream } from "../seed/generate/random-stream.ts";

/**
 * The order of random faults: the same for the same seed and the same names, whatever each of them takes. No
 * fault comes twice in a row while there is another.
 */
export function* chaosOrder(seed: number, names: readonly string[]): Generator<string, never, undefined> {
  const random = new RandomStream(seed, "drill");
  let last: string | undefined;
  for (let at = 1; ; at++) {
    const others = names.filter((name) => name !== last);
    last = random.at(at).pick(others.length > 0 ? others : names);
    yield last;
  }
}
