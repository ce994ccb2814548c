import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseParameters } from "../../../lib/cluster-config/parameters.ts";

describe("the key parameters", () => {
  test("holds names and values, with quotes around a comma", () => {
    assert.deepEqual(parseParameters(`work_mem=16MB, Max_Connections = 250 ,search_path='a, b''c'`), {
      values: { work_mem: "16MB", max_connections: "250", search_path: "a, b'c" },
      faults: [],
    });
    assert.deepEqual(parseParameters(" "), { values: {}, faults: [] });
    assert.deepEqual(parseParameters("log_timezone=,auto_explain.log_min_duration=1s").values, {
      log_timezone: "",
      "auto_explain.log_min_duration": "1s",
    });
  });

  for (const [text, reason] of [
    ["work_mem", /"work_mem" is no NAME=VALUE/],
    ["a b=1", /is no NAME=VALUE/],
    ["work_mem=1MB,work_mem=2MB", /work_mem stands there twice/],
    ["search_path='a", /search_path is not quoted well/],
    ["wal_level=minimal", /wal_level is set by the cluster itself: replication/],
    ["synchronous_standby_names=*", /the key synchronous decides it/],
    ["FSYNC=off", /fsync is set by the cluster itself: a write that was acknowledged could be lost/],
    ["log_statement=all", /log_statement is set by the cluster itself: the log would hold/],
    ["work_mem='1MB\nfsync = off'", /work_mem holds a line break/],
    ["constructor=1,constructor=2", /constructor stands there twice/],
    ["port=1", /port is set by the cluster itself/],
  ] as const) {
    test(`refuses ${text}, and says why`, () => {
      const { values, faults } = parseParameters(text);
      assert.match(faults.join("; "), reason);
      assert.equal(Object.keys(values).length, text.includes(",") ? 1 : 0);
    });
  }
});
