import type { ExpectationContext } from "./expectation.ts";
import { columnOf } from "./row-values.ts";

const username = columnOf("users", "username");
const registered = columnOf("users", "registration_date");

/** The name of the user with this key; null when there is none, as a scalar subquery has it. */
export function userName(
  { rowOf }: ExpectationContext,
  userId: number,
  registration: string | null,
): string | null {
  const user = rowOf("users", userId);
  return user && registered.text(user) === registration ? username.text(user) : null;
}
