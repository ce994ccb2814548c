import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clientConfig } from "../../../lib/connection.ts";
import { connectionString, connectionTo, parseStackOutputs } from "../../../lib/stack-outputs.ts";

const endpoint = { host: "127.0.0.1", port: 6432, database: "e-commerce" };
const logins = ["admin", "app", "reporting", "seeder", "monitoring"].map(
  (name) => [name, { user: name, password: `p-${name}` }] as const,
);
const told = {
  rw: endpoint,
  ro: { ...endpoint, port: 6433 },
  admin: { ...endpoint, port: 6434 },
  instances: [{ name: "pg-1", host: "127.0.0.1", port: 6441 }],
  credentials: Object.fromEntries(logins),
};

describe("a stack's outputs", () => {
  test("become a connection, to an endpoint or to an instance", () => {
    const stack = parseStackOutputs(told);
    assert.deepEqual(connectionTo(stack, "ro", "reporting"), {
      ...endpoint,
      port: 6433,
      user: "reporting",
      password: "p-reporting",
    });
    assert.equal(connectionTo(stack, { instance: "pg-1" }, "app").port, 6441);
    assert.equal(connectionTo(stack, { instance: "pg-1" }, "app").database, "e-commerce");
  });

  test("that are incomplete say so without a value, and what to do", () => {
    assert.throws(
      () => parseStackOutputs({ ...told, rw: undefined, credentials: { app: { user: "s3cret" } } }),
      {
        code: "not-deployed",
        message: /rw/,
      },
    );
  });

  test("verify the server by the stack's authorities, on every way; without them a connection is plain", () => {
    const plain = parseStackOutputs(told);
    const verified = parseStackOutputs({ ...told, ca: "PEM" });
    for (const where of ["rw", "ro", "admin", { instance: "pg-1" }] as const) {
      assert.equal(clientConfig(connectionTo(plain, where, "app"), "test").ssl, undefined);
      assert.deepEqual(clientConfig(connectionTo(verified, where, "app"), "test").ssl, {
        ca: "PEM",
        host: "127.0.0.1",
        minVersion: "TLSv1.3",
      });
    }
    const place = "postgresql://app@127.0.0.1:6432/e-commerce?target_session_attrs=read-write";
    assert.equal(connectionString(plain, "rw", "app", "/a b/ca.pem"), place);
    assert.equal(
      connectionString(verified, "rw", "app", "/a b/ca.pem"),
      `${place}&sslmode=verify-full&sslrootcert=/a%20b/ca.pem`,
    );
    assert.match(
      connectionString(verified, "ro", "reporting", "/ca.pem"),
      /e-commerce\?sslmode=verify-full&/,
    );
  });

  test("name the instances there are when another is asked for", () => {
    assert.throws(() => connectionTo(parseStackOutputs(told), { instance: "pg-9" }, "app"), {
      code: "unknown-instance",
      hint: /pg-1/,
    });
  });
});
