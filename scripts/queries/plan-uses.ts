import { z } from "zod";

/** One relation that a plan reads, and how. */
export interface Scan {
  readonly schema: string;
  readonly relation: string;
  /** Empty: it is read from end to end. Several: combined by a bitmap. */
  readonly indexes: readonly string[];
  /** How often it was done; undefined when the plan was not run. */
  readonly loops: number | undefined;
  /** How many rows were looked at each time; undefined when the plan was not run. */
  readonly rowsRead: number | undefined;
  /** For a partition that stands beside others: which group of them, and how often the group was asked. */
  readonly among?: { readonly group: number; readonly loops: number | undefined };
}

const planNode = z.looseObject({
  "Node Type": z.string(),
  Schema: z.string().optional(),
  "Relation Name": z.string().optional(),
  "Index Name": z.string().optional(),
  "Actual Loops": z.number().optional(),
  "Actual Rows": z.number().optional(),
  "Rows Removed by Filter": z.number().default(0),
  Plans: z.array(z.unknown()).default([]),
});

const explained = z.tuple([z.looseObject({ Plan: planNode })]);

/**
 * The scans of a plan of EXPLAIN (FORMAT JSON, VERBOSE), with ANALYZE or without, in its own order.
 * @throws when it is no plan, or reads a relation in a way that is not known here
 */
export function planUses(plan: unknown): Scan[] {
  const [{ Plan: root }] = explained.parse(plan);
  const scans: Scan[] = [];
  let groups = 0;
  const walk = (node: z.infer<typeof planNode>, among?: Scan["among"]): void => {
    if (node["Relation Name"] !== undefined) scans.push(scanOf(node, node["Relation Name"], among));
    const isGroup = node["Node Type"] === "Append" || node["Node Type"] === "Merge Append";
    const inner = isGroup ? { group: ++groups, loops: node["Actual Loops"] } : among;
    for (const child of node.Plans) walk(planNode.parse(child), inner);
  };
  walk(root);
  return scans;
}

function scanOf(node: z.infer<typeof planNode>, relation: string, among: Scan["among"]): Scan {
  const found = node["Actual Rows"];
  return {
    schema: node.Schema ?? "",
    relation,
    indexes: indexesOf(node),
    loops: node["Actual Loops"],
    rowsRead: found === undefined ? undefined : found + node["Rows Removed by Filter"],
    ...(among ? { among } : {}),
  };
}

function indexesOf(node: z.infer<typeof planNode>): string[] {
  const type = node["Node Type"];
  switch (type) {
    case "Index Scan":
    case "Index Only Scan":
      return [node["Index Name"] ?? ""];
    case "Bitmap Heap Scan":
      return bitmapIndexes(node.Plans);
    // A sample reads whole blocks of the table, too.
    case "Seq Scan":
    case "Sample Scan":
      return [];
    default:
      throw new RangeError(`${type} of ${node["Relation Name"] ?? "?"}: no scan that is known`);
  }
}

/** Under BitmapAnd and BitmapOr there may be several. */
function bitmapIndexes(plans: readonly unknown[]): string[] {
  return plans.flatMap((plan) => {
    const node = planNode.parse(plan);
    const own = node["Index Name"];
    return own === undefined ? bitmapIndexes(node.Plans) : [own];
  });
}
