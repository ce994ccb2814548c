/** The time of this moment in milliseconds of the epoch, finer than a millisecond, and never going back. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Resolves after so many milliseconds, or at once when the signal is given. For pacing, not for waiting on a state. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}
