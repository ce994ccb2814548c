import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import {
  certificateNames,
  etcdCertificateNames,
  parseAuthorities,
  rotationFrom,
  tlsFiles,
} from "../../../lib/cluster-config/certificates.ts";
import { renderEtcdConfig } from "../../../lib/cluster-config/etcd.ts";
import { etcdLogin } from "../../../lib/cluster-config/etcd-users.ts";
import { renderHaproxyConfig } from "../../../lib/cluster-config/haproxy.ts";
import {
  clusterSettings,
  renderPatroniConfig,
  renderPostBootstrapSql,
} from "../../../lib/cluster-config/patroni.ts";
import { renderPgbouncerConfig, renderUserlist } from "../../../lib/cluster-config/pgbouncer.ts";
import { instanceNames, maxReplicas } from "../../../lib/settings.ts";
import { isScramVerifier, matchesScramVerifier } from "../../../lib/scram.ts";

const settings = clusterSettings({ synchronous: "quorum", parameters: {}, instanceMemory: 2048 });
const secrets = { replicationPassword: "r3plication", rewindPassword: "r3wind" };
const patroni = z.object({
  etcd3: z.looseObject({ hosts: z.array(z.string()) }),
  restapi: z.record(z.string(), z.string()),
  ctl: z.record(z.string(), z.string()),
  bootstrap: z.object({
    dcs: z.looseObject({ ttl: z.number(), loop_wait: z.number(), retry_timeout: z.number() }),
  }),
  postgresql: z.object({
    pg_hba: z.array(z.string()),
    pg_ident: z.array(z.string()),
    parameters: z.record(z.string(), z.string()),
    authentication: z.record(z.string(), z.record(z.string(), z.string())),
  }),
});

describe("Patroni's file", () => {
  const config = patroni.parse(parse(renderPatroniConfig("pg-2", settings, secrets)));

  test("keeps the lease's rule, loop_wait + 2 retry_timeout <= ttl, which Patroni else corrects by itself", () => {
    const { ttl, loop_wait, retry_timeout } = config.bootstrap.dcs;
    assert.ok(loop_wait + 2 * retry_timeout <= ttl);
  });

  test("acknowledges no write that only one instance has", () => {
    assert.equal(config.bootstrap.dcs["synchronous_mode"], "quorum");
    assert.equal(config.bootstrap.dcs["synchronous_mode_strict"], true);
  });

  test("gives PostgreSQL a quarter of an instance's memory to share, unless the stack says otherwise", () => {
    const sharedBuffers = (parameters: Record<string, string>): unknown => {
      const chosen = clusterSettings({ synchronous: "quorum", parameters, instanceMemory: 2050 });
      return new Map(Object.entries<unknown>(chosen.postgresql.parameters)).get("shared_buffers");
    };
    assert.equal(sharedBuffers({}), "512MB");
    assert.equal(sharedBuffers({ shared_buffers: "64MB" }), "64MB");
  });

  test("lets the superuser in over the local socket alone, and nobody without a password", () => {
    const rules = config.postgresql.pg_hba;
    assert.ok(
      rules.indexOf("host all postgres all reject") <
        rules.findIndex((rule) => rule.startsWith("host all all")),
    );
    for (const rule of rules) {
      assert.doesNotMatch(rule, /\b(trust|md5|password)\b/);
      if (rule.startsWith("local")) assert.match(rule, /\bpeer\b/);
    }
    assert.deepEqual(config.postgresql.authentication["superuser"], { username: "postgres" });
  });

  test("with TLS lets nobody in without it, and replicates and rewinds by certificates alone", () => {
    const etcd = etcdLogin("patroni", "s3cret");
    const { postgresql, restapi, ctl, etcd3 } = patroni.parse(
      parse(renderPatroniConfig("pg-2", settings, { ...tlsFiles, etcd })),
    );
    for (const rule of postgresql.pg_hba) assert.match(rule, /^(local|hostssl) | reject$/);
    assert.ok(postgresql.pg_hba.includes("hostssl postgres pgbouncer samenet cert map=proxies"));
    assert.ok(postgresql.pg_ident.includes("proxies /^proxy-[0-9]+$ pgbouncer"));
    for (const [who, username] of [
      ["replication", "replicator"],
      ["rewind", "rewinder"],
    ] as const) {
      assert.deepEqual(postgresql.authentication[who], {
        username,
        sslmode: "verify-full",
        sslrootcert: "/etc/ecosphere/ca.pem",
        sslcert: "/etc/ecosphere/tls.pem",
        sslkey: "/etc/ecosphere/tls.pem",
      });
      assert.ok(postgresql.pg_hba.some((rule) => rule.endsWith(`${username} samenet cert map=instances`)));
      assert.ok(postgresql.pg_ident.includes(`instances /^pg-[0-9]+$ ${username}`));
    }
    assert.equal(postgresql.parameters["ssl"], "on");
    assert.equal(restapi["verify_client"], "required");
    // Without it no instance would learn how fit the others are, and none would be promoted.
    assert.deepEqual(ctl, {
      certfile: "/etc/ecosphere/tls.pem",
      keyfile: "/etc/ecosphere/tls.pem",
      cacert: "/etc/ecosphere/ca.pem",
    });
    assert.equal(config.restapi["verify_client"], undefined);
    const { hosts, ...login } = etcd3;
    const file = "/etc/ecosphere/etcd.pem";
    assert.deepEqual(hosts, ["etcd-1:2379", "etcd-2:2379", "etcd-3:2379"]);
    assert.deepEqual(login, {
      ...{ protocol: "https", cacert: file, cert: file, key: file },
      ...{ username: "patroni", password: "s3cret" },
    });
    assert.deepEqual(Object.keys(config.etcd3), ["hosts"]);
    assert.equal(postgresql.parameters["ssl_min_protocol_version"], "TLSv1.3");
    assert.equal(config.postgresql.parameters["ssl"], undefined);
  });
});

test("PgBouncer with TLS takes nobody without it, and verifies PostgreSQL behind HAProxy", () => {
  const config = renderPgbouncerConfig("rw", tlsFiles);
  assert.match(config, /^client_tls_sslmode = require$/m);
  assert.match(config, /^server_tls_sslmode = verify-full$/m);
  assert.equal(config.match(/_tls_protocols = tlsv1\.3$/gm)?.length, 2);
  assert.doesNotMatch(renderPgbouncerConfig("rw"), /tls/);
});

test("a rotation ends with one authority, and never believes one that signs less than a step", () => {
  assert.deepEqual(rotationFrom([1]), [[1, 2], [2, 1], [2]]);
  // Begun, and cut off at each step.
  assert.deepEqual(rotationFrom([1, 2]), [[1, 2], [2, 1], [2]]);
  assert.deepEqual(rotationFrom([2, 1]), [[2, 1], [2]]);
  assert.deepEqual(parseAuthorities("2 1"), [2, 1]);
  for (const text of ["", "0", "1 1", "1 2 3", "one"]) assert.equal(parseAuthorities(text), undefined, text);
});

test("a certificate has the addresses of what publishes a port, and of nothing else", () => {
  assert.deepEqual(certificateNames("sentinel"), {
    subject: { commonName: "sentinel" },
    dnsNames: ["sentinel", "localhost"],
    ipAddresses: [],
  });
  assert.deepEqual(certificateNames("pg-1", "10.0.0.7").ipAddresses, ["127.0.0.1", "10.0.0.7"]);
  assert.deepEqual(certificateNames("pg-1", "0.0.0.0").ipAddresses, ["127.0.0.1"]);
});

test("for etcd root alone has a common name, which is a user's name there, and members alone are members", () => {
  assert.deepEqual(etcdCertificateNames("root").subject, { commonName: "root" });
  for (const part of ["etcd-2", "pg-1", "sentinel"]) {
    assert.deepEqual(etcdCertificateNames(part).subject, { organizationalUnit: part });
  }
  const members = ["root", "etcd-2", "pg-1", "sentinel", "etcd-member"].filter((part) =>
    etcdCertificateNames(part).dnsNames.slice(1).includes("etcd-member"),
  );
  assert.deepEqual(members, ["etcd-2"]);
});

test("the admin role is no superuser, and no role that a bootstrap makes has a password", () => {
  const sql = renderPostBootstrapSql("ecosphere_admin");
  assert.match(sql, /^CREATE ROLE ecosphere_admin LOGIN NOSUPERUSER CREATEROLE CREATEDB;$/m);
  assert.doesNotMatch(sql, /PASSWORD/);
});

test("PgBouncer holds no password, and nobody logs in by its name", () => {
  const [, verifier = ""] = /^"pgbouncer" "(.+)"$/m.exec(renderUserlist()) ?? [];
  assert.ok(isScramVerifier(verifier));
  for (const password of ["", "pgbouncer"]) assert.ok(!matchesScramVerifier(password, verifier));
});

test("the databases that are there from the start are nobody's but the admin's and the rewind's", () => {
  const sql = renderPostBootstrapSql("ecosphere_admin");
  assert.match(sql, /REVOKE ALL ON DATABASE postgres, template0, template1 FROM PUBLIC;/);
  assert.match(sql, /GRANT CONNECT ON DATABASE postgres TO ecosphere_admin, rewinder, pgbouncer;/);
});

test("etcd's members name each other, and another stack's do not join", () => {
  const config = z.record(z.string(), z.unknown()).parse(parse(renderEtcdConfig("etcd-2", "ecosphere-dev")));
  assert.equal(
    config["initial-cluster"],
    "etcd-1=http://etcd-1:2380,etcd-2=http://etcd-2:2380,etcd-3=http://etcd-3:2380",
  );
  assert.equal(config["initial-cluster-token"], "ecosphere-dev");
  assert.equal(config["advertise-client-urls"], "http://etcd-2:2379");
});

test("etcd's members with TLS talk to nobody without a certificate", () => {
  const text = renderEtcdConfig("etcd-2", "ecosphere-dev", tlsFiles);
  assert.doesNotMatch(text, /http:/);
  const config = z.record(z.string(), z.unknown()).parse(parse(text));
  const both = {
    "cert-file": "/etc/ecosphere/tls.pem",
    "key-file": "/etc/ecosphere/tls.pem",
    "trusted-ca-file": "/etc/ecosphere/ca.pem",
    "client-cert-auth": true,
  };
  assert.deepEqual(config["client-transport-security"], both);
  assert.deepEqual(config["peer-transport-security"], { ...both, "allowed-hostname": ["etcd-member"] });
  // One that each member makes up for itself would be of no use at the next.
  assert.match(String(config["auth-token"]), /^jwt,priv-key=\/etc\/ecosphere\/tokens\.pem,/);
});

test("HAProxy knows every instance there can be, and reads on the primary when no replica is fit", () => {
  const config = renderHaproxyConfig();
  for (const instance of instanceNames(maxReplicas)) {
    assert.equal(config.split(`server ${instance} ${instance}:5432 check port 8008`).length - 1, 2);
  }
  assert.doesNotMatch(config, /check-ssl/);
  const verified = renderHaproxyConfig(tlsFiles);
  assert.equal(verified.match(/ check-ssl verify required verifyhost pg-2 /g)?.length, 2);
  // Or the start would end at the first name that Docker does not know.
  assert.match(config, /init-addr last,none resolvers docker/);
  assert.match(config, /use_backend primary if \{ nbsrv\(replicas\) eq 0 \}/);
});
