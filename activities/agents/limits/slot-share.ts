/**
 * Which namespace may take a further slot of the worker: one with few calls always, one with many only while more are left.
 *
 * Kept for callAgent and for followRun, one each. A slot is held as long as an agent's answer takes, and Temporal's fairness
 * orders only what waits for one. Decides by an injected clock and never waits: who is held comes back.
 */

export type SlotShare = ReturnType<typeof createSlotShare>;

export interface SlotShareOptions {
  /** Slots of the worker; without a number everybody may always go. */
  slots?: number;
  nowMs?: () => number;
  /** 0 to 1, so that those who are held do not come back together. */
  random?: () => number;
}

/**
 * A namespace may have so many times as many slots as are free. So one alone gets three quarters of all; the more are busy
 * with much, the less each gets, and some are always free.
 */
const timesTheFree = 3;
const firstHoldMs = 1_000;
const longestHoldMs = 30_000;
/** Of many that are held, together no more than a hundred a second come to look. */
const spaceMs = 10;
/** Who has not come back so long after its time was cancelled, or is at another worker. */
const forgetAfterMs = 60_000;

/** One with calls; without any it may always go. */
interface Namespace {
  busy: number;
  /** The newest last. */
  held: Map<string, { times: number; untilMs: number }>;
}

export function createSlotShare(options: SlotShareOptions = {}) {
  const { slots = Number.POSITIVE_INFINITY, nowMs = () => performance.now(), random = Math.random } = options;
  const namespaces = new Map<string, Namespace>();
  let busy = 0;

  function mayGo(namespace: Namespace): boolean {
    const free = slots - busy;
    return free >= 2 && namespace.busy < timesTheFree * free;
  }

  return {
    /** How long this call has to stay away, in milliseconds; 0: it may take a slot now. */
    holdMs: ({ caller, namespace: name }: { caller: string; namespace: string }): number => {
      const namespace = namespaces.get(name);
      if (namespace === undefined) return 0;
      const { held } = namespace;
      const times = held.get(caller)?.times ?? 0;
      held.delete(caller);
      if (mayGo(namespace)) return 0;
      const now = nowMs();
      forgetGone(held, now);
      const waitMs = Math.min(firstHoldMs * 2 ** times, longestHoldMs);
      const holdMs = Math.max(waitMs, held.size * spaceMs) * (1 + 0.2 * random());
      held.set(caller, { times: times + 1, untilMs: now + holdMs });
      return Math.ceil(holdMs);
    },
    /** A call of this namespace has begun; the result is to be called once, when it has ended. */
    take: (name: string) => {
      const namespace = namespaces.get(name) ?? { busy: 0, held: new Map() };
      namespaces.set(name, namespace);
      namespace.busy += 1;
      busy += 1;
      return () => {
        namespace.busy -= 1;
        busy -= 1;
        if (namespace.busy === 0) namespaces.delete(name); // who is held may go when it comes back
      };
    },
  };
}

function forgetGone(held: Namespace['held'], now: number): void {
  for (const [caller, { untilMs }] of held) {
    if (untilMs + forgetAfterMs > now) return;
    held.delete(caller);
  }
}
