import { besidePlainCluster } from "./bring-up.ts";

export const benchmark = besidePlainCluster(
  {
    name: "deploy",
    title: "the whole pulumi up: the cluster, then roles, database and tables",
    aim: 2,
  },
  (stack) => stack.up(),
);
