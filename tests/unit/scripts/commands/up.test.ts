import assert from "node:assert/strict";
import { test } from "node:test";
import { describeStack } from "../../../../scripts/commands/up.ts";

test("what is printed leads to every endpoint and instance, and holds no password", () => {
  const login = (user: string) => ({ user, password: `secret-of-${user}` });
  const endpoint = (port: number) => ({ host: "127.0.0.1", port, database: "e-commerce" });
  const text = describeStack("blue", {
    rw: endpoint(6432),
    ro: endpoint(6433),
    admin: endpoint(6434),
    instances: [{ name: "pg-1", host: "127.0.0.1", port: 6441 }],
    credentials: {
      admin: login("ecosphere_admin"),
      app: login("app"),
      reporting: login("reporting"),
      seeder: login("seeder"),
      monitoring: login("monitoring"),
    },
  });
  assert.match(text, /postgresql:\/\/app@127\.0\.0\.1:6432\/e-commerce/);
  assert.match(text, /postgresql:\/\/reporting@127\.0\.0\.1:6433\/e-commerce/);
  assert.match(text, /pg-1 +127\.0\.0\.1:6441/);
  assert.match(text, /psql --stack blue/);
  assert.doesNotMatch(text, /secret-of/);
});
