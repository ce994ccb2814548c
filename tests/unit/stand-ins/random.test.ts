import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { compare } from "bcryptjs";
import { projectRoot } from "../../../lib/paths.ts";
import { unknown } from "../../../provider/host/values.ts";
import { generatePassword } from "../../../toolchain/stand-ins/random/generate.ts";
import { randomProvider } from "../../../toolchain/stand-ins/random/provider.ts";
import { connectPlugin, connectProvider } from "../../helpers/provider-client.ts";

const token = "random:index/randomPassword:RandomPassword";

describe("the random stand-in", () => {
  test("stores what the official plugin stores", async () => {
    await using provider = await connectProvider(randomProvider(), {});
    const password = provider.resource(token);
    const { inputs } = await password.check({
      length: 16,
      minLower: 2,
      minNumeric: 2,
      minSpecial: 2,
      minUpper: 2,
    });
    assert.deepEqual(inputs, { length: 16, minLower: 2, minNumeric: 2, minSpecial: 2, minUpper: 2 });
    const { id, outputs, secretKeys } = await password.create(inputs);
    const { result, bcryptHash, ...others } = outputs;
    assert.deepEqual([id, [...secretKeys].sort()], ["none", ["bcryptHash", "result"]]);
    assert.deepEqual(others, {
      __meta: '{"schema_version":"3"}',
      id: "none",
      length: 16,
      lower: true,
      minLower: 2,
      minNumeric: 2,
      minSpecial: 2,
      minUpper: 2,
      number: true,
      numeric: true,
      special: true,
      upper: true,
    });
    assert.ok(typeof result === "string" && typeof bcryptHash === "string");
    assert.match(result, /^[A-Za-z0-9!@#$%&*()\-_=+[\]{}<>:?]{16}$/);
    assert.match(bcryptHash, /^\$2a\$10\$/);
    assert.ok(await compare(result, bcryptHash));
    assert.deepEqual((await password.diff(id, { inputs, outputs }, inputs)).changes, {});
    assert.deepEqual((await password.read(id, { inputs, outputs }))?.outputs, outputs);
  });

  test("makes a new password for another recipe or other keepers, and for nothing else", async () => {
    await using provider = await connectProvider(randomProvider(), {});
    const password = provider.resource(token);
    const made = await password.make({ length: 8, keepers: { of: "1" }, overrideSpecial: "_" });
    const changes = async (news: object): Promise<Readonly<Record<string, string>>> =>
      (await password.diff("none", made, { ...made.inputs, ...news })).changes;
    assert.deepEqual(await changes({ keepers: { of: "2" } }), { keepers: "update-replace" });
    assert.deepEqual(await changes({ length: 9 }), { length: "update-replace" });
    assert.deepEqual(await changes({ special: false }), { special: "delete-replace" });
    assert.deepEqual(await changes({ special: true, numeric: true, number: true, minUpper: 0 }), {});
  });

  test("imports a password by its text", async () => {
    await using provider = await connectProvider(randomProvider(), {});
    const imported = await provider.resource(token).read("supersecret");
    assert.equal(imported?.id, "none");
    assert.deepEqual([imported.outputs.result, imported.outputs.length], ["supersecret", 11]);
    assert.deepEqual(imported.inputs, {
      length: 11,
      lower: true,
      number: true,
      numeric: true,
      special: true,
      upper: true,
    });
    assert.deepEqual((await provider.resource(token).diff("none", imported, { length: 11 })).changes, {});
  });

  test("knows no password in a preview", async () => {
    await using provider = await connectProvider(randomProvider(), {});
    const { id, outputs } = await provider.resource(token).create({ length: 4 }, true);
    assert.deepEqual([id, outputs.result, outputs.length], ["", unknown, 4]);
  });

  test("reports every fault of a recipe", async () => {
    await using provider = await connectProvider(randomProvider(), {});
    const faultsOf = async (inputs: object): Promise<string[]> =>
      (await provider.resource(token).check({ ...inputs })).faults.map((fault) => fault.property).sort();
    assert.deepEqual(await faultsOf({}), ["length"]);
    assert.deepEqual(await faultsOf({ length: 0, lenght: 3, upper: "yes" }), ["lenght", "length", "upper"]);
    assert.deepEqual(await faultsOf({ length: 3, minUpper: 2, minLower: 2 }), ["length"]);
    assert.deepEqual(
      await faultsOf({ length: 3, upper: false, lower: false, numeric: false, special: false }),
      ["upper"],
    );
    assert.deepEqual(await faultsOf({ length: 3, number: true, numeric: false }), ["number"]);
  });

  test("refuses another type with the command that gets the official plugin", async () => {
    await using provider = await connectProvider(randomProvider(), {});
    const pet = provider.resource("random:index/randomPet:RandomPet");
    await assert.rejects(pet.check({}), /pulumi plugin install resource random 4\.21\.2/);
  });

  test("runs as the plugin that the engine starts", async () => {
    const executable = join(projectRoot, "toolchain/stand-ins/random/pulumi-resource-random");
    await using plugin = await connectPlugin(executable, "random");
    await plugin.configure({});
    const { outputs } = await plugin.resource(token).make({ length: 20, special: false });
    assert.match(typeof outputs.result === "string" ? outputs.result : "", /^[A-Za-z0-9]{20}$/);
  });
});

describe("generatePassword", () => {
  test("keeps each minimum, also of a kind that is not included otherwise", () => {
    const kinds = [
      { characters: "a", included: true, minimum: 1 },
      { characters: "1", included: false, minimum: 3 },
    ];
    for (let run = 0; run < 20; run++) {
      assert.deepEqual([...generatePassword({ length: 10, kinds }).matchAll(/1/g)].length, 3);
    }
  });
});
