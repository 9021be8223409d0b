/**
 * Makes Go's leading dots readable for Handlebars: `{{.Reason}}` becomes `{{ Reason}}`, of the same length.
 *
 * Because the length stays, so do all positions. Dots in strings, comments, `[…]` segments, `./`, `../`, `a.b` and a dot that
 * stands alone are left.
 */
import type { Tag } from './read-tags.ts';

/** Words that mean something else to Handlebars once their dot is gone; with the dot they are a syntax error. */
const reserved = new Set(['else', 'true', 'false', 'null', 'undefined', 'this', 'as']);

export function blankDots(source: string, tags: readonly Tag[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const dot of tags.flatMap(leadingDots)) {
    parts.push(source.slice(from, dot), ' ');
    from = dot + 1;
  }
  parts.push(source.slice(from));
  return parts.join('');
}

function leadingDots(tag: Tag): number[] {
  return tag.tokens
    .filter(({ text }, index) => {
      if (text !== '.') return false;
      const before = tag.tokens[index - 1];
      const after = tag.tokens[index + 1];
      const leads = before === undefined || before.kind === 'blank' || ['(', '='].includes(before.text);
      if (!leads || after === undefined) return false;
      return after.kind === 'segment' || (after.kind === 'word' && isName(after.text));
    })
    .map(({ start }) => start);
}

function isName(word: string): boolean {
  return !reserved.has(word) && !/^-?[0-9]/.test(word);
}
