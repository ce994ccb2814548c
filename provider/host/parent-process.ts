const everyMs = 1000;

/**
 * Ends this process soon after the one that started it is gone. The engine stops its plugins when it ends; one
 * that is killed cannot, and its plugins would wait for it for ever.
 */
export function exitWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, everyMs).unref();
}
