import { isList, type Value } from "../../../provider/host/values.ts";

/** One property of a resource type of an official plugin, with all that its life-cycle depends on. */
export interface Property {
  readonly type: "string" | "number" | "boolean" | "strings" | "map";
  readonly description: string;
  readonly required?: true;
  /** What holds when the program says nothing. */
  readonly default?: boolean | number | string;
  /** Without a value from the program the server decides, and what it decided is no difference. */
  readonly computed?: true;
  /** A change makes a new object. */
  readonly replaces?: true;
  /** `strings` in which order means nothing; the state holds them sorted. */
  readonly isSet?: true;
  readonly secret?: true;
  /** Never stored in the outputs and never compared. */
  readonly writeOnly?: true;
  /** Smallest number allowed. */
  readonly minimum?: number;
  /** The only texts allowed. */
  readonly allowed?: readonly string[];
  /** Why the stand-in does not take it, and what to do instead. */
  readonly refused?: string;
}

export interface BridgedType {
  /** `package:module:Type`. */
  readonly token: string;
  readonly description: string;
  readonly properties: Readonly<Record<string, Property>>;
  /** Outputs that no program can set. */
  readonly outputs?: Readonly<Record<string, Property>>;
  /** The old and the new object cannot stand side by side. */
  readonly deleteBeforeReplace: boolean;
}

/** Whether `value` is what a property without a value would hold. */
export function isZero(value: Value | undefined): boolean {
  return (
    value === undefined ||
    value === null ||
    value === "" ||
    value === 0 ||
    value === false ||
    (isList(value) && value.length === 0)
  );
}

/** The value as the state holds it. */
export function canonical(property: Property, value: Value): Value {
  if (!property.isSet || !isList(value)) return value;
  return value.map(String).sort();
}

/** The names of the properties that are stored encrypted. */
export function secretNames(type: BridgedType): readonly string[] {
  return Object.entries({ ...type.properties, ...type.outputs })
    .filter(([, property]) => property.secret)
    .map(([name]) => name);
}
