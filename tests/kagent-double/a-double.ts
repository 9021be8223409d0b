/**
 * A double for one test: its runs are short, and it stops when the test has finished.
 */
import { onTestFinished } from 'vitest';
import { type KagentDouble, type KagentDoubleOptions, startKagentDouble } from './start-kagent-double.ts';

export async function aDouble(options: KagentDoubleOptions = {}): Promise<KagentDouble> {
  const double = await startKagentDouble({ runMs: 10, ...options });
  onTestFinished(() => double.stop());
  return double;
}
