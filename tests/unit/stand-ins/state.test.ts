import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { unknown, type Properties } from "../../../provider/host/values.ts";
import { checkInputs } from "../../../toolchain/stand-ins/bridged/check.ts";
import { difference } from "../../../toolchain/stand-ins/bridged/difference.ts";
import * as state from "../../../toolchain/stand-ins/bridged/state.ts";
import {
  databaseType,
  grantType,
  roleType,
  schemaType,
} from "../../../toolchain/stand-ins/postgresql/properties.ts";

// What is expected here is what the official plugin's own code answered to the same calls.
describe("the shape of a bridged state", () => {
  test("fills in defaults that are not false or zero, and lists them", () => {
    assert.deepEqual(checkInputs(roleType, { name: "r", inherit: null }).inputs, {
      __defaults: ["connectionLimit", "encryptedPassword", "inherit", "validUntil"],
      connectionLimit: -1,
      encryptedPassword: true,
      inherit: true,
      name: "r",
      validUntil: "infinity",
    });
    const given = { database: "d", objectType: "database", privileges: [], role: "public" };
    assert.deepEqual(checkInputs(grantType, given).inputs, { ...given, __defaults: [] });
  });

  test("reports every fault at once, without the value of a secret", () => {
    const { faults } = checkInputs(roleType, {
      connectionLimit: -5,
      password: 7,
      frob: 1,
      createRole: "yes",
    });
    assert.deepEqual(
      faults.map((fault) => fault.property),
      ["connectionLimit", "password", "frob", "createRole", "name"],
    );
    assert.match(faults[0]?.reason ?? "", /-5 is too small; give -1 or more/);
    assert.doesNotMatch(faults[1]?.reason ?? "", /7/);
  });

  test("plans a new object: nothing where nothing was given, unknown where the server decides", () => {
    const planned = state.plannedOutputs(databaseType, {
      name: "d",
      allowConnections: true,
      connectionLimit: -1,
    });
    assert.deepEqual([planned.id, planned.owner, planned.alterObjectOwnership], [unknown, unknown, false]);
    const grant = state.plannedOutputs(grantType, { privileges: ["UPDATE", "INSERT"], objects: [] });
    assert.deepEqual([grant.privileges, grant.objects, grant.schema], [["INSERT", "UPDATE"], null, null]);
  });

  test("leaves an empty list at nothing in a create, and shows it after a refresh", () => {
    const planned = state.plannedOutputs(roleType, { name: "r" });
    const made = state.settledOutputs(roleType, planned, { roles: [], assumeRole: "" }, "r");
    assert.deepEqual([made.roles, made.assumeRole], [null, ""]);
    assert.deepEqual(state.refreshedOutputs(made, { roles: [] }, "r").roles, []);
  });

  test("keeps what was planned over the server's own spelling, which the next refresh shows", () => {
    const planned = state.plannedOutputs(roleType, { name: "r", validUntil: "2030-01-01" });
    const live = { validUntil: "2030-01-01 00:00:00+00" };
    assert.equal(state.settledOutputs(roleType, planned, live, "r").validUntil, "2030-01-01");
  });

  test("refreshes the inputs that were given, and drops a default that no longer holds", () => {
    const inputs = {
      __defaults: ["connectionLimit", "inherit"],
      connectionLimit: -1,
      inherit: true,
      roles: ["a", "b"],
    };
    const outputs = { connectionLimit: 4, inherit: true, roles: ["b", "c", "d"], login: true };
    assert.deepEqual(state.refreshedInputs({ inputs, outputs: {} }, outputs), {
      __defaults: ["inherit"],
      connectionLimit: 4,
      inherit: true,
      roles: ["b", "c"],
    });
    assert.deepEqual(state.refreshedInputs({ inputs: { __defaults: [], a: 1 }, outputs: {} }, { a: 1 }), {
      a: 1,
    });
  });

  test("imports what is not as it would be anyway", () => {
    const outputs = state.importedOutputs(
      schemaType,
      { name: "s", database: "d", owner: "o", policies: [] },
      "d.s",
    );
    assert.deepEqual([outputs.dropCascade, outputs.ifNotExists], [null, null]);
    const expected = {
      __defaults: [],
      database: "d",
      dropCascade: null,
      ifNotExists: null,
      name: "s",
      owner: "o",
    };
    assert.deepEqual(state.importedInputs(schemaType, outputs), expected);
  });
});

describe("difference", () => {
  const change = (outputs: Properties, news: Properties) => ({ id: "x", old: { inputs: {}, outputs }, news });

  test("takes nothing, zero, false and an empty list for one", () => {
    const outputs = {
      name: "r",
      roles: [],
      assumeRole: "",
      statementTimeout: 0,
      login: false,
      connectionLimit: -1,
      encryptedPassword: true,
      inherit: true,
      validUntil: "infinity",
    };
    assert.equal(difference(roleType, change(outputs, { name: "r" })).changes.size, 0);
  });

  test("takes no order for a change in a set, and any in a list", () => {
    const outputs = { role: "r", privileges: ["INSERT", "SELECT"] };
    assert.equal(
      difference(grantType, change(outputs, { role: "r", privileges: ["SELECT", "INSERT"] })).changes.size,
      0,
    );
    const role = { ...checkInputs(roleType, { name: "r", searchPaths: ["a", "b"] }).inputs };
    assert.deepEqual(
      [...difference(roleType, change(role, { ...role, searchPaths: ["b", "a"] })).changes],
      [["searchPaths", "update"]],
    );
  });

  test("leaves to the server what the program does not say", () => {
    const outputs = {
      name: "d",
      owner: "somebody",
      template: "template0",
      allowConnections: true,
      connectionLimit: -1,
    };
    assert.equal(difference(databaseType, change(outputs, { name: "d" })).changes.size, 0);
  });

  test("replaces a database for another encoding, the old one first", () => {
    const outputs = { name: "d", encoding: "UTF8", allowConnections: true, connectionLimit: -1 };
    const diff = difference(databaseType, change(outputs, { ...outputs, encoding: "LATIN1" }));
    assert.deepEqual([diff.replaces, diff.deleteBeforeReplace], [["encoding"], true]);
  });

  test("counts an unknown value as a change", () => {
    const outputs = {
      name: "r",
      password: "p",
      connectionLimit: -1,
      encryptedPassword: true,
      inherit: true,
      validUntil: "infinity",
    };
    assert.deepEqual(
      [...difference(roleType, change(outputs, { name: "r", password: unknown })).changes.keys()],
      ["password"],
    );
  });
});
