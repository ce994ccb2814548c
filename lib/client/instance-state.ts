import type { ClientBase } from "pg";
import { parseLsn, type Mark } from "./lsn.ts";

/** What an instance has said of itself, in one answer. */
export interface InstanceState {
  readonly isPrimary: boolean;
  /** A primary's; a replica does not tell it to everybody. */
  readonly timeline: number | undefined;
  /** Up to where a primary has written its WAL, and a replica replayed it. */
  readonly position: bigint;
  /**
   * Microseconds of the epoch, by the primary's clock: of a primary when it was asked, of a replica when the
   * last transaction was committed that it has replayed; undefined when it has replayed none since its start.
   */
  readonly clock: bigint | undefined;
  /** A replica's process that receives WAL is there. */
  readonly isReceiving: boolean;
}

interface Row {
  readonly replica: boolean;
  readonly timeline: number | null;
  readonly position: string | null;
  readonly clock: string | null;
  readonly receiving: boolean;
}

/**
 * Nothing in it needs a right: of pg_stat_wal_receiver everybody sees that there is a row, and no more. What only a
 * primary knows is asked of none that has just said that it is a replica; a promotion in between does no harm.
 */
const text = `
  SELECT replica,
         CASE WHEN NOT replica
              THEN ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int END AS timeline,
         CASE WHEN replica THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text AS position,
         floor(extract(epoch FROM CASE WHEN replica THEN pg_last_xact_replay_timestamp()
                                       ELSE clock_timestamp() END) * 1000000)::bigint::text AS clock,
         EXISTS (SELECT FROM pg_stat_wal_receiver) AS receiving
    FROM pg_is_in_recovery() AS replica`;

/** Outside a transaction: a snapshot that is held could keep the replay from going on. */
export async function askState(client: ClientBase): Promise<InstanceState> {
  const { rows } = await client.query<Row>({ name: "ecosphere_state", text });
  const [row] = rows;
  if (!row) throw new Error("the instance has not said what it is");
  return {
    isPrimary: !row.replica,
    timeline: row.timeline ?? undefined,
    position: row.position === null ? 0n : parseLsn(row.position),
    clock: row.clock === null ? undefined : BigInt(row.clock),
    isReceiving: row.receiving,
  };
}

/**
 * Whether a read there sees the write of the mark.
 *
 * A later timeline has every write that an earlier one has acknowledged, as long as commits wait for a quorum. With
 * `synchronous: async` a failover may lose some; a token of such a write stays readable, and the write is gone.
 *
 * The other way round a position alone would not do: a replica that has more of the old primary's WAL than was
 * promoted is ahead of the new primary for a while, without any of its writes. All that such a replica has replayed was
 * committed before the promotion; so the last commit that it knows must be younger than that.
 */
export function hasReached(state: InstanceState, mark: Mark): boolean {
  if (state.isPrimary) return state.timeline !== undefined && state.timeline >= mark.timeline;
  return state.position >= mark.position && state.clock !== undefined && state.clock >= mark.since;
}
