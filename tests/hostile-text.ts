/** Text that tries to leave the place where it is shown, and what may be left of it: for tests of everything that shows. */
import { expect } from 'vitest';

const link = '[Sign in again](http://evil.example/login)';
const image = '![x](http://evil.example/x.png)';

/** Each with a name. */
export const hostileTexts: readonly [name: string, text: string][] = [
  ['a bare carriage return', `fine\r\r# Heading\r\r${link} ${image}`],
  ['line ends of Unicode', `fine\u2028\u2028# Heading\u2029\u0085\v\f${link}`],
  ['backticks', `\`${link}\` \`\`${image}\`\` \`\`\`\n${link}\n\`\`\``],
  ['a backtick at each end', `\`${link}\``],
  ['one backtick', `a\`${link}`],
  ['nothing but backticks', '``'],
  ['nothing', ''],
  ['blanks and a line end', ' \n '],
  ['HTML', `<img src="http://evil.example/x.png"> <a href='http://evil.example'>x</a> <script>x</script>`],
  ['an end of everything', `\`]**_</code></pre></p>\n\n---\n${link}\n~~~\n<http://evil.example>`],
  ['addresses', 'http://evil.example www.evil.example me@evil.example'],
  ['escapes of a terminal', `\u001b[2J\u001b]8;;http://evil.example\u0007x\u001b]8;;\u0007\u009b31m\u0000\b\b`],
  ['direction marks', `\u202ecod.exe\u202c\u2066x\u2069\u200f${link}`],
  ['half a character', `\ud83d ${link}`],
  ['a table', `| a | b |\n| --- | --- |\n| ${link} | x |`],
];

/** Controls but for line ends and tabs, direction marks, line ends of Unicode. */
const unseen = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Cs}]/u;

export function expectNoControls(text: string): void {
  expect(unseen.exec(text)?.[0]).toBeUndefined();
}

/** Nothing of the foreign text stands outside a code span. */
export function expectInertMarkdown(markdown: string): void {
  expectNoControls(markdown);
  // Blocks first, as CommonMark has it: a code span does not go beyond its paragraph.
  const outside = markdown
    .split(/\n(?:> ?)?\n/)
    .map(outsideCode)
    .join('\n\n');
  expect(outside).not.toMatch(/\]\(|!\[|<|http|www\.|evil|Sign in|^#+ (?!$)\S|\|/m);
}

/** By the rule of CommonMark: a run of backticks is closed by the next run of the same length, else it is text. */
function outsideCode(paragraph: string): string {
  let rest = paragraph;
  let outside = '';
  for (let run = /`+/.exec(rest); run !== null; run = /`+/.exec(rest)) {
    const [fence] = run;
    outside += rest.slice(0, run.index);
    rest = rest.slice(run.index + fence.length);
    const end = new RegExp(`(?<!\`)${fence}(?!\`)`).exec(rest);
    if (end === null) outside += fence;
    else rest = rest.slice(end.index + fence.length);
  }
  return outside + rest;
}
