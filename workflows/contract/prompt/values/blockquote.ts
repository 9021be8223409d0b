/**
 * Text from outside as a block quote of Markdown, so that it stays within its marks wherever a template puts it.
 *
 * Each line begins with the mark, so that no line of it closes a fence around it, and a cut anywhere leaves the rest marked.
 */
import { inertText, messageLimit } from '../../plain/inert-text.ts';

/** At most 8,192 characters of the text, without control characters and direction marks; the empty text stays empty. */
export function blockquoteOf(text: string): string {
  const inert = inertText(text, messageLimit).trim();
  return inert === '' ? '' : inert.replaceAll(/^/gm, '> ');
}
