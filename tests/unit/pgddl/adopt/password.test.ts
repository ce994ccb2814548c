import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { findPassword, passwordIn } from "../../../../provider/pgddl/adopt/password.ts";
import { passwordLine } from "../../../../scripts/commands/psql.ts";

const place = { host: "db", port: 5432, database: "shop", user: "ddl" };

describe("a password", () => {
  const folder = mkdtempSync(join(tmpdir(), "pgddl-password-"));
  const path = join(folder, "pgpass");
  after(() => {
    rmSync(folder, { recursive: true });
  });

  test("is that of the first line of the file that fits", () => {
    const file =
      "# db:5432:shop:ddl:comment\nother:5432:shop:ddl:no\n*:*:shop:ddl:first\ndb:5432:shop:ddl:second\n";
    assert.equal(passwordIn(file, place), "first");
    assert.equal(passwordIn("db:5432:shop:other:no\n", place), undefined);
  });

  test("may hold colons and backslashes, as may what is before it", () => {
    const odd = { ...place, host: "::1", database: "a\\b", password: "p:w\\d " };
    assert.equal(passwordIn(passwordLine(odd), odd), odd.password);
  });

  test("comes from PGPASSWORD before any file", async () => {
    assert.equal(await findPassword(place, { PGPASSWORD: "env", PGPASSFILE: path }), "env");
  });

  test("comes from PGPASSFILE, which nobody else may read", async () => {
    writeFileSync(path, "db:5432:shop:ddl:file\n", { mode: 0o600 });
    assert.equal(await findPassword(place, { PGPASSFILE: path }), "file");
    chmodSync(path, 0o644);
    await assert.rejects(findPassword(place, { PGPASSFILE: path }), { code: "password", hint: /chmod 600/ });
  });
});
