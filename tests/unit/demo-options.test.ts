import { expect, it } from 'vitest';
import { readOptions } from '../../deploy/local/demo/options.ts';

it('wants nothing of the user by itself: no context, no Temporal, no Kagent', () => {
  expect(readOptions([], {})).toEqual({
    isOnce: false,
    context: undefined,
    temporalAddress: undefined,
    temporalUiUrl: undefined,
    kagentBaseUrl: undefined,
  });
});

it('takes a variable of blanks as one that is not set', () => {
  const blank = { TEMPORAL_ADDRESS: ' ', KAGENT_BASE_URL: '' };
  expect(readOptions([], blank)).toMatchObject({ temporalAddress: undefined, kagentBaseUrl: undefined });
});

it.each([{ args: ['--context', ''] }, { args: ['--context= '] }])(
  'refuses $args, which kubectl would take for the current context',
  ({ args }) => {
    expect(() => readOptions(args, {})).toThrow('--context is empty');
  },
);

it('refuses --once for a cluster in which no trouble is made', () => {
  expect(() => readOptions(['--once', '--context', 'x'], {})).toThrow('wanted --once without --context');
});

it('refuses a Kagent without its key', () => {
  const environment = { KAGENT_BASE_URL: 'https://kagent.example', KAGENT_API_KEY: '' };
  expect(() => readOptions([], environment)).toThrow('KAGENT_BASE_URL is set, KAGENT_API_KEY is not');
});

it('refuses arguments that it does not know', () => {
  expect(() => readOptions(['--onec'], {})).toThrow("Unknown option '--onec'");
});

it('is undefined for --help, whatever else was said', () => {
  expect(readOptions(['--help', '--once', '--context', 'x'], {})).toBe(undefined);
});
