import { note } from "../terminal.ts";
import { usesLocalBackend } from "./environment.ts";
import { removeHalfMade } from "./half-made.ts";
import type { PreparedStack } from "./prepare-stack.ts";
import { clearDeadLocks, refuseHeld } from "./stack-locks.ts";
import type { PendingCreation } from "./stack-state.ts";

/**
 * Takes away the lock of a run that was killed. Elsewhere than in the default backend, locks cannot be told
 * from those of a run that lives: nothing is done.
 * @throws UserError `stack-locked` when another run is at work on the stack
 */
export function takeOver({ env, folder: { stack } }: PreparedStack): void {
  if (!usesLocalBackend(env)) return;
  const { cleared, held } = clearDeadLocks(stack);
  if (cleared > 0) note("An earlier run was killed; its lock on the stack is taken away.");
  refuseHeld(stack, held);
}

/**
 * Removes the containers and networks that a killed run had begun with, where that can be known.
 * @param pending read before the locks are looked at: whoever has begun since is seen by its lock
 * @throws UserError `stack-locked` before anything is removed
 */
export async function recover(prepared: PreparedStack, pending: readonly PendingCreation[]): Promise<void> {
  takeOver(prepared);
  if (!usesLocalBackend(prepared.env)) return;
  const removed = await removeHalfMade(prepared.folder.stack, pending);
  if (removed.length > 0) note(`An earlier run had begun with ${removed.join(", ")}: removed.`);
}
