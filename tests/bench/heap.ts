/** The heap of this process, after a collection where node runs with --expose-gc, as `npm run bench` does. */
export function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
