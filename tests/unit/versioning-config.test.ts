import { expect, it } from 'vitest';
import { readConfig } from '../../workers/config.ts';

const pair = { TEMPORAL_DEPLOYMENT_NAME: 'kagent-hooks', TEMPORAL_WORKER_BUILD_ID: 'abc' };

it('Worker Versioning needs both of its variables, or neither', () => {
  expect(readConfig({ INSTALLATION: 'p', ...pair })).toMatchObject(pair);
  expect(readConfig({ INSTALLATION: 'p' })).not.toHaveProperty('TEMPORAL_DEPLOYMENT_NAME');
  expect(() => readConfig({ INSTALLATION: 'p', TEMPORAL_DEPLOYMENT_NAME: 'x' })).toThrow(
    /1 problem\(s\):\n {2}TEMPORAL_WORKER_BUILD_ID is not set; expected both/,
  );
});

it('half of it is one problem among the others', () => {
  expect(() => readConfig({ TEMPORAL_WORKER_BUILD_ID: 'x' })).toThrow(
    /2 problem\(s\):\n {2}INSTALLATION .*\n {2}TEMPORAL_DEPLOYMENT_NAME/,
  );
});
