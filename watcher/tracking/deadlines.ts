/**
 * When to look at which object again: a heap of moments, so that thousands of pending Pods need one timer.
 *
 * A moment that was replaced stays in the heap and is skipped when its turn comes; the heap is made anew before most of it is
 * such moments.
 */
import TinyQueue from 'tinyqueue';

interface Deadline {
  uid: string;
  dueMs: number;
}

/** Replaced moments that do no harm. */
const spare = 64;

function newHeap(deadlines: Deadline[]): TinyQueue<Deadline> {
  return new TinyQueue(deadlines, (a, b) => a.dueMs - b.dueMs);
}

export function createDeadlines() {
  const due = new Map<string, number>();
  let heap = newHeap([]);

  /** The earliest that still holds. */
  function peek(): Deadline | undefined {
    for (;;) {
      const first = heap.peek();
      if (first === undefined || due.get(first.uid) === first.dueMs) return first;
      heap.pop();
    }
  }

  return {
    /** Replaces the deadline of the object; undefined: there is none any more. */
    set: (uid: string, dueMs: number | undefined): void => {
      if (due.get(uid) === dueMs) return;
      if (dueMs === undefined) {
        due.delete(uid);
        return;
      }
      due.set(uid, dueMs);
      heap.push({ uid, dueMs });
      if (heap.length > 2 * due.size + spare) heap = newHeap([...due].map(([one, ms]) => ({ uid: one, dueMs: ms })));
    },
    nextMs: () => peek()?.dueMs,
    /** Moments that are kept, replaced ones among them. */
    size: () => heap.length,
    /** Takes away and returns the objects whose moment has come. */
    take: (clockMs: number): string[] => {
      const uids: string[] = [];
      for (let first = peek(); first !== undefined && first.dueMs <= clockMs; first = peek()) {
        heap.pop();
        due.delete(first.uid);
        uids.push(first.uid);
      }
      return uids;
    },
  };
}
