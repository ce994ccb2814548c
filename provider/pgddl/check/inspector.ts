import type { Fault } from "../../../lib/errors.ts";
import { identifierFault, unstorable } from "../../../lib/identifier.ts";
import { isList, isProperties, unknown, type Properties, type Value } from "../../host/values.ts";

/**
 * Reads untrusted properties and notes every fault instead of stopping at the first. A value that is `unknown`
 * (a preview) or at fault reads as undefined, so that what can be checked beside it still is.
 */
export class Inspector {
  readonly faults: Fault[] = [];

  /** @param reason completes "PROPERTY …": what was received, what is allowed, the fix */
  fault(property: string, reason: string): void {
    this.faults.push({ property, reason });
  }

  /** An object with no key but those of `keys`. */
  object(path: string, value: Value | undefined, keys: readonly string[]): Properties | undefined {
    if (!this.#isGiven(path, value, "an object", true)) return undefined;
    if (isProperties(value)) {
      this.keys(path, value, keys);
      return value;
    }
    this.#wrong(path, value, "an object");
    return undefined;
  }

  /** Faults for the keys of `value` that are none of `keys`. */
  keys(path: string, value: Properties, keys: readonly string[]): void {
    for (const key of Object.keys(value)) {
      if (keys.includes(key) || key.startsWith("__") || value[key] === undefined) continue;
      this.fault(join(path, key), `"${key}" is not a property here; known are ${keys.join(", ")}`);
    }
  }

  list(path: string, value: Value | undefined, what: string): readonly Value[] | undefined {
    if (!this.#isGiven(path, value, what, true)) return undefined;
    if (isList(value)) {
      if (value.length === 0) this.fault(path, `is empty; give ${what}`);
      return value;
    }
    this.#wrong(path, value, what);
    return undefined;
  }

  /** A list of column names, none of them twice. Elements at fault or unknown are left out. */
  names(path: string, value: Value | undefined): readonly string[] | undefined {
    const items = this.list(path, value, "a list of one column name or more");
    const names = items?.map((item, at) => this.identifier(`${path}[${at}]`, item, true));
    names?.forEach((name, at) => {
      if (name !== undefined && names.indexOf(name) < at)
        this.fault(`${path}[${at}]`, `"${name}" stands twice in the list; remove one`);
    });
    return names?.filter((name) => name !== undefined);
  }

  texts(path: string, value: Value | undefined, what: string): readonly (string | undefined)[] | undefined {
    return this.list(path, value, what)?.map((item, at) => this.text(`${path}[${at}]`, item, what, true));
  }

  text(path: string, value: Value | undefined, what: string, isRequired = false): string | undefined {
    if (!this.#isGiven(path, value, what, isRequired)) return undefined;
    if (typeof value !== "string") this.#wrong(path, value, `${what} (a string)`);
    else if (value.trim() === "") this.fault(path, `is empty; give ${what}`);
    else {
      const reason = unstorable(value);
      if (reason === undefined) return value;
      this.fault(path, reason);
    }
    return undefined;
  }

  identifier(path: string, value: Value | undefined, isRequired = false): string | undefined {
    if (!this.#isGiven(path, value, "a name of 1 to 63 bytes", isRequired)) return undefined;
    if (typeof value !== "string") {
      this.#wrong(path, value, "a name (a string of 1 to 63 bytes)");
      return undefined;
    }
    const reason = identifierFault(value);
    if (reason === undefined) return value;
    this.fault(path, reason);
    return undefined;
  }

  flag(path: string, value: Value | undefined): boolean | undefined {
    if (!this.#isGiven(path, value, "true or false", false)) return undefined;
    if (typeof value === "boolean") return value;
    this.#wrong(path, value, "true or false");
    return undefined;
  }

  wholeNumber(path: string, value: Value | undefined, least: number): number | undefined {
    const what = `a whole number of at least ${least}`;
    if (!this.#isGiven(path, value, what, true)) return undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
    this.#wrong(path, value, what);
    return undefined;
  }

  choice<const T extends string>(
    path: string,
    value: Value | undefined,
    allowed: readonly T[],
    isRequired = false,
  ): T | undefined {
    const what = `one of ${allowed.map((each) => `"${each}"`).join(", ")}`;
    if (!this.#isGiven(path, value, what, isRequired)) return undefined;
    const found = allowed.find((each) => each === value);
    if (found === undefined) this.#wrong(path, value, what);
    return found;
  }

  #isGiven(path: string, value: Value | undefined, what: string, isRequired: boolean): boolean {
    if (value === unknown) return false;
    if (value !== undefined && value !== null) return true;
    if (isRequired) this.fault(path, `is missing; give ${what}`);
    return false;
  }

  #wrong(path: string, value: Value | undefined, what: string): void {
    this.fault(path, `is ${shorten(JSON.stringify(value))}; give ${what}`);
  }
}

/** `columns[1]` and `name` make `columns[1].name`. */
export function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
