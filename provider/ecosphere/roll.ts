import { kindOf } from "../../lib/cluster-config/networks.ts";
import { viewParts } from "../../lib/cluster/cluster-view.ts";
import { PlannedWork } from "../../lib/cluster/planned-work.ts";
import { HeldTransactions } from "../../lib/cluster/pooler.ts";
import type { WorkLimits } from "../../lib/cluster/work-limits.ts";
import { StackContainers } from "../../lib/cluster/stack-containers.ts";
import { heldAtMostSeconds, switchover } from "../../lib/cluster/switchover.ts";
import { chooseNext, type Waiting } from "../../lib/cluster/turns.ts";
import { messageOf, UserError } from "../../lib/errors.ts";
import { eventually } from "../../lib/poll.ts";

/** Transactions in progress get so long to end before it is tried again. */
const waitSeconds = 10;
/** Out of work for so long, a part is not just joining, and no failover is under way. */
const brokenAfterMs = 30_000;
/** Handing over, with all tries. */
const leaveWithinMs = 120_000;
/** Handing over, and a minute that Docker may take to stop a container; one that has not come then has failed. */
const absentAtMostMs = leaveWithinMs + 90_000;
const stopSeconds = 60;

/**
 * One stack's containers, replaced one after the other within one update. There is one turn: a part takes it
 * before its container goes, and gives it back when the new one is at work.
 */
export class Roll {
  readonly #stack: string;
  /** What each part of the program is to be made from. Empty in a destroy, which runs no program. */
  readonly #wanted = new Map<string, string>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #unwellSince = new Map<string, number>();
  #turn: { readonly part: string; readonly sinceMs: number } | undefined;
  /** Nobody misses them, and they may be what all others wait for: they go without a turn. */
  readonly #broken = new Set<string>();
  #planned: PlannedWork | undefined;
  #isLooking = false;
  #stopped = new AbortController();

  constructor(stack: string) {
    this.#stack = stack;
  }

  /** Called for each part that the program has. */
  want(part: string, spec: string): void {
    this.#wanted.set(part, spec);
  }

  /** Whether this is an update whose program has the part no more. */
  isRemoved(part: string): boolean {
    return this.#wanted.size > 0 && !this.#wanted.has(part);
  }

  /** Returns when the part may go, and has handed over what it had: at once when nobody would miss it. */
  async take(request: Waiting, limits: WorkLimits): Promise<void> {
    const { part } = request;
    const own = (await StackContainers.of(this.#stack)).find(part);
    if (!own || own.spec === this.#wanted.get(part)) return;
    await this.#takeTurn(request, limits);
    if (this.#turn?.part === part) await this.#leave(request, limits);
  }

  /** Returns when the part is at work again, if it has the turn, and gives the turn back. */
  async join(part: string, limits: WorkLimits): Promise<void> {
    if (this.#turn?.part !== part) return;
    const what = `${part} to be at work again`;
    try {
      await eventually({ ...limits, what, everyMs: 200 }, async (observe) => {
        const containers = await StackContainers.of(this.#stack);
        const { unwell } = await viewParts(containers, kindOf(part), [part]);
        observe(unwell.get(part) ?? "");
        return unwell.has(part) ? undefined : true;
      });
    } catch (error) {
      this.#stopped.abort(error);
      throw error;
    } finally {
      await this.#giveBack();
    }
  }

  /** Takes a part away for good, without anybody seeing it. */
  async remove(request: Waiting, limits: WorkLimits): Promise<void> {
    const own = (await StackContainers.of(this.#stack)).find(request.part);
    if (own?.state !== "running") return;
    try {
      const peers = request.peers.filter((peer) => this.#wanted.has(peer));
      await this.#takeTurn({ ...request, peers, before: [] }, limits);
      await this.#leave({ ...request, peers }, limits);
    } finally {
      await this.#giveBack();
    }
  }

  async #takeTurn(request: Waiting, limits: WorkLimits): Promise<void> {
    const { part } = request;
    const signal = AbortSignal.any([limits.signal, this.#stopped.signal]);
    this.#waiting.set(part, request);
    try {
      await eventually({ ...limits, signal, what: `the turn of ${part}`, everyMs: 200 }, async (observe) => {
        observe(await this.#look());
        if (this.#broken.delete(part)) {
          limits.warn(`${part} has been out of work for long: it is replaced without waiting for anybody`);
          this.#waiting.delete(part);
          return true;
        }
        if (this.#turn?.part !== part) return undefined;
        this.#waiting.delete(part);
        await this.#tellPlan(limits);
        return true;
      });
    } catch (error) {
      this.#waiting.delete(part);
      if (this.#turn?.part === part) await this.#giveBack();
      throw timedOut(error, part);
    }
  }

  /** Gives the turn to whoever is next, if it is free. Returns who has it, or why nobody does. */
  async #look(): Promise<string> {
    const { part, sinceMs } = this.#turn ?? {};
    if (part !== undefined) {
      if (Date.now() - (sinceMs ?? 0) > absentAtMostMs) await this.#stopIfAbsent(part);
      return `it is the turn of ${part}`;
    }
    if (this.#isLooking) return "the cluster is looked at";
    this.#isLooking = true;
    try {
      return await this.#choose();
    } catch (error) {
      return messageOf(error);
    } finally {
      this.#isLooking = false;
    }
  }

  async #choose(): Promise<string> {
    const containers = await StackContainers.of(this.#stack);
    const reasons: string[] = [];
    for (const kind of new Set([...this.#waiting.keys()].map(kindOf))) {
      const waiting = [...this.#waiting.values()].filter(({ part }) => kindOf(part) === kind);
      const view = await viewParts(containers, kind, [...new Set(waiting.flatMap(({ peers }) => peers))]);
      this.#findBroken(waiting, view.unwell);
      const isRenewed = (part: string): boolean => containers.find(part)?.spec === this.#wanted.get(part);
      const chosen = chooseNext(waiting, view, isRenewed);
      if ("next" in chosen) {
        this.#turn = { part: chosen.next, sinceMs: Date.now() };
        return `it is the turn of ${chosen.next}`;
      }
      reasons.push(chosen.because);
    }
    return reasons.join("; ");
  }

  /** Those that wait, and have been unwell in every look for some time. */
  #findBroken(waiting: readonly Waiting[], unwell: ReadonlyMap<string, string>): void {
    const now = Date.now();
    for (const { part } of waiting) {
      if (!unwell.has(part)) this.#unwellSince.delete(part);
      else if (!this.#unwellSince.has(part)) this.#unwellSince.set(part, now);
      else if (now - (this.#unwellSince.get(part) ?? now) > brokenAfterMs) this.#broken.add(part);
    }
  }

  /** The engine tells nobody that a container could not be made: those that wait for it would wait in vain. */
  async #stopIfAbsent(part: string): Promise<void> {
    const own = (await StackContainers.of(this.#stack)).find(part);
    if (own?.state === "running" && own.spec === this.#wanted.get(part)) return;
    this.#stopped.abort(
      new UserError(
        "roll-stopped",
        `the new container of ${part} has not come within ${absentAtMostMs / 1000} s; the others stay as they are`,
        "Once the cause is mended, run ./ecosphere up again: it goes on from here.",
      ),
    );
  }

  async #tellPlan(limits: WorkLimits): Promise<void> {
    if (this.#planned) return;
    const containers = (): Promise<StackContainers> => StackContainers.of(this.#stack);
    this.#planned = await PlannedWork.begin(containers, "containers are replaced one by one");
    if (!this.#planned) limits.warn("etcd takes no word of this planned work: it has no majority");
  }

  /** Hands over what the part does for clients, and stops it when they have turned away. */
  async #leave(request: Waiting, limits: WorkLimits): Promise<void> {
    const { part } = request;
    if (kindOf(part) !== "pg") return;
    try {
      const withinMs = Math.min(limits.withinMs, leaveWithinMs);
      const what = `${part} to hand over`;
      await eventually({ ...limits, withinMs, what, everyMs: 300 }, async (observe) => {
        const containers = await StackContainers.of(this.#stack);
        if (containers.find(part)?.state !== "running") return true;
        const { primary, unwell } = await viewParts(containers, "pg", request.peers);
        if (primary === part) {
          const preferred = request.peers.filter(
            (peer) => peer !== part && containers.find(peer)?.spec === this.#wanted.get(peer),
          );
          const done = await switchover(containers, { preferred, waitSeconds });
          if (done) limits.info(`${done.to} is the primary now, in place of ${part}`);
          return undefined;
        }
        const others = [...unwell].filter(([peer]) => peer !== part);
        if (others.length > 0) {
          observe(others.map(([peer, reason]) => `${peer}: ${reason}`).join("; "));
          return undefined;
        }
        await stopReplica(containers, part);
        return true;
      });
    } catch (error) {
      await this.#giveBack();
      throw timedOut(error, part);
    }
  }

  async #giveBack(): Promise<void> {
    this.#turn = undefined;
    if (this.#waiting.size > 0) return;
    const planned = this.#planned;
    this.#planned = undefined;
    await planned?.end();
  }
}

const rolls = new Map<string, Roll>();

/** The one of a stack; this process serves one update. */
export function rollOf(stack: string): Roll {
  const roll = rolls.get(stack) ?? new Roll(stack);
  rolls.set(stack, roll);
  return roll;
}

/** Queries of `ro` that read from it end first, and the next ones wait until it has gone. */
async function stopReplica(containers: StackContainers, part: string): Promise<void> {
  const limits = { waitSeconds, atMostSeconds: waitSeconds + stopSeconds + heldAtMostSeconds };
  await using held = await HeldTransactions.prepare(containers, "ro", limits);
  await held.pause();
  await held.route("replicas", part, "down");
  await containers.stop(part, stopSeconds);
}

function timedOut(error: unknown, part: string): unknown {
  if (!(error instanceof UserError) || error.code !== "timeout") return error;
  return new UserError(
    "no-turn",
    `${part} is not replaced: ${error.message}`,
    "./ecosphere status shows the cluster. Once it is whole, run ./ecosphere up again: it goes on from here.",
  );
}
