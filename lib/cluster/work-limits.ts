/** How long work on a cluster may take, what ends it sooner, and where it tells what happens. */
export interface WorkLimits {
  readonly withinMs: number;
  readonly signal: AbortSignal;
  info(message: string): void;
  warn(message: string): void;
}
