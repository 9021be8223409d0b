/**
 * The keys in force: read from a folder, as a Secret is mounted, and again when the folder changes.
 *
 * A folder that turns wrong is logged once and the last good keys stay in force. Never logs a key.
 */
import { type ChangeLog, keepLastGood } from '../runtime/last-good.ts';
import { readMountedFolder } from '../runtime/mounted-files.ts';
import { type Key, type Keys, parseKeys } from './parse-keys.ts';

export interface KeyRing {
  /** The key that encrypts now. */
  active: () => Key;
  /** The key with this id; looks into the folder once more before it says that there is none. */
  find: (id: string) => Key | undefined;
}

export interface KeyRingOptions {
  folder: string;
  log: ChangeLog;
  /** For so long the folder is not read again, unless a key is missing. */
  recheckMs?: number;
}

/** Reading takes a tenth of a millisecond, and a list of executions has thousands of payloads. */
const defaultRecheckMs = 1000;

/** Throws when the folder is wrong from the start; what the ring gives later on never throws. */
export function openKeyRing({ folder, log, recheckMs = defaultRecheckMs }: KeyRingOptions): KeyRing {
  const current = keepLastGood({
    load: () => readMountedFolder(folder),
    parse: (found) => parseKeys(folder, found),
    log,
    changed: ({ byId, active }) =>
      `The encryption keys were read anew: ${[...byId.keys()].join(', ')}; ${active.id} encrypts.`,
    kept: 'The last good keys stay in force.',
  });
  let keys = current();
  let readAtMs = performance.now();
  const noOlderThan = (ageMs: number): Keys => {
    if (performance.now() - readAtMs < ageMs) return keys;
    readAtMs = performance.now();
    keys = current();
    return keys;
  };
  return {
    active: () => noOlderThan(recheckMs).active,
    find: (id) => noOlderThan(recheckMs).byId.get(id) ?? noOlderThan(0).byId.get(id),
  };
}
