import type { ClusterView } from "./cluster-view.ts";

/** A part that waits to be replaced. */
export interface Waiting {
  readonly part: string;
  /** The parts that it must not leave alone: all have to be at work before one that is well is taken away. */
  readonly peers: readonly string[];
  /** Those that go before it, when they are to be replaced too, as long as it is the primary. */
  readonly before: readonly string[];
}

/**
 * Pure: who of the waiting goes next, or why nobody does: replicas first, the primary last, and nobody while one
 * of its peers is not at work.
 * @param isRenewed whether a part's container is what it should be already
 */
export function chooseNext(
  waiting: readonly Waiting[],
  { primary, unwell }: ClusterView,
  isRenewed: (part: string) => boolean,
): { readonly next: string } | { readonly because: string } {
  const reasons: string[] = [];
  const leadersLast = [...waiting].sort((a, b) => Number(a.part === primary) - Number(b.part === primary));
  for (const { part, peers, before } of leadersLast) {
    const sick = peers.filter((peer) => unwell.has(peer));
    const others = part === primary ? before.filter((other) => !isRenewed(other)) : [];
    if (sick.length === 0 && others.length === 0) return { next: part };
    reasons.push(
      sick.length > 0
        ? `${part} waits for ${sick.map((peer) => `${peer} (${unwell.get(peer) ?? ""})`).join(", ")}`
        : `${part} is the primary, and waits for ${others.join(", ")}`,
    );
  }
  return { because: reasons.join("; ") };
}
