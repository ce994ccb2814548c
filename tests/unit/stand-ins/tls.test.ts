import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { describe, test } from "node:test";
import { connect, createServer } from "node:tls";
import { projectRoot } from "../../../lib/paths.ts";
import { unknown, type Properties, type Value } from "../../../provider/host/values.ts";
import { tlsProvider } from "../../../toolchain/stand-ins/tls/provider.ts";
import { connectPlugin, connectProvider, type ProviderClient } from "../../helpers/provider-client.ts";

const tokens = {
  key: "tls:index/privateKey:PrivateKey",
  authority: "tls:index/selfSignedCert:SelfSignedCert",
  request: "tls:index/certRequest:CertRequest",
  signed: "tls:index/locallySignedCert:LocallySignedCert",
} as const;
const hour = 3_600_000;

describe("the tls stand-in", () => {
  test("makes a key in every form, all of them of one key, the private ones secret", async () => {
    await using provider = await connectProvider(tlsProvider(), {});
    const inputs = { algorithm: "ECDSA", ecdsaCurve: "P256" };
    const { id, outputs, secretKeys } = await provider.resource(tokens.key).create(inputs);
    assert.match(id, /^[0-9a-f]{40}$/);
    assert.deepEqual([...secretKeys].sort(), ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"]);
    assert.equal(outputs.rsaBits, 2048);
    const key = createPrivateKey(text(outputs.privateKeyPem));
    assert.ok(key.equals(createPrivateKey(text(outputs.privateKeyPemPkcs8))));
    assert.ok(createPublicKey(key).equals(createPublicKey(text(outputs.publicKeyPem))));
    assert.match(text(outputs.privateKeyOpenssh), /^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
    assert.match(text(outputs.publicKeyOpenssh), /^ecdsa-sha2-nistp256 \S+\n$/);
    assert.match(text(outputs.publicKeyFingerprintSha256), /^SHA256:[\w+/]{43}$/);
    assert.match(text(outputs.publicKeyFingerprintMd5), /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    const same = await provider.resource(tokens.key).diff(id, { inputs, outputs }, inputs);
    assert.deepEqual(same.changes, {});
    const other = { ...inputs, ecdsaCurve: "P384" };
    const changed = await provider.resource(tokens.key).diff(id, { inputs, outputs }, other);
    assert.deepEqual(changed.replaces, ["ecdsaCurve"]);
  });

  test("makes a chain that TLS 1.3 verifies by name and by address, and under no other authority", async () => {
    await using provider = await connectProvider(tlsProvider(), {});
    const authority = await makeAuthority(provider);
    const other = await makeAuthority(provider);
    const server = await makeSigned(provider, authority, {
      dnsNames: ["pg-1", "localhost"],
      ipAddresses: ["127.0.0.1"],
    });
    const certificate = new X509Certificate(server.pem);
    const issuer = new X509Certificate(authority.pem);
    assert.ok(issuer.ca && !certificate.ca);
    assert.ok(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
    assert.equal(certificate.subject, "O=ecosphere\nCN=pg-1");
    assert.equal(certificate.subjectAltName, "DNS:pg-1, DNS:localhost, IP Address:127.0.0.1");
    assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    assert.equal(BigInt(`0x${certificate.serialNumber}`).toString(), server.id);
    assert.equal(server.outputs.validityEndTime, certificate.validToDate.toISOString().replace(".000", ""));

    const told = await handshake(server, authority.pem, "pg-1");
    assert.deepEqual(told, { protocol: "TLSv1.3", client: "pg-1" });
    assert.deepEqual(await handshake(server, authority.pem, "127.0.0.1"), told);
    await assert.rejects(handshake(server, authority.pem, "pg-2"), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    await assert.rejects(handshake(server, other.pem, "pg-1"), /unable to verify|self-signed/);
  });

  test("replaces a certificate in the time before its end that the program set, and not before", async () => {
    await using provider = await connectProvider(tlsProvider(), {});
    const authority = await makeAuthority(provider);
    const { id, inputs, outputs } = await makeSigned(provider, authority, {});
    const signed = provider.resource(tokens.signed);
    assert.equal(outputs.readyForRenewal, false);
    assert.deepEqual((await signed.diff(id, { inputs, outputs }, inputs)).changes, {});
    // The third part of 90 days begins with the day 60.
    const endsIn = (days: number): Properties => ({
      ...outputs,
      validityEndTime: new Date(Date.now() + days * 24 * hour).toISOString(),
    });
    const fresh = { inputs, outputs: endsIn(31) };
    assert.deepEqual((await signed.read(id, fresh))?.outputs, fresh.outputs);
    assert.deepEqual((await signed.diff(id, fresh, inputs)).replaces, []);
    const due = { inputs, outputs: endsIn(29) };
    const refreshed = await signed.read(id, due);
    assert.equal(refreshed?.outputs.readyForRenewal, true);
    for (const state of [due, { inputs, outputs: refreshed.outputs }]) {
      const diff = await signed.diff(id, state, inputs);
      assert.deepEqual(diff.changes, { readyForRenewal: "update-replace" });
      assert.equal(diff.deleteBeforeReplace, false);
    }
  });

  test("keeps a certificate whose time of renewal alone is set anew", async () => {
    await using provider = await connectProvider(tlsProvider(), {});
    const { id, inputs, outputs } = await makeSigned(provider, await makeAuthority(provider), {});
    const signed = provider.resource(tokens.signed);
    const news = { ...inputs, earlyRenewalHours: 24 };
    assert.deepEqual((await signed.diff(id, { inputs, outputs }, news)).changes, {
      earlyRenewalHours: "update",
    });
    const updated = await signed.update(id, { inputs, outputs }, news);
    assert.equal(updated.outputs.certPem, outputs.certPem);
    assert.equal(updated.outputs.earlyRenewalHours, 24);
  });

  test("makes a new certificate for another request or another authority", async () => {
    await using provider = await connectProvider(tlsProvider(), {});
    const { id, inputs, outputs } = await makeSigned(provider, await makeAuthority(provider), {});
    const other = await makeAuthority(provider);
    const news = { ...inputs, caCertPem: other.pem, caPrivateKeyPem: other.key };
    const diff = await provider.resource(tokens.signed).diff(id, { inputs, outputs }, news);
    assert.deepEqual([...diff.replaces].sort(), ["caCertPem", "caPrivateKeyPem"]);
  });

  test("keeps keys secret wherever they go", async () => {
    await using provider = await connectProvider(tlsProvider(), {});
    const authority = await makeAuthority(provider);
    const { inputs } = await makeSigned(provider, authority, {});
    const created = await provider.resource(tokens.signed).create(inputs);
    assert.deepEqual([...created.secretKeys], ["caPrivateKeyPem"]);
    const { faults } = await provider.resource(tokens.signed).check({ ...inputs, caPrivateKeyPem: "s3cret" });
    assert.deepEqual(
      faults.map(({ property }) => property),
      ["caPrivateKeyPem"],
    );
    assert.doesNotMatch(JSON.stringify(faults), /s3cret/);
  });

  test("knows nothing of what it will make in a preview", async () => {
    await using provider = await connectProvider(tlsProvider(), {});
    const { id, outputs } = await provider
      .resource(tokens.request)
      .create({ privateKeyPem: unknown, dnsNames: ["a"] }, true);
    assert.deepEqual([id, outputs.certRequestPem, outputs.dnsNames], ["", unknown, ["a"]]);
  });

  test("reports every fault, and refuses what only the official plugin has", async () => {
    await using provider = await connectProvider(tlsProvider(), {});
    const { faults } = await provider.resource(tokens.key).check({ algorithm: "RSA", ecdsaCurve: "P224" });
    assert.deepEqual(faults.map(({ property }) => property).sort(), ["algorithm", "ecdsaCurve"]);
    await assert.rejects(
      provider.resource("tls:index/alias:Alias").check({}),
      /pulumi plugin install resource tls 5\.6\.1/,
    );
  });

  test("runs as the plugin that the engine starts", async () => {
    const executable = join(projectRoot, "toolchain/stand-ins/tls/pulumi-resource-tls");
    await using plugin = await connectPlugin(executable, "tls");
    await plugin.configure({});
    assert.ok(new X509Certificate((await makeAuthority(plugin)).pem).ca);
  });
});

interface Authority {
  readonly pem: string;
  readonly key: string;
}

async function makeAuthority(provider: ProviderClient): Promise<Authority> {
  const key = await makeKey(provider);
  const { outputs } = await provider.resource(tokens.authority).make({
    privateKeyPem: key,
    subject: { commonName: "authority", organization: "ecosphere" },
    isCaCertificate: true,
    allowedUses: ["cert_signing", "crl_signing"],
    validityPeriodHours: 87_600,
  });
  return { pem: text(outputs.certPem), key };
}

async function makeSigned(provider: ProviderClient, authority: Authority, names: Properties) {
  const key = await makeKey(provider);
  const subject = { commonName: "pg-1", organization: "ecosphere" };
  const request = await provider.resource(tokens.request).make({ privateKeyPem: key, subject, ...names });
  const made = await provider.resource(tokens.signed).make({
    certRequestPem: text(request.outputs.certRequestPem),
    caCertPem: authority.pem,
    caPrivateKeyPem: authority.key,
    validityPeriodHours: 2160,
    earlyRenewalHours: 720,
    allowedUses: ["digital_signature", "server_auth", "client_auth"],
  });
  return { ...made, pem: text(made.outputs.certPem), key };
}

async function makeKey(provider: ProviderClient): Promise<string> {
  const { outputs } = await provider.resource(tokens.key).make({ algorithm: "ECDSA", ecdsaCurve: "P256" });
  return text(outputs.privateKeyPem);
}

/** The protocol of a connection that both sides verify, and whom the server has seen. */
async function handshake(
  { pem: cert, key }: { readonly pem: string; readonly key: string },
  ca: string,
  host: string,
): Promise<{ readonly protocol: string | null; readonly client: string }> {
  let client = "";
  await using server = createServer({ cert, key, ca, requestCert: true }, (socket) => {
    client = String(socket.getPeerCertificate().subject.CN);
    socket.end("x");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  // By its own name it connects; by `host` it verifies.
  const socket = connect({
    port: address.port,
    ca,
    cert,
    key,
    host: "127.0.0.1",
    ...(host === "127.0.0.1" ? {} : { servername: host }),
  });
  try {
    await once(socket, "secureConnect");
    await once(socket, "data");
    return { protocol: socket.getProtocol(), client };
  } finally {
    socket.destroy();
  }
}

function text(value: Value | undefined): string {
  assert.ok(typeof value === "string");
  return value;
}
