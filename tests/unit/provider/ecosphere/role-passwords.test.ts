import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ecosphereProvider } from "../../../../provider/ecosphere/provider.ts";
import { unknown } from "../../../../provider/host/values.ts";
import {
  connectProvider,
  type ProviderClient,
  type ResourceClient,
} from "../../../helpers/provider-client.ts";

const inputs = {
  stack: "unit-without-containers",
  versions: { app: 1, seeder: 1 },
  passwords: { app: "hunter2", seeder: "hunter3" },
  poolers: [{ host: "127.0.0.1", port: 6432 }],
  containers: ["c1"],
  timeoutSeconds: 180,
};
const known = { inputs, outputs: inputs };

describe("RolePasswords", () => {
  let client: ProviderClient;
  let passwords: ResourceClient;

  before(async () => {
    client = await connectProvider(ecosphereProvider, {});
    passwords = client.resource("ecosphere:index:RolePasswords", "logins");
  });
  after(() => client[Symbol.asyncDispose]());

  test("accepts sound inputs, and keeps the passwords secret", async () => {
    const checked = await passwords.check(inputs);
    assert.deepEqual(checked.faults, []);
    assert.deepEqual([...checked.secretKeys], ["passwords"]);
    const generated = await passwords.check({ ...inputs, passwords: { app: unknown, seeder: "hunter3" } });
    assert.deepEqual(generated.faults, []);
  });

  test("reports every fault at once, without a password", async () => {
    const wrong = { versions: { app: 0 }, passwords: { app: "", seeder: "hunter3" }, poolers: [{ port: 1 }] };
    const { faults } = await passwords.check({ ...inputs, ...wrong, stack: "" });
    assert.deepEqual(
      faults.map(({ property }) => property),
      ["stack", "versions", "passwords", "poolers"],
    );
    assert.doesNotMatch(JSON.stringify(faults), /hunter/);
  });

  test("a new password changes it in place, told by its number; other poolers are no change", async () => {
    const news = { ...inputs, versions: { app: 2, seeder: 1 }, passwords: { app: "new", seeder: "hunter3" } };
    const diff = await passwords.diff("logins", known, news);
    assert.deepEqual(Object.keys(diff.changes).sort(), ["passwords", "versions"]);
    assert.deepEqual(diff.replaces, []);
    assert.deepEqual((await passwords.diff("logins", known, { ...inputs, poolers: [] })).changes, {});
    // As of a role that was made anew by hand.
    const drifted = { ...known, inputs: { ...inputs, passwords: { seeder: "hunter3" } } };
    assert.deepEqual(Object.keys((await passwords.diff("logins", drifted, inputs)).changes), ["passwords"]);
    const other = await passwords.diff("logins", known, { ...inputs, containers: ["c2"] });
    assert.deepEqual(other.changes, { containers: "update" });
  });

  test("an update that finds no primary says so, without a password", async () => {
    const news = { ...inputs, passwords: { app: "hunter4", seeder: "hunter3" }, timeoutSeconds: 0.3 };
    const update = passwords.update("logins", known, news, false);
    await assert.rejects(update, (error: Error) => {
      assert.match(error.message, /a primary that takes the passwords of app; last seen/);
      assert.doesNotMatch(error.message, /hunter|seeder/);
      return true;
    });
  });

  test("a preview and a delete connect nowhere; a refresh that finds no server keeps what is known", async () => {
    await passwords.update("logins", known, { ...inputs, passwords: { app: "x", seeder: "y" } }, true);
    await passwords.delete("logins", known);
    assert.deepEqual(client.messages, []);
    assert.deepEqual((await passwords.read("logins", known))?.outputs, known.outputs);
    assert.match(client.messages.join(), /^warning: the passwords of logins were not compared/);
  });

  test("refuses an import", async () => {
    await assert.rejects(passwords.read("logins"), /cannot be imported/);
  });
});
