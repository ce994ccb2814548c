import { UserError } from "../../lib/errors.ts";
import type { Parts } from "./parts.ts";

/** Less than any file that a running PostgreSQL writes to: its first write ends in EFBIG. */
const fullAtBytes = 8192;

/**
 * Lowers the limit of a file's size for every process of a container, and for those that they start. Only the soft
 * limit, which its own user may raise again; no capability is needed.
 */
export async function limitFileSize(parts: Parts, part: string): Promise<void> {
  const { code, text } = await parts.run(
    part,
    `${ofEachProcess}
    limited=0
    for pid in $(processes); do prlimit --pid "$pid" --fsize="$1": 2>/dev/null && limited=$((limited + 1)); done
    ((limited > 0))`,
    String(fullAtBytes),
  );
  if (code !== 0) throw new UserError("fault", `the limit could not be set in ${part}: ${text.trim()}`);
}

/** Returns whether there was such a limit. */
export async function liftFileSize(parts: Parts, part: string): Promise<boolean> {
  const { code } = await parts.run(
    part,
    `${ofEachProcess}
    lifted=0
    for pid in $(processes); do
      [[ $(prlimit --pid "$pid" --fsize --output SOFT --noheadings 2>/dev/null) == "$1" ]] || continue
      prlimit --pid "$pid" --fsize=unlimited: && lifted=1
    done
    ((lifted))`,
    String(fullAtBytes),
  );
  return code === 0;
}

/** Lets processes go on that a signal has stopped. Returns whether there was one. */
export async function resumeStopped(parts: Parts, part: string): Promise<boolean> {
  const { code } = await parts.run(
    part,
    `${ofEachProcess}
    resumed=0
    for pid in $(processes); do
      { IFS= read -r line <"/proc/$pid/stat"; } 2>/dev/null || continue
      [[ \${line##*) } == T* ]] && kill -CONT "$pid" && resumed=1
    done
    ((resumed))`,
  );
  return code === 0;
}

// Without ps, and without those that this script itself starts.
const ofEachProcess = `
    processes() { for each in /proc/[0-9]*; do pid=\${each#/proc/}; [[ $pid == $$ || $pid == $BASHPID ]] || echo "$pid"; done; }`;
