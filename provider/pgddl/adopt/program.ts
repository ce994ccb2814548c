import type { Connection } from "../../../lib/connection.ts";
import type { Properties } from "../../host/values.ts";
import type { Adoptable, Adoption } from "./adoptable.ts";
import { inOrder } from "./dependencies.ts";
import { literal, textLiteral } from "./literal.ts";
import { VariableNames } from "./variable-names.ts";

/**
 * A program whose first preview imports each object and changes none.
 * @param connection where the objects are; its password is left to the stack's configuration
 */
export function adoptProgram(connection: Omit<Connection, "password">, adoption: Adoption): string {
  const ordered = inOrder(adoption.objects);
  const needed = new Set(ordered.flatMap(([, below]) => below));
  const schemas = new Set(adoption.objects.map(({ parts: [schema] }) => schema));
  const names = new VariableNames();
  const variables = new Map<Adoptable, string>();
  for (const [each] of ordered) {
    if (!needed.has(each)) continue;
    const parts = schemas.size > 1 || each.parts.length === 1 ? each.parts : each.parts.slice(1);
    variables.set(each, names.next(parts, each.type));
  }
  const resources = ordered.map(([each, below]) =>
    resource(
      each,
      variables.get(each),
      below.map((other) => variables.get(other) ?? ""),
    ),
  );
  const refused = adoption.objects.filter(({ refusals }) => refusals.length > 0);
  return [
    head(connection),
    ...(adoption.others.length > 0
      ? [
          comment([
            "Not here, for pgddl has no resource for them:",
            ...adoption.others.map((each) => `- ${each}`),
          ]),
        ]
      : []),
    ...refused.map(({ noun, id, refusals }) =>
      comment([`Not here: the ${noun} ${id}.`, ...refusals.map((each) => `- ${each}`)]),
    ),
    ...resources,
  ].join("\n");
}

function head({ host, port, database, user }: Omit<Connection, "password">): string {
  const inputs = `{
  host: ${textLiteral(host)},
  port: ${port},
  database: ${textLiteral(database)},
  username: ${textLiteral(user)},
  password: config.requireSecret("databasePassword"),
}`;
  return `${comment([
    "Written by pgddl's adopt. Before the first preview: pulumi config set --secret databasePassword",
    "The first preview imports and changes nothing. The option `import` does nothing once an object is in the",
    "state; `protect` keeps a resource that leaves the program from being removed, and may go when that is wanted.",
  ])}import * as pulumi from "@pulumi/pulumi";
import * as pgddl from "pgddl";

const config = new pulumi.Config();
const provider = new pgddl.Provider("database", ${inputs});
`;
}

function resource(each: Adoptable, variable: string | undefined, below: readonly string[]): string {
  const { type, id, inputs, beyond, pending = [] } = each;
  const start = variable === undefined ? "" : `const ${variable} = `;
  // What holds rows, or holds what holds them.
  const isKept = type !== "Index" && type !== "ForeignKey";
  const options = [
    "provider",
    `import: ${textLiteral(id)}`,
    ...(isKept ? ["protect: true"] : []),
    ...(below.length > 0 ? [`dependsOn: [${below.join(", ")}]`] : []),
  ];
  const lines = [
    `${start}new pgddl.${type}(\n`,
    `  ${textLiteral(id)},\n`,
    `  ${literal(inputs satisfies Properties, 2)},\n`,
    `  { ${options.join(", ")} },\n`,
    ");\n",
  ];
  const told = [
    ...(beyond === undefined ? [] : [`No property says this, and it is left as it is: ${beyond}`]),
    ...(pending.length === 0
      ? []
      : ["Half done; the update that imports it ends it:", ...pending.map((sql) => `- ${sql}`)]),
  ];
  return comment(told) + lines.join("");
}

/** Names may hold line ends, which would end the comment. */
function comment(lines: readonly string[]): string {
  return lines.map((line) => `// ${line.replaceAll(/[\r\n\u2028\u2029]+/g, " ")}\n`).join("");
}
