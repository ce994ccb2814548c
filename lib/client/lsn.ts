import { UserError } from "../errors.ts";

/**
 * Where a write stands in the WAL, for a later read that has to see it. Opaque, and plain text: it may travel in a
 * cookie or a message to another process.
 */
export type LsnToken = string;

/** What a token says. */
export interface Mark {
  /** Of the primary that has acknowledged the write. */
  readonly timeline: number;
  /** The end of the write's commit in the WAL, or somewhat behind it. */
  readonly position: bigint;
  /** A moment at which that primary was one, in microseconds of the epoch, by its clock; before the commit. */
  readonly since: bigint;
}

/** A position that no replica reaches: what has it is read from the primary. */
export const beyondEveryReplica = 0xffff_ffff_ffff_ffffn;

/** `16/B374D848`, as PostgreSQL writes a position, as a number. @throws RangeError */
export function parseLsn(text: string): bigint {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text) ?? [];
  if (high === undefined || low === undefined) throw new RangeError(`"${text}" is no position in the WAL`);
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

export function formatLsn(position: bigint): string {
  return `${(position >> 32n).toString(16)}/${(position & 0xffff_ffffn).toString(16)}`.toUpperCase();
}

export function tokenOf({ timeline, position, since }: Mark): LsnToken {
  return `${timeline}_${formatLsn(position)}_${since}`;
}

/** @throws UserError `bad-token` */
export function parseToken(token: LsnToken): Mark {
  const [, timeline, position, since] =
    /^(\d{1,10})_([0-9A-F]{1,8}\/[0-9A-F]{1,8})_(\d{1,19})$/.exec(token) ?? [];
  if (timeline === undefined || position === undefined || since === undefined) {
    throw new UserError(
      "bad-token",
      `"${token}" is no token of a write`,
      "Pass on what write or transaction returned, unchanged.",
    );
  }
  return { timeline: Number(timeline), position: parseLsn(position), since: BigInt(since) };
}
