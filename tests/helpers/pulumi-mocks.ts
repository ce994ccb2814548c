import assert from "node:assert/strict";
import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";

/** A resource as the program registered it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

export interface Recording {
  readonly resources: Registered[];
  /** All of one type, by name in order. */
  ofType(type: string): Registered[];
  /** The one of that name. Fails when there is none. */
  named(name: string): Registered;
}

/**
 * Replaces the engine by one that makes nothing and records everything. Ids are `NAME-id`; a resource's
 * outputs are its inputs, and what `outputs` adds for its type. Must be called before a resource is made.
 */
export function recordResources(
  stack: string,
  outputs: Record<string, (name: string) => Record<string, unknown>> = {},
): Recording {
  const resources: Registered[] = [];
  void pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }: { type: string; name: string; inputs: object }) => {
        const plain: Record<string, unknown> = { ...inputs };
        resources.push({ type, name, inputs: plain });
        return { id: `${name}-id`, state: { ...plain, ...outputs[type]?.(name) } };
      },
      call: () => ({}),
    },
    "ecosphere",
    stack,
    false,
  );
  return {
    resources,
    ofType: (type) =>
      resources.filter((resource) => resource.type === type).sort((a, b) => a.name.localeCompare(b.name)),
    named: (name) => {
      const found = resources.find((resource) => resource.name === name);
      assert.ok(
        found,
        `no resource ${name}; there are: ${resources.map((resource) => resource.name).join(", ")}`,
      );
      return found;
    },
  };
}

/** The value of an output. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

/** What a component gave to `registerOutputs`. */
export async function registeredOutputs(component: pulumi.ComponentResource): Promise<unknown> {
  const monitor: unknown = pulumi.runtime.getMonitor();
  if (!(monitor instanceof MockMonitor)) throw new Error("no mocks are set");
  const urn = await valueOf(component.urn);
  const state: unknown = monitor.getRegisteredResources().get(urn)?.state;
  return state instanceof structPb.Struct ? state.toJavaScript() : state;
}
