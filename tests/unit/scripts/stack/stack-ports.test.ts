import assert from "node:assert/strict";
import { test } from "node:test";
import { choosePorts, portBusy, type PortKey } from "../../../../scripts/stack/stack-ports.ts";

const wanted = { rwPort: 6432, roPort: 6433, adminPort: 6434, instancePort: 6441 };
const choose = (
  taken: readonly number[],
  options: { readonly fixed?: readonly PortKey[]; readonly promised?: readonly number[] } = {},
) =>
  choosePorts({
    wanted,
    instances: 3,
    proxies: 1,
    fixed: new Set(options.fixed),
    isTaken: (port) => taken.includes(port),
    isPromised: (port) => options.promised?.includes(port) ?? false,
  });

test("free defaults are kept", () => {
  assert.deepEqual(choose([]), { ports: wanted, busy: [] });
});

test("a taken default moves to the next port that nobody has, and that no other key takes", () => {
  assert.deepEqual(choose([6432]).ports, { ...wanted, rwPort: 6435, roPort: 6433, adminPort: 6434 });
});

test("the instances get so many free ports in a row", () => {
  assert.equal(choose([6442]).ports.instancePort, 6443);
  assert.equal(choose([6442, 6445]).ports.instancePort, 6446);
});

test("each proxy gets a port of its own for each key, three above the one before", () => {
  const situation = {
    wanted,
    instances: 3,
    proxies: 2,
    fixed: new Set<PortKey>(),
    isTaken: (port: number) => port === 6436,
    isPromised: () => false,
  };
  // Its second port would be 6436. 6438 to 6443 are an instance's, or their second port is.
  assert.deepEqual(choosePorts(situation).ports, { ...wanted, roPort: 6444 });
});

test("ports that another stack counts on are avoided, though nobody listens there now", () => {
  const promised = [6432, 6433, 6434, 6441, 6442, 6443];
  const { ports, busy } = choose([], { promised });
  assert.deepEqual(busy, []);
  const all = [
    ports.rwPort,
    ports.roPort,
    ports.adminPort,
    ...[0, 1, 2].map((at) => ports.instancePort + at),
  ];
  assert.equal(new Set(all).size, 6);
  assert.ok(
    all.every((port) => !promised.includes(port)),
    String(all),
  );
});

test("a port that the user set is never moved: busy, it is reported, each port of a row too", () => {
  const { ports, busy } = choose([6432, 6443], { fixed: ["rwPort", "instancePort"] });
  assert.deepEqual(ports, wanted);
  assert.deepEqual(busy, [
    { key: "rwPort", port: 6432 },
    { key: "instancePort", port: 6443 },
  ]);
});

test("a port that the user set is left alone by the others", () => {
  const situation = {
    wanted: { ...wanted, adminPort: 6432 },
    instances: 1,
    proxies: 1,
    fixed: new Set<PortKey>(["adminPort"]),
    isTaken: () => false,
    isPromised: () => false,
  };
  assert.equal(choosePorts(situation).ports.adminPort, 6432);
  assert.notEqual(choosePorts(situation).ports.rwPort, 6432);
});

test("a promise of another stack does not stop a port that the user set", () => {
  assert.deepEqual(choose([], { fixed: ["rwPort"], promised: [6432] }).busy, []);
});

test("the error names every key with its port, who can be asked, and the fix", () => {
  const error = portBusy(
    [
      { key: "rwPort", port: 6432 },
      { key: "roPort", port: 6433 },
    ],
    "blue",
  );
  assert.match(error.message, /rwPort: port 6432[^]*roPort: port 6433/);
  assert.match(error.hint ?? "", /ss -ltnp 'sport = :6432'/);
  assert.match(error.hint ?? "", /pulumi config set rwPort 7432 --stack blue/);
});
