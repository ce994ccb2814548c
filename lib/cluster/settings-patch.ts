import type { Json } from "./patroni-client.ts";

type Group = { readonly [key: string]: Json };

/**
 * What of the live settings is compared: groups that are wanted with all that is in them. What others set beside
 * them (Patroni's pause, permanent slots) is theirs.
 */
export function comparable(live: Json, wanted: Group): Group {
  if (!isGroup(live)) return {};
  return Object.fromEntries(Object.entries(live).filter(([key]) => key in wanted));
}

/** The patch (RFC 7386) that makes `live` the same as `wanted`; undefined when it is. */
export function mergePatch(live: Group, wanted: Group): Group | undefined {
  const patch: Record<string, Json> = {};
  for (const key of new Set([...Object.keys(live), ...Object.keys(wanted)])) {
    const [before, after] = [live[key], wanted[key]];
    if (after === undefined) {
      patch[key] = null;
    } else if (isGroup(before) && isGroup(after)) {
      const inner = mergePatch(before, after);
      if (inner) patch[key] = inner;
    } else if (JSON.stringify(before) !== JSON.stringify(after)) {
      patch[key] = after;
    }
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

export function isGroup(value: Json | undefined): value is Group {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
