import { createServer } from "node:net";

/**
 * Ports of this host's loopback address that nobody has, below the range from which systems give out ports of
 * their own accord: a container that is restarted wants its own again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  for (let port = 20_000 + Math.floor(Math.random() * 8000); found.length < count && port < 32_000; port++) {
    if (await isFree(port)) found.push(port);
  }
  return found;
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
