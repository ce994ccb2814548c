/** Milliseconds of `90s`, `10m`, `2h`; undefined when it is none of these. */
export function parseDuration(text: string): number | undefined {
  const match = /^([1-9]\d{0,4})(s|m|h)$/.exec(text);
  if (!match) return undefined;
  const unit = { s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? ""] ?? Number.NaN;
  return Number(match[1]) * unit;
}
