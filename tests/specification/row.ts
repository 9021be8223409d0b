/**
 * One row of the table "sentence of the specification of the Kagent API → what shows that it holds".
 *
 * Made by the files beside this one, one for each part of the document. Quotes are verbatim, code with its line breaks.
 */

export interface Row {
  /** The nearest heading above the sentence. */
  section: string;
  sentence: string;
  /** Tests that fail when the sentence does not hold, by their title or a part of it that no other title has. */
  shownBy?: readonly Shown[];
  /** What only a person can do or know: a heading of the documentation, and words that stand under it. */
  readBy?: Read;
  /** What of the sentence cannot be shown here, and why. */
  note?: string;
}

interface Shown {
  file: string;
  test: string;
}

interface Read {
  heading: string;
  says: string;
}

type Proof = Omit<Row, 'section' | 'sentence'>;

/** All sentences of one section, in the order of the document. */
export function section(name: string, sentences: readonly (readonly [sentence: string, proof: Proof])[]): Row[] {
  return sentences.map(([sentence, proof]) => ({ section: name, sentence, ...proof }));
}

/** `file` below tests, without its ending. */
export function test(file: string, title: string): Shown {
  return { file: `tests/${file}.test.ts`, test: title };
}

export function shown(...shownBy: Shown[]): Proof {
  return { shownBy };
}

export function read(heading: string, says: string): Proof {
  return { readBy: { heading, says } };
}
