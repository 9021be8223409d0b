/**
 * The keys in force: read from a folder, as a Secret is mounted, and again when the folder changes.
 *
 * Opened once by each process that encrypts or decrypts, and asked by the codec for every payload. A folder that turns
 * wrong is logged once and the last good keys stay in force. Never logs a key; of what was read it keeps a hash.
 */
import { createHash } from 'node:crypto';
import { type Key, type Keys, parseKeys } from './parse-keys.ts';
import { type KeyFiles, readKeyFiles } from './read-key-files.ts';

export interface KeyRing {
  /** The key that encrypts now. */
  active: () => Key;
  /** The key with this id; looks into the folder once more before it says that there is none. */
  find: (id: string) => Key | undefined;
}

export interface KeyRingOptions {
  folder: string;
  log: { info: (message: string) => void; warn: (message: string) => void };
  /** For so long the folder is not read again, unless a key is missing. */
  recheckMs?: number;
}

/** Reading takes a tenth of a millisecond, and a list of executions has thousands of payloads. */
const defaultRecheckMs = 1000;

/** Throws when the folder is wrong from the start; what the ring gives later on never throws. */
export function openKeyRing({ folder, log, recheckMs = defaultRecheckMs }: KeyRingOptions): KeyRing {
  const first = readKeyFiles(folder);
  let keys: Keys = parseKeys(folder, first);
  let judged = fingerprint(first);
  let readAtMs = performance.now();

  const readAgain = (): void => {
    const found = readKeyFiles(folder);
    readAtMs = performance.now();
    const print = fingerprint(found);
    if (print === judged) return;
    judged = print;
    try {
      keys = parseKeys(folder, found);
      log.info(`The encryption keys were read anew: ${[...keys.byId.keys()].join(', ')}; ${keys.active.id} encrypts.`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log.warn(`${message.replaceAll(/\n\s*/g, ' ')} The last good keys stay in force.`);
    }
  };
  const readWhenDue = (): void => {
    if (performance.now() - readAtMs >= recheckMs) readAgain();
  };

  return {
    active: () => {
      readWhenDue();
      return keys.active;
    },
    find: (id) => {
      readWhenDue();
      if (!keys.byId.has(id)) readAgain();
      return keys.byId.get(id);
    },
  };
}

function fingerprint(found: KeyFiles): string {
  return createHash('sha256').update(JSON.stringify(found)).digest('hex');
}
