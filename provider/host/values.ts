import structPb from "google-protobuf/google/protobuf/struct_pb.js";

/** A property value as Pulumi sends it, secrets unwrapped. */
export type Value = null | boolean | number | string | readonly Value[] | Properties;
/** A bag of properties. A key whose value is undefined is left out on the wire. */
export interface Properties {
  readonly [key: string]: Value | undefined;
}

/** What the engine sends in a preview in place of a value that nobody knows yet. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

// The engine's mark of a special object, and the kind that stands for a secret.
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** Properties without their secret envelopes, and which top-level keys held one anywhere inside. */
export interface Unwrapped {
  readonly properties: Properties;
  readonly secretKeys: ReadonlySet<string>;
}

/** Reads a protobuf struct. Absent counts as empty. */
export function fromStruct(struct: structPb.Struct | undefined): Unwrapped {
  const properties: Record<string, Value> = {};
  const secretKeys = new Set<string>();
  for (const [key, raw] of Object.entries(struct?.toJavaScript() ?? {})) {
    properties[key] = unwrap(raw, () => secretKeys.add(key));
  }
  return { properties, secretKeys };
}

/** Writes a protobuf struct; values of the keys in `secretKeys` go into a secret envelope. */
export function toStruct(
  properties: Properties,
  secretKeys: ReadonlySet<string> = new Set(),
): structPb.Struct {
  const fields: Record<string, structPb.JavaScriptValue> = {};
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    const plain = toPlain(value);
    const isEmpty = value === null || value === unknown;
    fields[key] = secretKeys.has(key) && !isEmpty ? { [signatureKey]: secretSignature, value: plain } : plain;
  }
  return structPb.Struct.fromJavaScript(fields);
}

/** Whether any part of `value` is not known yet. */
export function hasUnknown(value: Value | undefined): boolean {
  if (value === unknown) return true;
  if (isList(value)) return value.some(hasUnknown);
  return isProperties(value) && Object.values(value).some(hasUnknown);
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

export function isProperties(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Equality by content; the order of keys does not matter, an undefined key is an absent key. */
export function isSame(a: Value | undefined, b: Value | undefined): boolean {
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, at) => isSame(item, b[at]));
  if (isProperties(a)) {
    if (!isProperties(b)) return false;
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => isSame(a[key], b[key]));
  }
  return a === b;
}

function unwrap(raw: unknown, foundSecret: () => void): Value {
  if (Array.isArray(raw)) return raw.map((item) => unwrap(item, foundSecret));
  if (typeof raw === "object" && raw !== null) {
    const entries = new Map<string, unknown>(Object.entries(raw));
    if (entries.get(signatureKey) === secretSignature) {
      foundSecret();
      return unwrap(entries.get("value"), foundSecret);
    }
    return Object.fromEntries([...entries].map(([key, item]) => [key, unwrap(item, foundSecret)]));
  }
  if (typeof raw === "string" || typeof raw === "number" || typeof raw === "boolean") return raw;
  return null;
}

function toPlain(value: Value): structPb.JavaScriptValue {
  if (isList(value)) return value.map(toPlain);
  if (isProperties(value)) {
    const entries: Record<string, structPb.JavaScriptValue> = {};
    for (const [key, item] of Object.entries(value)) if (item !== undefined) entries[key] = toPlain(item);
    return entries;
  }
  return value;
}
