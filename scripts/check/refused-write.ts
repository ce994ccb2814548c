import { DatabaseError, type Client } from "pg";

/**
 * Tries a statement that must be refused with the SQLSTATE `code`; the transaction goes on as if it had not
 * been tried. Returns what happened instead, or undefined.
 */
export async function otherThanRefused(
  client: Client,
  statement: string,
  code: string,
): Promise<string | undefined> {
  await client.query("SAVEPOINT attempt");
  try {
    await client.query(statement);
    return "was not refused";
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return error.code === code
      ? undefined
      : `failed with ${error.code ?? "no code"} (${error.message}), not ${code}`;
  } finally {
    await client.query("ROLLBACK TO SAVEPOINT attempt").catch(() => undefined);
  }
}
