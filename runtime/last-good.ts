/**
 * Keeps the last good value of something that may change under way: what is wrong later on is logged and otherwise ignored.
 *
 * For what is mounted: keys, credentials, certificates, tokens. Logs the sentences of the parser, never what was read; of that
 * it keeps a hash.
 */
import { fingerprint } from './fingerprint.ts';
import { messageOf } from './message-of.ts';

export interface ChangeLog {
  info: (message: string) => void;
  warn: (message: string) => void;
}

interface Source<Content, Value> {
  /** Reads what stands there now; never throws. */
  load: () => Content;
  /** Throws an Error whose message shows nothing of the content. */
  parse: (content: Content) => Value;
  log: ChangeLog;
  /** For the log, such as "The Kagent credentials were read anew and are in force." */
  changed: (value: Value) => string;
  /** For the log, behind what is wrong, such as "The last good ones stay in force." */
  kept: string;
}

/** Throws when the content is bad from the start. The returned function reads anew, and never throws. */
export function keepLastGood<Content, Value>(source: Source<Content, Value>): () => Value {
  const { load, parse, log, changed, kept } = source;
  const first = load();
  let good = parse(first);
  let parsed = fingerprint(first);
  return () => {
    const content = load();
    const print = fingerprint(content);
    if (print === parsed) return good;
    parsed = print;
    try {
      good = parse(content);
      log.info(changed(good));
    } catch (error) {
      log.warn(`${messageOf(error).replaceAll(/\n\s*/g, ' ')} ${kept}`);
    }
    return good;
  };
}
