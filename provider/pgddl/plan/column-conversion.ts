import { quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";
import type { ColumnCatalog } from "../catalog.ts";
import { offendingRows, quotedNow } from "./column-questions.ts";
import type { Refusal } from "./difference.ts";
import { Overrides } from "./overrides.ts";
import { offendingIn, tellOffending, type Question } from "./question.ts";
import type { NamedChange, PlannedChange } from "./table-part.ts";
import { typeChange, type TypeChange } from "./type-change.ts";
import { integerBehind } from "./type-name.ts";
import type { WantedColumn } from "./wanted-column.ts";

/** How a column gets its new type, with what the user said about it. */
export type Conversion =
  | Exclude<TypeChange, { kind: "zone" | "incompatible" }>
  | { readonly kind: "using"; readonly expression: string }
  | ZonedConversion
  | { readonly kind: "incompatible" };

interface ZonedConversion extends Extract<TypeChange, { kind: "zone" }> {
  /** Undefined: not said, so that nothing can be done. */
  readonly zone: string | undefined;
  readonly isFromDate: boolean;
}

/** The type that values have. */
export function valueType(type: string): string {
  return integerBehind(type) ?? type;
}

const failing = (name: string): string => `failing ${name}`;
const cutting = (name: string): string => `cut ${name}`;

export function conversionOf(there: ColumnCatalog, wanted: WantedColumn): Conversion {
  const [from, to] = [valueType(there.type), valueType(wanted.type)];
  if (from === to) return { kind: "metadata" };
  if (wanted.using !== undefined) return { kind: "using", expression: wanted.using };
  const change = typeChange(from, to);
  if (change.kind !== "zone") return change;
  return { ...change, zone: wanted.zone, isFromDate: from === "date" };
}

export function conditionsOf(
  conversion: Conversion,
  wanted: WantedColumn,
): { readonly fails?: (column: string) => string; readonly cuts?: (column: string) => string } {
  if (conversion.kind === "narrowing") {
    const { fails, cuts } = conversion;
    return { ...(fails && { fails }), ...(cuts && { cuts }) };
  }
  if (conversion.kind !== "zone" || conversion.zone === undefined) return {};
  if (conversion.isDate && !conversion.isFromDate) {
    return {
      cuts: (c) => `${inZone(conversion, c)} <> pg_catalog.date_trunc('day', ${inZone(conversion, c)})`,
    };
  }
  if (!conversion.isShortened) return {};
  return { cuts: (c) => `${inZone(conversion, c)} <> ${inZone(conversion, c)}::${wanted.type}` };
}

/** The rows whose values would be lost, or would not fit. */
export function lossQuestions(
  change: NamedChange,
  conversion: Conversion,
  wanted: WantedColumn,
): readonly Question[] {
  const column = quotedNow(change, wanted.name);
  const { fails, cuts } = conditionsOf(conversion, wanted);
  return [
    ...(fails ? [offendingRows(failing(wanted.name), change, fails(column))] : []),
    ...(cuts ? [offendingRows(cutting(wanted.name), change, cuts(column))] : []),
  ];
}

/** Why values would be lost, or undefined when none is or it is permitted. */
export function lossOf(
  change: PlannedChange,
  conversion: Conversion,
  wanted: WantedColumn,
  from: string,
  to: string,
): Pick<Refusal, "why" | "hint"> | undefined {
  const { name } = wanted;
  const target = `column:${name}`;
  const permit = Overrides.hint("allowDataLoss", target);
  if (conversion.kind === "incompatible") {
    return {
      why: `no rule says how ${from} becomes ${to} for every value`,
      hint: `Say how in the column's \`using\` (an SQL expression over the row: using: ${JSON.stringify(`${quoteIdentifier(name)}::${to}`)}), with ${permit}.`,
    };
  }
  if (conversion.kind === "using") {
    if (change.overrides.allows("allowDataLoss", target)) return undefined;
    return {
      why: `whether \`using\` (${conversion.expression}) keeps what ${name} says cannot be told`,
      hint: `${permit} when it does.`,
    };
  }
  if (conversion.kind === "zone" && conversion.zone === undefined) {
    return {
      why: `what ${from} means as ${to} depends on a time zone`,
      hint: `Say in which zone the values without one are in the column's \`zone\`: zone: "UTC".`,
    };
  }
  const { fails, cuts } = conditionsOf(conversion, wanted);
  const failed = fails && offendingIn(change.answers, failing(name));
  if (fails && !failed) return notCounted(name, to);
  if (failed && failed.count > 0) {
    const using = /^character varying\((\d+)\)$/.exec(to)?.[1];
    const example =
      using === undefined ? "" : `: using: ${JSON.stringify(`left(${quoteIdentifier(name)}, ${using})`)}`;
    return {
      why: `values of ${name} that do not fit into ${to} are in ${tellOffending(failed)}`,
      hint: `Change those rows, or say in the column's \`using\` what becomes of them${example}, with ${permit}.`,
    };
  }
  if (!cuts || change.overrides.allows("allowDataLoss", target)) return undefined;
  const cut = offendingIn(change.answers, cutting(name));
  if (!cut) return notCounted(name, to);
  if (cut.count === 0) return undefined;
  return {
    why: `values of ${name} would be cut or rounded to ${to}, in ${tellOffending(cut)}`,
    hint: `${permit} when that is all right.`,
  };
}

/** Whether ALTER COLUMN TYPE writes every row anew. */
export function isRewritten(conversion: Conversion): boolean {
  if (conversion.kind !== "zone") return conversion.kind !== "metadata";
  // The session's zone is UTC too: the server knows that its instants stay what they are.
  return conversion.isDate || conversion.isRounded || !isUtc(conversion.zone);
}

/** USING, where the server's own cast would not do. */
export function usingOf(conversion: Conversion, column: string, type: string): string {
  if (conversion.kind === "using") return ` USING (${conversion.expression})`;
  // The session's zone is UTC.
  if (conversion.kind !== "zone" || isUtc(conversion.zone)) return "";
  return ` USING ${inZone(conversion, column)}::${type}`;
}

function inZone({ zone = "UTC", isFromDate }: ZonedConversion, column: string): string {
  // A date by itself would be taken for midnight in the session's zone.
  return `(${column}${isFromDate ? "::timestamp" : ""} AT TIME ZONE ${quoteLiteral(zone)})`;
}

function isUtc(zone: string | undefined): boolean {
  return zone?.toUpperCase() === "UTC";
}

function notCounted(name: string, to: string): Pick<Refusal, "why" | "hint"> {
  return {
    why: `whether every value of ${name} fits into ${to} could not be found out in time`,
    hint: "Run the preview again when the server answers, with the rights of the table's owner.",
  };
}
