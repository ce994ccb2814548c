import { messageOf, UserError } from "../../../lib/errors.ts";
import { formatId } from "../object-id.ts";

/** The object that a message speaks of. */
export interface Subject {
  /** `Table` */
  readonly type: string;
  /** `table` */
  readonly noun: string;
  readonly parts: readonly string[];
  readonly urn: string;
}

export function nameOf({ noun, parts }: Pick<Subject, "noun" | "parts">): string {
  return `${noun} ${formatId(parts)}`;
}

export function exists(subject: Subject): UserError {
  const id = quoteForShell(formatId(subject.parts));
  const command = `pulumi import pgddl:index:${subject.type} ${quoteForShell(resourceOf(subject))} ${id}`;
  return new UserError(
    "exists",
    `${nameOf(subject)} exists already and is not taken over unasked`,
    `Take it over: ${command}, or adopt: true. Or drop or rename it first.`,
  );
}

export function renamedUnseen(subject: Subject, former: readonly string[]): UserError {
  return new UserError(
    "renamed",
    `${nameOf(subject)} is to be renamed from ${formatId(former)}, but the state does not know the two as one: it would be made anew`,
    `Give this resource the option aliases: [{ name: OLD }], OLD being what "${resourceOf(subject)}" was called in the program, or import it under its old name.`,
  );
}

export function gone(subject: Pick<Subject, "noun" | "parts">): UserError {
  return new UserError(
    "gone",
    `${nameOf(subject)} is not there any more, so it cannot be changed`,
    "Run `pulumi refresh`: the next update makes it anew, without its rows.",
  );
}

export function another(subject: Pick<Subject, "noun" | "parts">): UserError {
  return new UserError(
    "another",
    `${nameOf(subject)} is not the one that this resource made: somebody dropped that and made another of its name`,
    "Run `pulumi refresh` to take the new one for yours, or `pulumi state delete` to forget it.",
  );
}

/** Of a create that failed half way. */
export function unfinished(subject: Pick<Subject, "noun" | "parts">, error: unknown): string {
  const hint = error instanceof UserError && error.hint !== undefined ? `\n${error.hint}` : "";
  return `${messageOf(error)}${hint}\n${nameOf(subject)} is made but not finished; the next update goes on.`;
}

function resourceOf({ urn }: Subject): string {
  return urn.split("::").at(-1) ?? "NAME";
}

function quoteForShell(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
