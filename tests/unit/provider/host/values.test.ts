import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import {
  fromStruct,
  hasUnknown,
  isSame,
  toStruct,
  unknown,
  type Value,
} from "../../../../provider/host/values.ts";

// A key that a JavaScript object treats in a way of its own is no property name.
const key = fc.string({ minLength: 1 }).filter((name) => name !== "__proto__");
const value = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.string(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
const properties = fc.dictionary(key, value, { maxKeys: 5, noNullPrototype: true });

describe("properties on the wire", () => {
  test("come back as they went, and so do the keys that are secret", () => {
    fc.assert(
      fc.property(properties, fc.array(key), (sent, others) => {
        const secret = new Set([...Object.keys(sent).filter((_, at) => at % 2 === 0), ...others]);
        const received = fromStruct(toStruct(sent, secret));
        assert.ok(isSame(received.properties, sent));
        const expected = Object.entries(sent).filter(
          ([name, content]) => secret.has(name) && content !== null,
        );
        assert.deepEqual(new Set(received.secretKeys), new Set(expected.map(([name]) => name)));
      }),
    );
  });

  test("hold no readable secret outside its envelope", () => {
    const struct = toStruct({ password: "s3cret" }, new Set(["password"])).toJavaScript();
    assert.deepEqual(struct, {
      password: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "s3cret" },
    });
  });

  test("leave out what is undefined, and keep what is null", () => {
    assert.deepEqual(toStruct({ a: undefined, b: null }).toJavaScript(), { b: null });
  });

  test("mark a key as secret when the secret is deep inside, and unwrap it there", () => {
    const secret = toStruct({ key: "s3cret" }, new Set(["key"])).toJavaScript();
    const received = fromStruct(structPb.Struct.fromJavaScript({ open: "x", list: [secret] }));
    assert.deepEqual(received.properties, { open: "x", list: [{ key: "s3cret" }] });
    assert.deepEqual([...received.secretKeys], ["list"]);
  });
});

test("an unknown is found at any depth", () => {
  assert.ok(hasUnknown({ a: [{ b: unknown }] }));
  assert.ok(!hasUnknown({ a: [{ b: "known" }] }));
  assert.ok(!hasUnknown(undefined));
});

test("sameness does not look at the order of keys, but at that of a list", () => {
  assert.ok(isSame({ a: 1, b: 2 }, { b: 2, a: 1, c: undefined }));
  assert.ok(!isSame([1, 2], [2, 1]));
  assert.ok(!isSame({ a: null }, {}));
  assert.ok(!isSame([], {}));
});
