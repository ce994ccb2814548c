import { qualify } from "../../../lib/identifier.ts";
import type { MemberFacts } from "./partition-facts.ts";
import type { SetFacts } from "./partition-set-facts.ts";
import { quickly, type Plan, type Statement, type Step, type TableName } from "./statement.ts";
import { lockAndLook } from "./table-drop-plan.ts";
import { lock, strongest } from "./table-locks.ts";

/** A transaction of more would hold its locks for longer than somebody should have to wait. */
const mostTogether = 20;

/**
 * Makes one step of neighbours that are over in an instant: two hundred partitions are ten transactions then, and
 * not two hundred.
 */
export function together(plan: Plan): Plan {
  const steps: Step[] = [];
  let count = 0;
  for (const step of plan) {
    const last = steps.at(-1);
    if (last && count < mostTogether && isQuick(last) && isQuick(step) && last.role === step.role) {
      steps[steps.length - 1] = { ...last, statements: [...last.statements, ...step.statements] };
      count += 1;
      continue;
    }
    steps.push(step);
    count = 1;
  }
  return steps;
}

/** What blocks readers of more than one table would wait for one while it holds the other. */
function isQuick({ isTransaction, statements }: Step): boolean {
  return (
    isTransaction &&
    statements.every(
      ({ statementTimeoutMs, hazards, sql }) =>
        statementTimeoutMs <= 60_000 && hazards.length === 0 && !sql.startsWith("SET "),
    )
  );
}

/** Drops what is detached. @param isWithRows whether its rows may go with it */
export function dropStep(
  on: TableName & { readonly owner: string },
  member: MemberFacts,
  facts: SetFacts | undefined,
  isWithRows: boolean,
): Step {
  // The last look is at rows; without it only partitions below are looked for.
  const looks = isWithRows ? lockAndLook(on).slice(0, -1) : lockAndLook(on);
  const linked = facts?.tables.get(on.name)?.live.attached ? facts.parent.references : member.references;
  const drop: Statement = quickly(`DROP TABLE ${qualify(on.schema, on.name)} RESTRICT`, {
    locks: strongest([
      lock("ACCESS EXCLUSIVE", on),
      ...linked.map((table) => lock("ACCESS EXCLUSIVE", table, true)),
    ]),
    hazards: isWithRows ? ["drops an object", "deletes data"] : ["drops an object"],
  });
  return { isTransaction: true, role: on.owner, statements: [...looks, drop] };
}
