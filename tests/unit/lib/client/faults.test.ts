import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DatabaseError } from "pg";
import { DeadlineExceeded, OutcomeUnknown } from "../../../../lib/client/errors.ts";
import { faultOf, isRefusedCommit, Unavailable } from "../../../../lib/client/faults.ts";

function answer(code: string, severity = "ERROR"): DatabaseError {
  const error = new DatabaseError(`refused with ${code}`, 0, "error");
  error.code = code;
  error.severity = severity;
  return error;
}

function failure(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}

describe("an error", () => {
  test("of the connection, or of a server that goes or comes, is lost", () => {
    for (const state of ["57P01", "57P02", "57P03", "57P05", "53300", "08006"]) {
      assert.equal(faultOf(answer(state, "FATAL")), "lost", state);
    }
    for (const code of ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH"]) {
      assert.equal(faultOf(failure(code)), "lost", code);
    }
    for (const text of [
      "Connection terminated unexpectedly",
      "Connection terminated due to connection timeout",
      "timeout expired",
      "timeout exceeded when trying to connect",
      "Query read timeout",
      "Client was closed and is not queryable",
      "Client has encountered a connection error and is not queryable",
    ]) {
      assert.equal(faultOf(new Error(text)), "lost", text);
    }
    const both = new AggregateError([failure("ECONNREFUSED"), failure("EHOSTUNREACH")]);
    assert.equal(faultOf(both), "lost");
  });

  test("of an instance that is not the one wanted is for elsewhere", () => {
    assert.equal(faultOf(new Unavailable("elsewhere", "no primary")), "elsewhere");
  });

  test("of two transactions that are in each other's way, or of the replay, is for another try", () => {
    assert.equal(faultOf(answer("40001")), "again");
    assert.equal(faultOf(answer("40001", "FATAL")), "again");
    assert.equal(faultOf(answer("40P01")), "again");
  });

  test("of anything else is final, an application's own above all", () => {
    for (const state of [
      "23505",
      "42P01",
      "42501",
      "28P01",
      "57014",
      "53100",
      "3D000",
      "25P02",
      "25006",
      "XX000",
    ]) {
      assert.equal(faultOf(answer(state)), "final", state);
    }
    for (const error of [new Error("out of stock"), new TypeError("x is undefined"), "text", undefined]) {
      assert.equal(faultOf(error), "final");
    }
    assert.equal(faultOf(failure("ENOENT")), "final");
    assert.equal(faultOf(new OutcomeUnknown(failure("ECONNRESET"))), "final");
    assert.equal(faultOf(new DeadlineExceeded("a read", 10, failure("ECONNRESET"))), "final");
    assert.equal(faultOf(new AggregateError([failure("ECONNREFUSED"), new Error("other")])), "final");
  });
});

describe("an answer to COMMIT", () => {
  test("refuses it when the server has undone the transaction", () => {
    for (const state of ["40001", "40P01", "23503", "23505", "P0001", "25P02"]) {
      assert.equal(isRefusedCommit(answer(state)), true, state);
    }
  });

  test("leaves it unknown when it may have come after the commit, or is none", () => {
    for (const error of [
      ...["57P01", "57P02", "40001"].map((state) => answer(state, "FATAL")),
      ...["57014", "57P01", "08006", "53200", "58030", "XX000"].map((state) => answer(state)),
      failure("ECONNRESET"),
      new Error("Connection terminated unexpectedly"),
      new Unavailable("lost", "no answer came in time"),
    ]) {
      assert.equal(isRefusedCommit(error), false, String(error));
    }
  });
});

test("the errors for a caller say what was seen last", () => {
  const cause = new Unavailable("elsewhere", "no primary: pg-1: connect ECONNREFUSED");
  const late = new DeadlineExceeded("a transaction to commit", 2500, cause);
  assert.match(late.message, /^waited 2\.5 s for a transaction to commit; last seen: no primary: pg-1/);
  assert.equal(late.cause, cause);
  assert.match(new OutcomeUnknown(cause).message, /is not known: no primary/);
});
