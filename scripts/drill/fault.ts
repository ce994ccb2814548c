import type { ContainerEvents } from "./container-events.ts";
import type { Journal } from "./journal.ts";
import type { Load } from "./load/load.ts";
import type { Parts } from "./parts.ts";

/** What a fault is made with. */
export interface Scene {
  readonly parts: Parts;
  readonly load: Load;
  readonly journal: Journal;
  readonly events: ContainerEvents;
  readonly database: string;
  /** The primary when the round began. */
  readonly primary: string;
  readonly replicas: readonly string[];
  readonly hasSentinel: boolean;
  readonly signal: AbortSignal;
  /** A line for people, at once. */
  readonly tell: (line: string) => void;
  /** Ends with the round. */
  keep(resource: AsyncDisposable): void;
}

/** What a round has seen, for a fault's own judgement. */
export interface Evidence {
  readonly scene: Scene;
  readonly faultAt: number;
  /** Whether rows were committed on a newer timeline: another primary, or the same one anew. */
  readonly hasFailedOver: boolean;
}

export interface Fault {
  readonly name: string;
  /** What is done, for --list. */
  readonly title: string;
  /** What a sound cluster does, for --list. */
  readonly expected: string;
  /** Never part of --all or of chaos. */
  readonly isByHand?: true;
  /** Whether it is among the random ones. Default: yes. */
  readonly isForChaos?: false;
  /** How long it is left alone at least, before anybody but the cluster helps. Default: 3 s. */
  readonly holdSeconds?: number;
  /** Until when the cluster is given time to take writes again. Default: 45 s; 0: no such wait. */
  readonly writesWithinSeconds?: number;
  /** Why it cannot be made here. */
  unfit?(parts: Parts): string | undefined;
  /** Makes it. Returns the parts that were hit. @throws UserError when it cannot be made */
  make(scene: Scene): Promise<readonly string[]>;
  /** Ends what only its maker can end. Returns what was done. */
  end?(scene: Scene, hit: readonly string[]): Promise<string | undefined>;
  /** What is wrong beyond what holds for every fault. */
  judge?(evidence: Evidence): readonly string[];
}
