/** Every time-out of the tests, in milliseconds, by what is waited for. Generous: the machines are noisy. */
export const within = {
  postgresStart: 60_000,
  replicaStreaming: 60_000,
  pluginEnd: 20_000,
  clusterRecovered: 180_000,
  pulumiOperation: 10 * 60_000,
  lockSeen: 15_000,
} as const;
