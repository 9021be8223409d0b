/**
 * Ends a test run with one line that a machine reads: `N passed, N failed`, and how many were skipped if any were.
 *
 * Named in vitest.config.ts, behind the reporter for people. A file or group that could not run, and an error outside any
 * test, count as failed, so that a run never closes better than it was. It gets all projects at once, and counts each once.
 */
import type { Reporter, TestModule } from 'vitest/node';

/** Structural, so that tests can count without running vitest. */
interface CountedModule {
  errors(): readonly unknown[];
  children: {
    allTests(): Iterable<{ result(): { state: string } }>;
    allSuites(): Iterable<{ errors(): readonly unknown[] }>;
  };
}

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export function countTests(modules: readonly CountedModule[], unhandledErrors: number): Counts {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0 };
  for (const module of modules) {
    counts.failed += module.errors().length;
    // What fails around the tests of a group leaves them skipped; without this the run would look clean.
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed' || state === 'skipped') counts[state] += 1;
      else counts.failed += 1; // also one that was still running when the run ended
    }
  }
  return counts;
}

/** A run that ends with an error code has failed, also where no test says so: the servers did not start, say. */
export function closingLine({ passed, failed, skipped }: Counts, exitCode: number): string {
  const counted = failed === 0 && exitCode !== 0 ? 1 : failed;
  return `${passed} passed, ${counted} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

export default class ClosingLine implements Reporter {
  private counts: Counts = { passed: 0, failed: 0, skipped: 0 };

  onInit(): void {
    // Only at exit: other reporters and the servers' teardown still have something to say after the last test.
    process.once('exit', (code) => process.stdout.write(`${closingLine(this.counts, code)}\n`));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.counts = countTests(modules, unhandledErrors.length);
  }
}
