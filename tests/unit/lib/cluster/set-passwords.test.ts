import assert from "node:assert/strict";
import { test } from "node:test";
import { passwordStatements } from "../../../../lib/cluster/set-passwords.ts";
import { matchesScramVerifier } from "../../../../lib/scram.ts";

test("passwords are set in one transaction, as verifiers, the same each time", () => {
  const passwords = { app: "s3cret-and-long", 'odd"role': "s3cret-as-well" };
  const statements = passwordStatements(passwords);
  const [, verifier = ""] = /^ALTER ROLE "app" PASSWORD '([^']+)'$/.exec(statements[1] ?? "") ?? [];
  assert.ok(matchesScramVerifier("s3cret-and-long", verifier));
  assert.match(statements[2] ?? "", /^ALTER ROLE "odd""role" PASSWORD 'SCRAM-SHA-256\$/);
  assert.deepEqual(
    [statements[0], ...statements.slice(3)],
    ["BEGIN", "COMMIT", "SELECT pg_current_wal_flush_lsn()"],
  );
  assert.doesNotMatch(statements.join(), /s3cret/);
  // A pooler that knows the keys of one goes on with the other.
  assert.deepEqual(passwordStatements(passwords), statements);
});
