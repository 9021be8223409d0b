/**
 * Doubles of Kagent that end with the test that has started them.
 */
import { onTestFinished } from 'vitest';
import {
  type KagentDouble,
  type KagentDoubleOptions,
  startKagentDouble,
} from '../kagent-double/start-kagent-double.ts';

export async function aDouble(options: KagentDoubleOptions = {}): Promise<KagentDouble> {
  const double = await startKagentDouble(options);
  onTestFinished(() => double.stop());
  return double;
}
