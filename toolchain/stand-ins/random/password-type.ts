import type { BridgedType, Property } from "../bridged/property.ts";

const include = (what: string): Property => ({
  type: "boolean",
  description: `Whether it may hold ${what}.`,
  default: true,
  replaces: true,
});
const atLeast = (what: string): Property => ({
  type: "number",
  description: `How many ${what} it holds at least.`,
  default: 0,
  minimum: 0,
  replaces: true,
});

export const passwordType: BridgedType = {
  token: "random:index/randomPassword:RandomPassword",
  description: "A password from a cryptographic source, made once and kept.",
  deleteBeforeReplace: false,
  properties: {
    keepers: { type: "map", description: "Anything; a change makes a new password.", replaces: true },
    length: {
      type: "number",
      description: "How many characters.",
      required: true,
      minimum: 1,
      replaces: true,
    },
    lower: include("lower-case letters"),
    minLower: atLeast("lower-case letters"),
    minNumeric: atLeast("digits"),
    minSpecial: atLeast("special characters"),
    minUpper: atLeast("upper-case letters"),
    number: include("digits (deprecated: numeric)"),
    numeric: include("digits"),
    overrideSpecial: {
      type: "string",
      description: "The special characters to choose from.",
      replaces: true,
    },
    special: include("special characters"),
    upper: include("upper-case letters"),
  },
  outputs: {
    bcryptHash: {
      type: "string",
      description: "A bcrypt hash of the password's first 72 bytes.",
      secret: true,
    },
    result: { type: "string", description: "The password.", secret: true },
  },
};
