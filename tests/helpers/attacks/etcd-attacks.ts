import assert from "node:assert/strict";
import type { Attack, Target } from "./attack.ts";

const leader = "/service/ecosphere/leader";
const planned = "/ecosphere/planned";

/** A request to etcd from inside a part's container, as whoever broke into it would send it. */
interface Ask {
  readonly from: string;
  /** The file of the container with the certificate to show. */
  readonly file: string;
  /** Whether it logs in first, with the password that stands in the container's own files. */
  readonly logsIn?: boolean;
  readonly path?: string;
  readonly body?: object;
  readonly port?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

// It verifies nobody: that is the attacked's concern.
const script = `
import base64, http.client, json, re, ssl, sys
ask = json.loads(sys.argv[1])
context = ssl._create_unverified_context()
context.load_cert_chain("/etc/ecosphere/" + ask["file"])
def post(path, body, headers={}):
    connection = http.client.HTTPSConnection("etcd-2", ask["port"], timeout=5, context=context)
    connection.request("POST" if path.startswith("/v3") else "GET", path, json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status != 200: sys.exit(f"{answer.status} {text}")
    return text
headers = ask["headers"]
if ask["logsIn"]:
    text = ""
    for name in ("patroni.yml", "sentinel.json"):
        try: text += open("/etc/ecosphere/" + name).read()
        except FileNotFoundError: pass
    name, password = re.search(r'"?username"?: "?(\\w+)"?,?\\s+"?password"?: "?(\\w+)', text).groups()
    headers["Authorization"] = json.loads(post("/v3/auth/authenticate", {"name": name, "password": password}))["token"]
print(post(ask["path"], ask["body"], headers))
`;

const encode = (text: string): string => Buffer.from(text).toString("base64");
const get = (key: string) => ({ path: "/v3/kv/range", body: { key: encode(key) } });
const put = (key: string) => ({ path: "/v3/kv/put", body: { key: encode(key), value: encode("evil") } });
const removeIfOfRevision = (key: string, revision: number) => ({
  path: "/v3/kv/txn",
  body: {
    compare: [{ key: encode(key), target: "MOD", result: "EQUAL", mod_revision: String(revision) }],
    success: [{ request_delete_range: { key: encode(key) } }],
  },
});

async function etcd(target: Target, request: Ask): Promise<string> {
  const defaults = { logsIn: false, headers: {}, port: 2379, path: "/health", body: {} };
  const { from, ...ask } = { ...defaults, ...request };
  const run = await target.inside(from, undefined, ["python3", "-B", "-c", script, JSON.stringify(ask)]);
  if (run.code !== 0) throw new Error(run.output);
  return run.stdout;
}

const instance = { from: "pg-1", file: "etcd.pem" };
const sentinel = { from: "sentinel", file: "etcd.pem" };
const isRefusedByTls = /certificate|unknown ca|SSL|reset by peer|Broken pipe/;

/** What a part that was broken into would do to etcd, which decides who is the primary. */
export const etcdAttacks: readonly Attack[] = [
  ...["sentinel", "pg-1"].map((part): Attack => ({
    title: `etcd with the certificate that ${part} has for all others`,
    why: "etcd believes an authority of its own, which instances and the sentinel alone have a certificate by",
    attempt: (target) => etcd(target, { from: part, file: "tls.pem" }),
    refusal: isRefusedByTls,
    control: (target) => etcd(target, instance),
  })),
  {
    title: "standing in for a member of etcd with the certificate of a client",
    why: "members have a name of their own in theirs",
    attempt: (target) => etcd(target, { ...instance, port: 2380, path: "/version" }),
    refusal: isRefusedByTls,
    control: async (target) => {
      const own = { from: "etcd-1", file: "tls.pem", port: 2380, path: "/version" };
      assert.match(await etcd(target, own), /etcdserver/);
    },
  },
  ...[{}, { Accept: "*/*" }].map((headers): Attack => ({
    title: `taking the leader's lock with a certificate and without a user (${JSON.stringify(headers)})`,
    why: "etcd asks for a user, and its own certificate, by which its gateway asks it, names none",
    attempt: (target) => etcd(target, { ...instance, ...put(leader), headers }),
    refusal: /permission denied|user name is empty/,
    control: (target) => etcd(target, { ...instance, ...get(leader), logsIn: true, headers }),
  })),
  ...["/service/ecosphere/config", "/service/ecosphere/sync", planned].map((key): Attack => ({
    title: `writing ${key} as the sentinel's user`,
    why: "it frees the lock of a dead instance, and writes nothing else",
    attempt: (target) => etcd(target, { ...sentinel, ...put(key), logsIn: true }),
    refusal: /permission denied/,
    control: async (target) => {
      // As it frees a lock; this one is another, since no key of Patroni's is as old as etcd's first write.
      const answer = await etcd(target, { ...sentinel, ...removeIfOfRevision(leader, 1), logsIn: true });
      assert.doesNotMatch(answer, /succeeded/);
      const lock = await etcd(target, { ...sentinel, ...get(leader), logsIn: true });
      assert.ok(lock.includes(encode(target.primary)), lock);
    },
  })),
  {
    title: "reading Patroni's other keys as the sentinel's user",
    why: "it reads two keys alone",
    attempt: (target) => etcd(target, { ...sentinel, ...get("/service/ecosphere/config"), logsIn: true }),
    refusal: /permission denied/,
    control: (target) => etcd(target, { ...sentinel, ...get(planned), logsIn: true }),
  },
  ...[planned, "/service/other/leader"].map((key): Attack => ({
    title: `writing ${key} as Patroni's user`,
    why: "it has the keys of its own cluster alone",
    attempt: (target) => etcd(target, { ...instance, ...put(key), logsIn: true }),
    refusal: /permission denied/,
    control: (target) => etcd(target, { ...instance, ...put("/service/ecosphere/probe"), logsIn: true }),
  })),
  ...["/v3/auth/disable", "/v3/auth/user/list", "/v3/maintenance/snapshot"].map((path): Attack => ({
    title: `${path} of etcd as Patroni's user`,
    why: "root alone may, whose certificate is in etcd's own containers",
    attempt: (target) => etcd(target, { ...instance, path, body: {}, logsIn: true }),
    refusal: /permission denied/,
    control: (target) => target.shell("etcd-1", "etcdctl user list"),
  })),
];
