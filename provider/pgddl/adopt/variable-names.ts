/** What a generated program uses itself. */
const taken = ["pgddl", "pulumi", "config", "provider", "kept", "process", "undefined"];

/**
 * A variable for each object, from its name and its type: `usersTable`. No two are the same; with the same
 * objects in the same order they are always the same.
 */
export class VariableNames {
  readonly #used = new Set(taken);

  next(parts: readonly string[], type: string): string {
    // Only what every tool takes for a letter: tables of Unicode differ from one parser to the next.
    const words = parts.flatMap(
      (part) =>
        part
          .normalize("NFKD")
          .replaceAll(/\p{M}/gu, "")
          .match(/[A-Za-z0-9]+/g) ?? [],
    );
    const joined = [...words, type]
      .map(
        (word, at) =>
          (at === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1),
      )
      .join("");
    const plain = /^\d/.test(joined) ? `_${joined}` : joined;
    let name = plain;
    for (let count = 2; this.#used.has(name); count++) name = `${plain}${count}`;
    this.#used.add(name);
    return name;
  }
}
