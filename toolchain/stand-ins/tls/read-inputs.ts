import { isList, isProperties, type Properties } from "../../../provider/host/values.ts";

/** Texts of checked inputs. */
export function textOf(inputs: Properties, name: string): string {
  const value = inputs[name];
  return typeof value === "string" ? value : "";
}

export function textsOf(inputs: Properties, name: string): readonly string[] {
  const value = inputs[name];
  return isList(value) ? value.filter((item) => typeof item === "string") : [];
}

export function numberOf(inputs: Properties, name: string): number {
  const value = inputs[name];
  return typeof value === "number" ? value : 0;
}

/** The parts of a distinguished name that were given. */
export function subjectOf(inputs: Properties): Readonly<Record<string, string>> {
  const value = inputs.subject;
  if (!isProperties(value)) return {};
  const texts = Object.entries(value).flatMap(([key, text]) =>
    typeof text === "string" && text !== "" ? [[key, text] as const] : [],
  );
  return Object.fromEntries(texts);
}
