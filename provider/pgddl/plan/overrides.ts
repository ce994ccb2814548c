import type { Refusal } from "./difference.ts";
import type { OverrideSpec } from "../spec.ts";

type Permission = "allowDataLoss" | "allowRewrite";

/**
 * The permissions of one update. A plan asks for each that it needs; what it did not ask for is stale when an
 * earlier update had it too, and else a mistake.
 */
export class Overrides {
  readonly #given: OverrideSpec;
  readonly #used = new Set<string>();

  constructor(given: OverrideSpec) {
    this.#given = given;
  }

  /** @param target `column:email`, `rows`, `table`, `partition:users_2019` */
  allows(permission: Permission, target: string): boolean {
    if (this.#given[permission]?.includes(target) !== true) return false;
    this.#used.add(`${permission} ${target}`);
    return true;
  }

  /** The text that a refusal tells to write. */
  static hint(permission: Permission, target: string): string {
    return `${permission}: [${JSON.stringify(target)}]`;
  }

  /** Permissions that nothing asked for. Call it when the plan is made. @param before those of the last update */
  unused(before: OverrideSpec | undefined): {
    readonly warnings: readonly string[];
    readonly refusals: readonly Refusal[];
  } {
    const warnings: string[] = [];
    const refusals: Refusal[] = [];
    for (const permission of ["allowDataLoss", "allowRewrite"] as const) {
      (this.#given[permission] ?? []).forEach((target, at) => {
        if (this.#used.has(`${permission} ${target}`)) return;
        const isOld = before?.[permission]?.includes(target) === true;
        if (isOld || !before) {
          warnings.push(
            `${permission} names ${target}, which nothing needs any more: remove it from the program`,
          );
          return;
        }
        refusals.push({
          path: `${permission}[${at}]`,
          from: "no such change",
          to: JSON.stringify(target),
          why: "this update does nothing to it, so the permission would wait for another",
          hint: "Correct the name, or remove it.",
        });
      });
    }
    return { warnings, refusals };
  }
}
