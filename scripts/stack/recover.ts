import { note } from "../terminal.ts";
import { usesLocalBackend } from "./environment.ts";
import { removeHalfMade } from "./half-made.ts";
import type { PreparedStack } from "./prepare-stack.ts";
import { clearDeadLocks, refuseHeld } from "./stack-locks.ts";
import type { PendingCreation } from "./stack-state.ts";

/**
 * Clears away what a killed run has left: its lock, and the containers and networks that it had begun with.
 * Elsewhere than in the default backend locks cannot be told from those of a run that lives, so nothing goes.
 * @param pending read before the locks are: whoever has taken a lock since is seen
 * @throws UserError `stack-locked` before anything is removed
 */
export async function recover(prepared: PreparedStack, pending: readonly PendingCreation[]): Promise<void> {
  if (!usesLocalBackend(prepared.env)) return;
  const { stack } = prepared.folder;
  const { cleared, held } = clearDeadLocks(stack);
  refuseHeld(stack, held);
  if (cleared > 0) note("An earlier run was killed; its lock on the stack is taken away.");
  const removed = await removeHalfMade(stack, pending);
  if (removed.length > 0) note(`An earlier run had begun with ${removed.join(", ")}: removed.`);
}
