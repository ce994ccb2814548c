import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { etcdUsersOf } from "../../../../provider/ecosphere/etcd-users.ts";
import { ecosphereProvider } from "../../../../provider/ecosphere/provider.ts";
import { unknown, type Properties } from "../../../../provider/host/values.ts";
import { FakeEtcd } from "../../../helpers/fake-etcd.ts";
import { connectProvider } from "../../../helpers/provider-client.ts";

const inputs = {
  stack: "shop",
  containers: [],
  users: [
    {
      name: "patroni",
      password: "hunter2",
      grants: [{ access: "readwrite", key: "/service/shop/", isPrefix: true }],
    },
    { name: "sentinel", password: "hunter3", grants: [{ access: "read", key: "/planned", isPrefix: false }] },
  ],
  timeoutSeconds: 2,
};

describe("EtcdUsers", () => {
  let etcd: FakeEtcd;
  beforeEach(() => {
    etcd = new FakeEtcd();
  });
  const connect = async () => {
    const type = "ecosphere:index:EtcdUsers";
    const resources = new Map([[type, etcdUsersOf(() => Promise.resolve(etcd))]]);
    const client = await connectProvider({ ...ecosphereProvider, resources }, {});
    return {
      client,
      users: client.resource(type),
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  };
  const create = async (wanted: Properties = inputs): Promise<void> => {
    await using own = await connect();
    await own.users.create(wanted);
  };
  const read = async () => {
    await using own = await connect();
    const found = await own.users.read("shop", { inputs, outputs: inputs });
    const { changes } = await own.users.diff(
      "shop",
      { inputs: found?.inputs ?? {}, outputs: inputs },
      inputs,
    );
    return { changes, messages: own.client.messages.join("\n") };
  };

  test("makes users and roles of exactly what is granted, then has etcd ask for them", async () => {
    await create();
    assert.equal(etcd.isEnabled, true);
    assert.equal(etcd.log.at(-1), "auth enable");
    assert.deepEqual(Object.fromEntries(etcd.users), {
      root: ["root"],
      patroni: ["patroni"],
      sentinel: ["sentinel"],
    });
    assert.deepEqual(Object.fromEntries(etcd.roles), {
      root: [],
      patroni: [{ access: "readwrite", key: "/service/shop/", end: "/service/shop0" }],
      sentinel: [{ access: "read", key: "/planned", end: undefined }],
    });
    // Root has a certificate, and no password that somebody could know.
    assert.deepEqual(Object.fromEntries(etcd.passwords), { patroni: "hunter2", sentinel: "hunter3" });
  });

  test("gives passwords by input alone", async () => {
    await create();
    assert.doesNotMatch(etcd.shown.join("\n") + etcd.log.join("\n"), /hunter/);
  });

  test("changes nothing in a preview", async () => {
    await using own = await connect();
    await own.users.create({ ...inputs, users: unknown }, true);
    await own.users.update("shop", { inputs, outputs: inputs }, { ...inputs, users: [] }, true);
    assert.deepEqual(etcd.shown, []);
  });

  test("goes on from wherever it was cut off", async () => {
    await create();
    const commands = etcd.log.length;
    for (let made = 0; made < commands; made++) {
      etcd = new FakeEtcd();
      etcd.patience = made;
      await assert.rejects(
        create({ ...inputs, timeoutSeconds: 0.01 }),
        /waited .* for etcd to have its users; last seen: .*request timed out/s,
      );
      assert.equal(etcd.isEnabled, false);
      etcd.patience = Number.POSITIVE_INFINITY;
      await create();
      assert.equal(etcd.isEnabled, true);
      assert.equal(etcd.users.size, 3);
      assert.deepEqual((await read()).changes, {});
    }
  });

  test("says why it could not, and no password", async () => {
    etcd.running = [];
    await assert.rejects(create({ ...inputs, timeoutSeconds: 0.01 }), (error: unknown) => {
      assert.match(String(error), /no member of etcd runs[^]*ecosphere logs etcd[^]*ecosphere up/);
      assert.doesNotMatch(String(error), /hunter/);
      return true;
    });
  });

  test("done twice, does nothing the second time but setting the passwords that nobody remembers", async () => {
    await create();
    etcd.log.length = 0;
    await create();
    assert.deepEqual(etcd.log, [
      "user passwd patroni --interactive=false",
      "user passwd sentinel --interactive=false",
    ]);
  });

  test("an update sets the password that has changed, and takes what is granted no more", async () => {
    await create();
    etcd.log.length = 0;
    const [patroni] = inputs.users;
    const news = {
      ...inputs,
      users: [
        ...(patroni ? [patroni] : []),
        {
          name: "sentinel",
          password: "hunter4",
          grants: [{ access: "read", key: "/other", isPrefix: false }],
        },
      ],
    };
    await using own = await connect();
    await own.users.update("shop", { inputs, outputs: inputs }, news);
    assert.deepEqual(etcd.log, [
      "role grant-permission sentinel read /other",
      "role revoke-permission sentinel /planned",
      "user passwd sentinel --interactive=false",
    ]);
    assert.equal(etcd.passwords.get("sentinel"), "hunter4");
  });

  test("an unchanged etcd is no drift", async () => {
    await create();
    assert.deepEqual(await read(), { changes: {}, messages: "" });
  });

  const drifts: Readonly<Record<string, (etcd: FakeEtcd) => void>> = {
    "authentication that is off": (it) => (it.isEnabled = false),
    "a user that is gone": (it) => it.users.delete("sentinel"),
    "a user that nobody asked for": (it) => it.users.set("mallory", ["root"]),
    "a right more": (it) => it.roles.get("sentinel")?.push({ access: "write", key: "/x", end: undefined }),
    "another role": (it) => it.users.get("sentinel")?.push("root"),
  };
  for (const [what, drift] of Object.entries(drifts)) {
    test(`${what} shows as drift, and the update mends it`, async () => {
      await create();
      drift(etcd);
      assert.deepEqual((await read()).changes, { users: "update" });
      await using own = await connect();
      await own.users.update("shop", { inputs, outputs: inputs }, inputs);
      assert.deepEqual((await read()).changes, {});
    });
  }

  test("an etcd that does not answer can still be refreshed and deleted", async () => {
    etcd.running = [];
    const { changes, messages } = await read();
    assert.deepEqual(changes, {});
    assert.match(messages, /not compared with etcd: no member of etcd runs/);
    await using own = await connect();
    await own.users.delete("shop", { inputs, outputs: inputs });
  });

  test("refuses what etcdctl would take for something else, without printing the passwords", async () => {
    await using own = await connect();
    const { faults } = await own.users.check({
      ...inputs,
      users: [
        { ...inputs.users[0], name: "root" },
        { ...inputs.users[1], password: "two words" },
      ],
    });
    assert.deepEqual(
      faults.map(({ property }) => property),
      ["users"],
    );
    assert.match(faults[0]?.reason ?? "", /must not name root.*must be passwords, without spaces/);
    assert.doesNotMatch(faults[0]?.reason ?? "", /hunter|two words/);
  });

  test("keeps the users secret", async () => {
    await using own = await connect();
    assert.deepEqual([...(await own.users.check(inputs)).secretKeys], ["users"]);
  });
});
