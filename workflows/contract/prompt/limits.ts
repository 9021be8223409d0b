/**
 * How large a prompt template may be, and how much work and text filling it may cost.
 *
 * A limit refuses; nothing is ever cut.
 */

/** Limits of a template, all of them checked before Handlebars' parser sees the text. */
export const templateLimits = {
  /** UTF-16 units; what the CRD allows for the field, about 64 KiB. */
  chars: 65_536,
  /** Tags in braces; beyond some thousands the parser's own copying becomes noticeable. */
  tags: 2_000,
  /** Open blocks and `else if` links at one place; parser and interpreter recurse this deep. */
  blocks: 40,
  parentheses: 10,
  /** Words, marks and blanks within all tags; a tag with thousands of arguments is slow to parse as well. */
  tokens: 12_000,
  /** Problems listed at once; the rest is noise for the reader. */
  problems: 20,
} as const;

export interface PromptBudget {
  /** One per node evaluated, and one per 64 characters that a function makes. */
  maxSteps: number;
  /** UTF-16 units of the prompt; also the longest text that a function may make on the way. */
  maxOutputChars: number;
}

/** A prompt of everyday size takes some hundred steps; four nested loops over all values take too many. */
export const defaultBudget: PromptBudget = { maxSteps: 50_000, maxOutputChars: 262_144 };
