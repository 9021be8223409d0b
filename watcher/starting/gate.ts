/**
 * At most so many things at once; the others wait in order, and those of different namespaces take turns.
 *
 * Used for calls to Temporal, so that a storm does not open hundreds of requests, and that of one namespace is not before all
 * others. Never drops, never reorders what is of one namespace.
 */
export type Gate = <T>(work: () => Promise<T>, namespace?: string) => Promise<T>;

export function createGate(parallel: number): Gate {
  let busy = 0;
  /** By namespace, the one whose turn is next in front; none without anybody who waits. */
  const waiting = new Map<string, (() => void)[]>();
  const wait = (namespace: string) =>
    new Promise<void>((resolve) => {
      const own = waiting.get(namespace);
      if (own === undefined) waiting.set(namespace, [resolve]);
      else own.push(resolve);
    });
  return async (work, namespace = '') => {
    if (busy >= parallel) await wait(namespace);
    else busy += 1;
    try {
      return await work();
    } finally {
      const next = takeNext(waiting);
      if (next === undefined) busy -= 1;
      else next();
    }
  };
}

/** The namespace goes behind the others with what it has left. */
function takeNext(waiting: Map<string, (() => void)[]>): (() => void) | undefined {
  const [turn] = waiting;
  if (turn === undefined) return undefined;
  const [namespace, own] = turn;
  const next = own.shift();
  waiting.delete(namespace);
  if (own.length > 0) waiting.set(namespace, own);
  return next;
}
