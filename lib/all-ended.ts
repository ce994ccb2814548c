/**
 * Waits until all have ended, also when one fails, so that nothing goes on behind the caller's back.
 * @throws what the first of them in the list that failed has thrown
 */
export async function allEnded(all: Iterable<Promise<unknown>>): Promise<void> {
  const results = await Promise.allSettled(all);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/**
 * Each taker works on one item after the other, whichever comes next, until none is left.
 * @param at the item's place in the list, from 0
 * @throws as `allEnded`: a taker that fails takes no more, the others go on
 */
export async function shareOut<Taker, Item>(
  takers: readonly Taker[],
  items: readonly Item[],
  work: (taker: Taker, item: Item, at: number) => Promise<void>,
): Promise<void> {
  const left = items.entries();
  await allEnded(
    takers.map(async (taker) => {
      for (const [at, item] of left) await work(taker, item, at);
    }),
  );
}
