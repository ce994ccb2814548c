import { locks, type TableLock, type TableName } from "./statement.ts";

export function lock(mode: TableLock["mode"], on: TableName, withPartitions = false): TableLock {
  const { schema, name } = on;
  return { mode, on: { schema, name }, ...(withPartitions && { withPartitions }) };
}

/** One lock a table: the strongest, with the partitions if any of them has it so and none without is stronger. */
export function strongest(list: readonly TableLock[]): readonly TableLock[] {
  const rank = ({ mode }: TableLock): number => locks.indexOf(mode);
  return list.filter(
    (each, at) =>
      !list.some((other, place) => {
        if (place === at || !isSameTable(other.on, each.on)) return false;
        const covers = other.withPartitions === true || each.withPartitions !== true;
        const isStronger =
          rank(other) > rank(each) ||
          (rank(other) === rank(each) &&
            ((other.withPartitions === true && each.withPartitions !== true) || place < at));
        return covers && isStronger;
      }),
  );
}

export function isSameTable(a: TableName, b: TableName): boolean {
  return a.schema === b.schema && a.name === b.name;
}
