import { createHash } from "node:crypto";
import { maxIdentifierBytes } from "../../../lib/identifier.ts";
import type { KeySpec } from "../spec.ts";

/** What helpers' names end in: nobody else's do, so that an update after a cut-off one knows them again. */
export const temporarySuffix = "__pgddl_new";
const outgoingSuffix = "__pgddl_old";

/** What the index of a key ends in as long as there is no key. */
export const keyIndexSuffix = "__pgddl_key";

/** What stands in for `name` until the one before it is gone: a check, or the index of a key. */
export function temporaryName(name: string): string {
  return withSuffix(name, temporarySuffix);
}

/** What the index before is called from the moment that the new one has its name until it is dropped. */
export function outgoingName(name: string): string {
  return withSuffix(name, outgoingSuffix);
}

export function isOutgoingName(name: string): boolean {
  return name.endsWith(outgoingSuffix);
}

/** The check that proves a column free of nulls for the time of one update. */
export function notNullHelperName(column: string): string {
  return withSuffix(column, "__pgddl_not_null");
}

/** What the index of a key is called until it is the key's. */
export function keyIndexName(key: string): string {
  return withSuffix(key, keyIndexSuffix);
}

export function isTemporaryName(name: string): boolean {
  return name.endsWith(temporarySuffix);
}

/** The name of the part that a partition has of a key. */
export function partName(partition: string, key: string): string {
  return withSuffix(partition, `_${shorten(key, 30)}`);
}

/** The name that PostgreSQL gives to a key of none: `users_pkey`, `users_email_key`, cut where it is too long. */
export function defaultKeyName(table: string, key: KeySpec, isPrimary: boolean): string {
  if (isPrimary) return cutLonger(table, "", "_pkey");
  return cutLonger(table, key.columns.join("_"), "_key");
}

function withSuffix(base: string, suffix: string): string {
  const name = base + suffix;
  if (Buffer.byteLength(name) <= maxIdentifierBytes) return name;
  return shorten(base, maxIdentifierBytes - Buffer.byteLength(suffix)) + suffix;
}

/** Two long texts that begin alike stay apart. */
function shorten(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const mark = `_${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
  return cut(text, bytes - mark.length) + mark;
}

function cut(text: string, bytes: number): string {
  let kept = "";
  for (const letter of text) {
    if (Buffer.byteLength(kept + letter) > bytes) break;
    kept += letter;
  }
  return kept;
}

/** As the server does: the longer of the two names gives way. */
function cutLonger(table: string, columns: string, label: string): string {
  const overhead = Buffer.byteLength(label) + (columns === "" ? 0 : 1);
  let [first, second] = [Buffer.byteLength(table), Buffer.byteLength(columns)];
  while (first + second + overhead > maxIdentifierBytes) {
    if (first > second) first -= 1;
    else second -= 1;
  }
  return cut(table, first) + (columns === "" ? "" : `_${cut(columns, second)}`) + label;
}
