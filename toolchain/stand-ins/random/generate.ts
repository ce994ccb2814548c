import { randomInt } from "node:crypto";

/** What a password is made of. */
export interface Recipe {
  readonly length: number;
  /** Each kind of character, whether it may occur beyond its minimum, and how often it must. */
  readonly kinds: readonly {
    readonly characters: string;
    readonly included: boolean;
    readonly minimum: number;
  }[];
}

/** A password with each kind's minimum in it, the rest from all the kinds included, in random order. */
export function generatePassword(recipe: Recipe): string {
  const pick = (characters: readonly string[]): string => characters[randomInt(characters.length)] ?? "";
  const chosen: string[] = [];
  for (const { characters, minimum } of recipe.kinds) {
    const alphabet = Array.from(characters);
    for (let made = 0; made < minimum; made++) chosen.push(pick(alphabet));
  }
  const everything = recipe.kinds
    .filter((kind) => kind.included)
    .flatMap((kind) => Array.from(kind.characters));
  while (chosen.length < recipe.length) chosen.push(pick(everything));
  return shuffle(chosen).join("");
}

function shuffle(items: string[]): string[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [items[last], items[other]] = [items[other] ?? "", items[last] ?? ""];
  }
  return items;
}
