/**
 * Does a program's version fit? Pure: texts in, an objection or nothing out.
 */
import type { FittingRule } from './engine-facts.ts';

/** The first version number in what a program printed; suffixes such as `-rc.1` are ignored. */
export function readVersion(printed: string) {
  const found = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(printed);
  if (found === null) return undefined;
  const [, major, minor, patch] = found;
  return { major: Number(major), minor: Number(minor), patch: Number(patch ?? 0) };
}

/** Why the version that a program printed does not fit; undefined when it fits. */
export function objectToVersion(printed: string, expectedText: string, rule: FittingRule): string | undefined {
  const found = readVersion(printed);
  const expected = readVersion(expectedText);
  if (found === undefined || expected === undefined) return `it printed no version number; ${expectedText} is expected`;
  const { major, minor, patch } = found;
  if (major === expected.major && minorFits[rule](minor - expected.minor)) return undefined;
  return `it is version ${major}.${minor}.${patch}; ${wording[rule](`${expected.major}.${expected.minor}`)} is expected`;
}

const minorFits: Record<FittingRule, (minorsAhead: number) => boolean> = {
  'same-minor': (minorsAhead) => minorsAhead === 0,
  'near-minor': (minorsAhead) => Math.abs(minorsAhead) <= 1,
  'same-minor-or-newer': (minorsAhead) => minorsAhead >= 0,
};

const wording: Record<FittingRule, (minor: string) => string> = {
  'same-minor': (minor) => `any ${minor}`,
  'near-minor': (minor) => `one within a minor of ${minor}`,
  'same-minor-or-newer': (minor) => `${minor} or newer`,
};
