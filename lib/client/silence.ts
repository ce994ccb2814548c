/**
 * Calls back when so many milliseconds have passed and nobody has called it off. What has come in by then is heard
 * first: a process that was busy itself for so long must not blame a server that has answered.
 * @returns calls it off
 */
export function afterSilence(ms: number, callback: () => void): () => void {
  let last: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    last = setImmediate(callback);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(last);
  };
}
