/** Layers of tests: unit (in `npm run check`); integration, e2e and faults (real servers, in `npm test`). */
import { defineConfig } from 'vitest/config';

/** Each worker has a cluster of its own, so that files run at once; they wait for much of the time. */
const onServers = {
  globalSetup: ['tests/engines/global-setup.ts'],
  hookTimeout: 180_000,
  maxWorkers: 2,
  sequence: { groupOrder: 1 },
};

export default defineConfig({
  test: {
    reporters: ['default', './tests/closing-line.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts'],
          testTimeout: 60_000,
          maxWorkers: 3, // much of the time is waiting for servers, also on two cores
          isolate: false, // loading everything anew for each file would take longer than the tests
        },
      },
      { test: { ...onServers, name: 'integration', include: ['tests/integration/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { ...onServers, name: 'e2e', include: ['tests/e2e/**/*.test.ts'], testTimeout: 120_000 } },
      { test: { ...onServers, name: 'faults', include: ['tests/faults/*.test.ts'] } },
      {
        test: {
          ...onServers,
          name: 'faults-alone', // they are as much as the machine can do, and a neighbour has to be served in time
          include: ['tests/faults/alone/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
