import { z } from "zod";
import { UserError } from "../../../lib/errors.ts";
import { startAgain } from "../end-of-fault.ts";
import type { Evidence, Fault } from "../fault.ts";
import type { Parts } from "../parts.ts";

export const killEtcdLeader: Fault = {
  name: "etcd-leader",
  title: "docker kill of the etcd member that leads",
  expected: "the two others elect one; writes go on",
  async make({ parts }) {
    const leader = await etcdLeader(parts);
    await parts.kill(leader);
    return [leader];
  },
  judge: noDemotion,
};

export const killEtcdMajority: Fault = {
  name: "etcd-majority",
  title: "two of three etcd members are killed, the leader among them, and stay away for longer than a lease",
  expected:
    "the primary stays while all instances answer it, and writes go on; afterwards etcd is whole again",
  // Longer than Patroni's retry_timeout and than the rest of a lease.
  holdSeconds: 25,
  async make({ parts }) {
    const leader = await etcdLeader(parts);
    const other = parts.names("etcd").find((member) => member !== leader) ?? "";
    await Promise.all([parts.takeAway(leader), parts.takeAway(other)]);
    return [leader, other];
  },
  end: startAgain,
  judge: noDemotion,
};

const status = z.array(
  z.object({
    Endpoint: z.string(),
    Status: z.object({ header: z.object({ member_id: z.number() }), leader: z.number() }),
  }),
);

/** Numbers this large lose their last digits in JavaScript, the same way on both sides. */
async function etcdLeader(parts: Parts): Promise<string> {
  const members = parts.names("etcd");
  const endpoints = members.map((member) => `https://${member}:2379`).join(",");
  const [asked = ""] = members;
  const { code, text } = await parts.run(
    asked,
    'etcdctl --endpoints "$1" endpoint status --write-out json 2>/dev/null',
    endpoints,
  );
  const all = code === 0 ? status.parse(JSON.parse(text)) : [];
  const leader = all.find(({ Status: { header, leader: id } }) => header.member_id === id);
  const name = leader && new URL(leader.Endpoint).hostname;
  if (name === undefined)
    throw new UserError("fault", `nobody tells which etcd member leads: ${text.trim()}`);
  return name;
}

function noDemotion({ hasFailedOver }: Evidence): string[] {
  return hasFailedOver ? ["the primary was demoted, though every instance answered it"] : [];
}
