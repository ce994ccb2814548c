import assert from "node:assert/strict";
import type { Attack } from "./attack.ts";

const ownFolder = "a secret is a file of the container's own user, mode 0400";
const other = 12345;

/** What somebody would do who has broken into a part, or is another user beside it. */
export const containerAttacks: readonly Attack[] = [
  ...[
    ["pg-1", "/etc/ecosphere/patroni.yml"],
    ["pg-1", "/etc/ecosphere/post-bootstrap.sql"],
    ["proxy-1", "/etc/ecosphere/userlist.txt"],
    ["etcd-1", "/etc/ecosphere/root.pem"],
    ["etcd-1", "/etc/ecosphere/tokens.pem"],
    ["sentinel", "/etc/ecosphere/sentinel.json"],
  ].map(([part = "", path = ""]): Attack => ({
    title: `reading ${path} of ${part} as another user of the container`,
    why: ownFolder,
    attempt: (target) => target.shell(part, `cat ${path}`, other),
    refusal: /Permission denied/,
    control: async (target) => {
      assert.notEqual(await target.shell(part, `cat ${path}`), "");
    },
  })),
  {
    title: "looking into the data directory as another user of the container",
    why: "it is of mode 0700",
    attempt: (target) => target.shell("pg-1", "ls /data/postgres/main", other),
    refusal: /Permission denied/,
    control: (target) => target.shell("pg-1", "ls /data/postgres/main"),
  },
  {
    title: "the local socket as another user of the container",
    why: "its folder is of mode 0700, and PostgreSQL asks the kernel who is there",
    attempt: (target) => target.shell("pg-1", "psql -X -h /run/postgresql -U postgres -c 'SELECT 1'", other),
    refusal: /Permission denied|Peer authentication failed/,
    control: (target) => target.superuser("SELECT 1"),
  },
  {
    title: "the local socket as another role",
    why: "pg_hba.conf knows the superuser alone there",
    attempt: (target) =>
      target.shell(target.primary, "psql -X -w -h /run/postgresql -U app -d e-commerce -c 'SELECT 1'"),
    refusal: /no pg_hba\.conf entry|no password supplied|rejects/,
    control: (target) => target.superuser("SELECT 1"),
  },
  ...["pg-1", "etcd-1", "proxy-1", "sentinel"].flatMap((part): readonly Attack[] => [
    {
      title: `changing a program of ${part}`,
      why: "the container's root is read-only",
      attempt: (target) => target.shell(part, "echo x > /usr/local/bin/evil"),
      refusal: /Read-only file system|Permission denied/,
      control: (target) => target.shell(part, "echo x > /tmp/probe && rm /tmp/probe"),
    },
    {
      title: `a capability in ${part}`,
      why: "all of them are dropped, and none comes back by a setuid program",
      attempt: async (target) => {
        const status = await target.shell(part, "cat /proc/1/status");
        const isBare = /^CapEff:\s+0{16}$/m.test(status) && /^CapBnd:\s+0{16}$/m.test(status);
        if (isBare && /^NoNewPrivs:\s+1$/m.test(status)) throw new Error("bare");
      },
      refusal: /bare/,
      control: async (target) => {
        assert.match(await target.shell(part, "cat /proc/1/status"), /^Seccomp:\s+2$/m);
      },
    },
  ]),
  ...["pg-1", "etcd-1", "proxy-1"].map((part): Attack => ({
    title: `Docker's socket in ${part}`,
    why: "the sentinel alone has it, which listens on no port",
    attempt: (target) => target.shell(part, "ls /var/run/docker.sock"),
    refusal: /No such file/,
    control: (target) => target.shell("sentinel", "ls /var/run/docker.sock"),
  })),
  ...[
    ["proxy-1", 5998, 6434, "HAProxy's master listens inside its own container alone"],
    ["proxy-1", 5999, 6434, "HAProxy's runtime socket listens inside its own container alone"],
    ["proxy-1", 5000, 6432, "the router's own ports are the pooler's alone"],
    ["proxy-1", 5001, 6433, "the router's own ports are the pooler's alone"],
  ].map(([part, port, open, why]): Attack => ({
    title: `port ${String(port)} of ${String(part)} from another container`,
    why: String(why),
    attempt: (target) => target.shell("proxy-2", `exec 3<>/dev/tcp/${String(part)}/${String(port)}`),
    refusal: /refused/i,
    control: (target) => target.shell("proxy-2", `exec 3<>/dev/tcp/${String(part)}/${String(open)}`),
  })),
  {
    title: "a port of the sentinel from another container",
    why: "it listens nowhere, since it holds Docker's socket",
    attempt: async (target) => {
      const listening = await target.shell("sentinel", "cat /proc/net/tcp /proc/net/tcp6");
      // State 0A is LISTEN; Docker's name server has a port of its own on 127.0.0.11 (0B00007F).
      const open = listening.split("\n").filter((line) => / 0A /.test(line) && !/ 0B00007F:/.test(line));
      if (open.length === 0) throw new Error("nothing listens");
    },
    refusal: /nothing listens/,
    control: async (target) => {
      assert.match(await target.shell("proxy-1", "cat /proc/net/tcp"), / 0A /);
    },
  },
];
