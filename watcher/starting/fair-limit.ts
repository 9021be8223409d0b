/**
 * A fair limit per namespace: at most so many works at once; the others wait in order, and namespaces take turns.
 *
 * Never drops a work, never reorders those of one namespace.
 */
export type FairLimit = <T>(work: () => Promise<T>, namespace?: string) => Promise<T>;

export function createFairLimit(parallel: number): FairLimit {
  let running = 0;
  /** By namespace; the one whose turn is next is the first. */
  const waiting = new Map<string, (() => void)[]>();

  function wait(namespace: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const own = waiting.get(namespace) ?? [];
    own.push(resolve);
    waiting.set(namespace, own);
    return promise;
  }

  /** Begins the next work; its namespace goes behind the others with what it has left. */
  function goOn(): void {
    const [turn] = waiting;
    if (turn === undefined) {
      running -= 1;
      return;
    }
    const [namespace, own] = turn;
    own.shift()?.();
    waiting.delete(namespace);
    if (own.length > 0) waiting.set(namespace, own);
  }

  return async (work, namespace = '') => {
    if (running < parallel) running += 1;
    else await wait(namespace);
    try {
      return await work();
    } finally {
      goOn();
    }
  };
}
