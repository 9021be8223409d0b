/**
 * Ends a test run with one line that a machine reads: `N passed, N failed`, and how many were skipped if any were.
 *
 * Named in vitest.config.ts, behind the reporter for people. A file that could not run, and an error outside any test, count
 * as failed, so that a run never closes better than it was.
 */
import type { Reporter, TestModule } from 'vitest/node';

/** Structural, so that tests can count without running vitest. */
type CountedModule = Pick<TestModule, 'errors'> & {
  children: { allTests: () => Iterable<{ result: () => { state: string } }> };
};

export function closingLine(modules: readonly CountedModule[], unhandledErrors: number): string {
  let passed = 0;
  let failed = unhandledErrors;
  let skipped = 0;
  for (const module of modules) {
    failed += module.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') passed += 1;
      else if (state === 'skipped') skipped += 1;
      else failed += 1; // also one that was still running when the run ended
    }
  }
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

export default class ClosingLine implements Reporter {
  private line = '';

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.line = closingLine(modules, unhandledErrors.length);
    // The other reporters print their summary first; the last line must be this one.
    process.once('exit', () => process.stdout.write(`${this.line}\n`));
  }
}
