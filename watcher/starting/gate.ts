/**
 * At most so many things at once; the others wait in order.
 *
 * Used for calls to Temporal, so that a storm does not open hundreds of requests. Never drops, never reorders starts.
 */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

export function createGate(parallel: number): Gate {
  let busy = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (busy >= parallel) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  };
}
