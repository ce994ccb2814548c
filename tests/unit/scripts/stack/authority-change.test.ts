import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { GivenCertificates } from "../../../../lib/given-certificates/read.ts";
import { requireBelieved, type AuthorityChange } from "../../../../scripts/stack/authority-change.ts";
import { TestAuthority } from "../../../helpers/test-authority.ts";

const container = "urn:pulumi:prod::ecosphere::part$docker:index/container:Container::cluster-pg-1-container";
const authorityOf = (owner: string): string =>
  `urn:pulumi:prod::ecosphere::certificates$tls:index/selfSignedCert:SelfSignedCert::${owner}-certificates-authority-2`;
const ownAuthority = authorityOf("cluster");
const etcdAuthority = authorityOf("cluster-etcd");

describe("certificates of a running stack", () => {
  let one: TestAuthority;
  let other: TestAuthority;
  before(async () => {
    one = await TestAuthority.make("One");
    other = await TestAuthority.make("Other");
  });

  const givenBy = async (ca: string, authority: TestAuthority): Promise<GivenCertificates> => {
    const { cert, key } = await authority.issueFor({ name: "pg-1" });
    return { ca, identities: new Map([["pg-1", cert + key]]), warnings: [] };
  };
  const change = (what: Partial<AuthorityChange>): AuthorityChange => ({
    stack: "prod",
    urns: [container, etcdAuthority],
    believed: undefined,
    folder: "/c",
    given: undefined,
    ...what,
  });
  const refuses = (what: Partial<AuthorityChange>, told: RegExp): void => {
    assert.throws(
      () => {
        requireBelieved(change(what));
      },
      { code: "authority-change", message: told },
    );
  };

  test("are taken when an authority that it believes has signed them, through others too", async () => {
    requireBelieved(change({ believed: one.pem, given: await givenBy(one.pem + other.pem, one) }));
    requireBelieved(change({ believed: one.pem + other.pem, given: await givenBy(other.pem, other) }));
    const between = await one.below("Between");
    const given = await givenBy(one.pem, between);
    const identities = new Map([["pg-1", (given.identities.get("pg-1") ?? "") + between.pem]]);
    requireBelieved(change({ believed: one.pem, given: { ...given, identities } }));
  });

  test("are refused when they come at once with their authority", async () => {
    const given = await givenBy(one.pem + other.pem, other);
    refuses({ believed: one.pem, given }, /^the certificates of pg-1 in \/c are by an authority that stack/);
  });

  test("stay one's own, or the stack's own", async () => {
    const given = await givenBy(one.pem, one);
    refuses({ urns: [container, etcdAuthority, ownAuthority], given }, /made with an authority of its own/);
    refuses({ folder: undefined }, /made without an authority of its own/);
    requireBelieved(change({ urns: [container, etcdAuthority, ownAuthority], folder: undefined }));
  });

  test("are a matter of choice while there is no stack", async () => {
    for (const folder of ["/c", undefined]) {
      requireBelieved(change({ urns: [], folder, given: await givenBy(one.pem, one) }));
    }
  });
});
