/**
 * An abort signal for one try: aborted by the caller's signal or when the time is up, and it knows which.
 *
 * `clear` must be called, or the timer keeps the process and the listener stays.
 */

export interface Deadline {
  signal: AbortSignal;
  /** Whether it was the time that ended the try. */
  readonly isOver: boolean;
  clear(): void;
}

/** Starts the clock; `caller` is not aborted yet. Own timer and controller: a signal combined by AbortSignal.any may be collected before it fires. */
export function startDeadline(caller: AbortSignal, timeoutMs: number): Deadline {
  const controller = new AbortController();
  const follow = (): void => controller.abort(caller.reason);
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = !controller.signal.aborted;
    controller.abort();
  }, timeoutMs);
  caller.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    get isOver() {
      return isOver;
    },
    clear() {
      clearTimeout(timer);
      caller.removeEventListener('abort', follow);
    },
  };
}
