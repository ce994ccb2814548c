import assert from "node:assert/strict";
import { test } from "node:test";
import {
  begunRotations,
  firstPasswords,
  loginNames,
  parsePasswordVersions,
  printPasswordVersions,
  withNextInForce,
  withNextMade,
} from "../../../lib/password-versions.ts";

test("a login that is not named has its first password", () => {
  assert.deepEqual(parsePasswordVersions(""), firstPasswords);
  const versions = parsePasswordVersions("app=2, seeder=1+") ?? firstPasswords;
  assert.deepEqual(versions.app, { version: 2, isNextMade: false });
  assert.deepEqual(versions.seeder, { version: 1, isNextMade: true });
  assert.deepEqual(versions.admin, { version: 1, isNextMade: false });
  assert.deepEqual(begunRotations(versions), ["seeder"]);
});

test("what is no list of logins with numbers is refused", () => {
  for (const text of [
    "app",
    "app=0",
    "app=1.5",
    "app=2++",
    "app=2,app=3",
    "postgres=2",
    "app=2;",
    "2",
    ",",
  ]) {
    assert.equal(parsePasswordVersions(text), undefined, text);
  }
});

test("what is printed is read again, and names nobody without a change", () => {
  assert.equal(printPasswordVersions(firstPasswords), "");
  for (const text of ["app=2", "admin=3+, monitoring=12", "seeder=1+"]) {
    assert.equal(printPasswordVersions(parsePasswordVersions(text) ?? firstPasswords), text);
  }
});

test("a rotation makes the next password of those that it is about, then it counts", () => {
  const made = withNextMade(firstPasswords, ["app", "admin"]);
  assert.equal(printPasswordVersions(made), "admin=1+, app=1+");
  assert.equal(printPasswordVersions(withNextMade(made, ["app"])), "admin=1+, app=1+");
  assert.equal(printPasswordVersions(withNextInForce(made, ["app"])), "admin=1+, app=2");
  assert.deepEqual(begunRotations(withNextInForce(made, loginNames)), []);
});
