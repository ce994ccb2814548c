/**
 * Waits until all have ended, also when one fails, so that nothing goes on behind the caller's back.
 * @throws what the first of them in the list that failed has thrown
 */
export async function allEnded(all: Iterable<Promise<unknown>>): Promise<void> {
  const results = await Promise.allSettled(all);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
