/**
 * Makes text from outside harmless where it is shown: for a terminal, a status, an Event, and for Markdown.
 *
 * Without imports, so that the workflow sandbox can run it. Never decides by what a text says.
 */

/** All that ends a line somewhere: CR, LF, VT, FF, NEL and Unicode's own two. */
const lineEnds = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/gu;

/** Controls, direction marks, private use; but for line ends and tabs, and for the two joiners that scripts need. */
const invisible = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu;

/** At most `limit` UTF-16 units, line ends as \n, no control characters, no direction marks, no half characters. */
export function inertText(text: string, limit: number): string {
  // Cut before the work and after it: what is long costs no more than what is shown.
  const cut = text
    .slice(0, limit * 2)
    .replace(lineEnds, '\n')
    .replace(invisible, '')
    .toWellFormed();
  return cutText(cut, limit);
}

/** The same on one line. */
export function inertLine(text: string, limit: number): string {
  return cutText(
    inertText(text, limit * 2)
      .replaceAll(/\s+/g, ' ')
      .trim(),
    limit,
  );
}

/**
 * Text as Markdown that shows its characters and nothing else: each line is a code span, which wraps and in which neither
 * links nor images nor HTML exist. Takes what `inertText` gives.
 */
export function asMarkdown(text: string): string {
  return text
    .split('\n')
    .map((line) => (line.trim() === '' ? '' : codeSpan(line)))
    .join('  \n')
    .replaceAll(/(\s*\n){3,}/g, '\n\n');
}

/** What a name of Kubernetes has at most. */
export const nameLimit = 253;
/** More than any detector lets through. */
export const messageLimit = 8192;

/** A block of its own, so that it cannot pose as part of the page. */
export function asQuote(text: string): string {
  return `> ${asMarkdown(inertText(text, messageLimit)).replaceAll('\n', '\n> ')}`;
}

/**
 * A quotation in a prompt: each line begins with the mark, so that no line closes a fence around it, and a cut anywhere leaves
 * the rest marked. The empty text stays empty.
 */
export function blockquoteOf(text: string): string {
  const inert = inertText(text, messageLimit).trim();
  return inert === '' ? '' : inert.replaceAll(/^/gm, '> ');
}

export function ownerOf({ kind, name }: { kind: string; name: string }): string {
  return `${inertCode(kind, nameLimit)} ${inertCode(name, nameLimit)}`;
}

export function pathOf({ namespace, name }: { namespace: string; name: string }): string {
  return inertCode(namespace === '' ? name : `${namespace}/${name}`, 2 * nameLimit + 1);
}

export function timeOf(at: string): string {
  return inertCode(at, 40);
}

/** Foreign text within a line of Markdown. */
export function inertCode(text: string, limit: number): string {
  return codeSpan(inertLine(text, limit));
}

/**
 * A code span around any line: its fence is longer than every run of backticks within. Never an empty one, whose two
 * fences would be one, open until the next of its length.
 */
export function codeSpan(line: string): string {
  if (line === '') return '` `';
  const longest = (line.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
  const fence = '`'.repeat(longest + 1);
  const pad = /^`|`$|^ .* $/.test(line) ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = Math.max(0, limit - 1);
  const isSplit = /[\ud800-\udbff]$/.test(text.slice(0, end));
  return `${text.slice(0, isSplit ? end - 1 : end)}…`;
}
