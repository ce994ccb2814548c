import type { Fault } from "../../../lib/errors.ts";
import type { Context, Resource } from "../../../provider/host/provider.ts";
import { isList, unknown, type Properties, type Value } from "../../../provider/host/values.ts";
import { checkInputs } from "../bridged/check.ts";
import { difference } from "../bridged/difference.ts";
import { secretNames, type BridgedType } from "../bridged/property.ts";
import * as state from "../bridged/state.ts";
import { codeOf, isUnreachable } from "./failure.ts";

/** What a type does on the server; all that concerns the shape of the state is done around it. */
export interface Operations {
  /** Faults that concern more than one property. */
  faults?(inputs: Properties): readonly Fault[];
  create(inputs: Properties): Promise<void>;
  /**
   * The object's identity and what the server knows of it. Undefined: it does not exist.
   * @param wanted outputs as the state holds or plans them; absent in an import
   */
  find(id: string, wanted: Properties | undefined): Promise<Live | undefined>;
  update(old: Properties, news: Properties): Promise<void>;
  /** Succeeds when there is nothing left to delete. */
  delete(old: Properties): Promise<void>;
}

export interface Live {
  readonly id: string;
  readonly properties: Properties;
}

/**
 * The life-cycle of one type with the inputs and outputs of the official plugin.
 * @param warnDown told when a read fell back on what the state holds
 */
export function managed(
  type: BridgedType,
  operations: () => Operations,
  warnDown: (context: Context, error: unknown) => void,
): Resource {
  const settle = async (planned: Properties): Promise<{ id: string; outputs: Properties }> => {
    const live = await operations().find("", planned);
    if (!live) throw new Error(`${type.token} ${text(planned, "name")} vanished while it was being made`);
    return { id: live.id, outputs: state.settledOutputs(type, planned, live.properties, live.id) };
  };
  return {
    secrets: secretNames(type),
    check: async (news) => checkInputs(type, news, (inputs) => operations().faults?.(inputs) ?? []),
    diff: async (change) => difference(type, change),
    create: async (inputs, preview) => {
      const planned = state.plannedOutputs(type, inputs);
      if (preview) return { id: text(planned, "id"), outputs: planned };
      await operations().create(inputs);
      return settle(planned);
    },
    read: async (id, known, context) => {
      try {
        const live = await operations().find(id, known?.outputs);
        if (!live) return undefined;
        if (!known) {
          const outputs = state.importedOutputs(type, live.properties, live.id);
          return { id: live.id, inputs: state.importedInputs(type, outputs), outputs };
        }
        const outputs = state.refreshedOutputs(known.outputs, live.properties, live.id);
        return { id: live.id, inputs: state.refreshedInputs(known, outputs), outputs };
      } catch (error) {
        // The database that held it is gone, and the object with it.
        if (codeOf(error) === "3D000") return undefined;
        if (!known || !isUnreachable(error)) throw error;
        warnDown(context, error);
        return { id, ...known };
      }
    },
    update: async (change, preview) => {
      const planned = state.plannedOutputs(type, change.news, change.old.outputs);
      if (preview) return planned;
      await operations().update(change.old.outputs, change.news);
      return (await settle(planned)).outputs;
    },
    delete: async (_id, known) => operations().delete(known.outputs),
  };
}

/** The text of a property, empty when it has none. */
export function text(properties: Properties, name: string): string {
  const value = properties[name];
  return typeof value === "string" ? value : "";
}

/** The text of a property that may still be unknown, which counts as none. */
export function knownText(properties: Properties, name: string): string {
  const value = text(properties, name);
  return value === unknown ? "" : value;
}

/** The texts of a list property; none counts as an empty list. */
export function texts(properties: Properties, name: string): readonly string[] {
  const value: Value | undefined = properties[name];
  return isList(value) ? value.map(String) : [];
}
