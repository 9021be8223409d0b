/**
 * Keeps the last good value of something that may change under way: what is wrong later on is logged and otherwise ignored.
 *
 * Used for the credentials and the CA file. Logs the sentences of the parser, never what was read; of that it keeps a hash.
 */
import { createHash } from 'node:crypto';

export interface ChangeLog {
  info: (message: string) => void;
  warn: (message: string) => void;
}

export interface Source<Content, Value> {
  /** For the log, such as "The Kagent credentials". */
  what: string;
  /** Reads what stands there now; never throws. */
  load: () => Content;
  /** Throws an Error whose message tells nothing of the content. */
  parse: (content: Content) => Value;
  log: ChangeLog;
}

/** Throws when the content is bad from the start. The returned function reads anew, and never throws. */
export function keepLastGood<Content, Value>(source: Source<Content, Value>): () => Value {
  const { what, load, parse, log } = source;
  const first = load();
  let good = parse(first);
  let judged = fingerprint(first);
  return () => {
    const content = load();
    const print = fingerprint(content);
    if (print === judged) return good;
    judged = print;
    try {
      good = parse(content);
      log.info(`${what} were read anew and are in force.`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log.warn(`${message.replaceAll(/\n\s*/g, ' ')} The last good ones stay in force.`);
    }
    return good;
  };
}

function fingerprint(content: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(content) ?? '')
    .digest('hex');
}
