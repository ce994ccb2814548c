import { crc32 } from "node:zlib";
import { UserError, type Fault } from "../../../../lib/errors.ts";
import { unknown, type Properties } from "../../../../provider/host/values.ts";
import { codeOf } from "../failure.ts";
import { text, texts, type Operations } from "../managed.ts";
import { asMemberOf } from "../membership.ts";
import { granteeOid, hasWanted, privilegeFaults } from "../privileges.ts";
import type { Server, Session } from "../server.ts";
import {
  grantStatement,
  isOutsideSchema,
  isRoutine,
  quoteRoutine,
  revokeStatement,
  selectColumns,
  selectOwners,
  selectPrivileges,
} from "./grant-sql.ts";
import { ownerOf } from "./schema.ts";

// The role, the schema or the object is gone, and what was granted on it too.
const nothingLeft = new Set(["42704", "3F000", "42P01", "42883", "42703", "3D000"]);

export function grantOperations(server: Server): Operations {
  const apply = async (
    doing: string,
    grant: Properties,
    statements: readonly (string | undefined)[],
  ): Promise<void> =>
    server.change(text(grant, "database"), `${doing} privileges ${describe(grant)}`, async (session) => {
      await asMemberOf(session, await ownersOf(session, grant), async () => {
        for (const statement of statements) if (statement) await session.run(statement);
      });
    });
  return {
    faults: (inputs) => [...shapeFaults(inputs), ...privilegeFaults(inputs)],
    // What the role has beyond the list is taken first: the resource means these privileges and no others.
    create: (inputs) => apply("granting", inputs, [revokeStatement(inputs), grantStatement(inputs)]),
    find: async (id, wanted) => {
      if (!wanted) {
        throw new UserError(
          "import",
          `a Grant cannot be imported: its id "${id}" does not tell where the role's name ends`,
          "declare it in the program; granting what is granted already changes nothing",
        );
      }
      const properties = await server.read(
        text(wanted, "database"),
        `reading privileges ${describe(wanted)}`,
        (session) => liveGrant(session, wanted),
      );
      return properties && { id: grantId(wanted), properties };
    },
    update: (old, news) => apply("granting", news, [revokeStatement(old), grantStatement(news)]),
    delete: async (old) => {
      try {
        await apply("revoking", old, [revokeStatement(old)]);
      } catch (error) {
        if (!nothingLeft.has(codeOf(error) ?? "")) throw error;
      }
    },
  };
}

/** Parts of the id come in the order in which the official plugin keeps its sets: by checksum, as text. */
export function grantId(grant: Properties): string {
  const objectType = text(grant, "objectType");
  const inOrder = (names: readonly string[]): readonly string[] =>
    names.toSorted((a, b) => (String(crc32(a)) < String(crc32(b)) ? -1 : 1));
  return [
    text(grant, "role"),
    text(grant, "database"),
    ...(isOutsideSchema(objectType) ? [] : [text(grant, "schema")]),
    objectType,
    ...inOrder(texts(grant, "objects")),
    ...inOrder(texts(grant, "columns")),
  ].join("_");
}

/** Undefined: the role or the schema is gone. Only what differs from the wanted is among the properties. */
async function liveGrant(session: Session, wanted: Properties): Promise<Properties | undefined> {
  const objectType = text(wanted, "objectType");
  const schema = text(wanted, "schema");
  const objects = texts(wanted, "objects");
  const grantee = await granteeOid(session, text(wanted, "role"));
  if (grantee === undefined) return undefined;
  if (!isOutsideSchema(objectType) && (await ownerOf(session, schema)) === undefined) return undefined;
  if (objectType === "column") return liveColumns(session, wanted, grantee);

  const place =
    objectType === "database" ? text(wanted, "database") : isOutsideSchema(objectType) ? objects[0] : schema;
  const rows = await session.rows<{ object: string; privileges: string[] }>(selectPrivileges(objectType), [
    grantee,
    place,
  ]);
  const names = objects.map((object) => (isRoutine(objectType) ? object.replace(/\(.*/s, "") : object));
  const isMeant = (object: string): boolean =>
    isOutsideSchema(objectType) || objectType === "schema" || names.length === 0 || names.includes(object);
  const different = rows.find((row) => isMeant(row.object) && !hasWanted(row.privileges, wanted));
  return different ? { privileges: different.privileges } : {};
}

async function liveColumns(session: Session, wanted: Properties, grantee: number): Promise<Properties> {
  const values = [
    grantee,
    text(wanted, "schema"),
    texts(wanted, "objects")[0],
    texts(wanted, "privileges")[0],
  ];
  const rows = await session.rows<{ name: string }>(selectColumns, values);
  const has = new Set(rows.map((row) => row.name));
  const columns = texts(wanted, "columns");
  return columns.every((column) => has.has(column))
    ? {}
    : { columns: columns.filter((column) => has.has(column)) };
}

async function ownersOf(session: Session, grant: Properties): Promise<readonly string[]> {
  const objectType = text(grant, "objectType");
  if (isOutsideSchema(objectType)) return [];
  const rows = await session.rows<{ owner: string }>(selectOwners, [
    text(grant, "schema"),
    objectType !== "schema",
  ]);
  return rows.map((row) => row.owner);
}

function describe(grant: Properties): string {
  const objectType = text(grant, "objectType");
  const where = isOutsideSchema(objectType) ? text(grant, "database") : text(grant, "schema");
  return `of "${text(grant, "role")}" on ${objectType} in "${where}"`;
}

function shapeFaults(inputs: Properties): readonly Fault[] {
  const objectType = text(inputs, "objectType");
  if (objectType === unknown) return [];
  const faults: Fault[] = [];
  const objects = texts(inputs, "objects");
  const columns = texts(inputs, "columns");
  const isByColumn = objectType === "column";
  if (text(inputs, "schema") === "" && !isOutsideSchema(objectType)) {
    faults.push({ property: "schema", reason: `is missing; privileges on a ${objectType} need the schema` });
  }
  if (objects.length > 0 && ["database", "schema"].includes(objectType)) {
    faults.push({ property: "objects", reason: `goes not with objectType "${objectType}"; remove it` });
  }
  const needsOne = isByColumn || (isOutsideSchema(objectType) && objectType !== "database");
  if (needsOne && objects.length !== 1) {
    faults.push({
      property: "objects",
      reason: `has ${objects.length} items; objectType "${objectType}" takes one`,
    });
  }
  if (isByColumn !== columns.length > 0) {
    faults.push({ property: "columns", reason: 'goes with objectType "column", and that with it' });
  }
  if (isByColumn && texts(inputs, "privileges").length !== 1) {
    faults.push({ property: "privileges", reason: 'objectType "column" takes one; make a Grant for each' });
  }
  for (const object of isRoutine(objectType) ? objects : []) {
    if (object === unknown || quoteRoutine("s", object) !== undefined) continue;
    faults.push({ property: "objects", reason: `"${object}" is no routine; give NAME or NAME(TYPE, TYPE)` });
  }
  return faults;
}
