import { expect, it } from 'vitest';
import { readOptions } from '../../deploy/local/demo/options.ts';

it('takes nothing of the user by itself: no context, no Temporal, no Kagent', () => {
  expect(readOptions([], {})).toEqual({
    isOnce: false,
    context: undefined,
    temporalAddress: undefined,
    temporalUiUrl: undefined,
    kagentBaseUrl: undefined,
    protocol: 'kagent',
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
  expect(() => readOptions(['--once', '--context', 'x'], {})).toThrow('expected --once without --context');
});

it('takes a Kagent without a key, as a stock one is, but for the REST API', () => {
  const own = { KAGENT_BASE_URL: 'https://kagent.example', KAGENT_API_KEY: '' };
  expect(readOptions([], own)).toMatchObject({ kagentBaseUrl: 'https://kagent.example' });
  expect(() => readOptions([], { ...own, KAGENT_PROTOCOL: 'rest' })).toThrow('KAGENT_API_KEY is not set');
});

it.each(['kagent', 'rest'] as const)('starts a stand-in that speaks %s where the user says so', (protocol) => {
  expect(readOptions(['--protocol', protocol], {})).toMatchObject({ protocol });
});

it.each(['', 'a2a', 'REST'])('refuses --protocol "%s"', (protocol) => {
  expect(() => readOptions(['--protocol', protocol], {})).toThrow(
    `--protocol is "${protocol}"; expected kagent or rest`,
  );
});

it('refuses --protocol where Kagent is the user’s own', () => {
  const own = { KAGENT_BASE_URL: 'https://kagent.example' };
  expect(() => readOptions(['--protocol', 'kagent'], own)).toThrow('KAGENT_PROTOCOL says it for yours');
});

it('refuses arguments that it does not know', () => {
  expect(() => readOptions(['--onec'], {})).toThrow("Unknown option '--onec'");
});

it('is undefined for --help, whatever else was said', () => {
  expect(readOptions(['--help', '--once', '--context', 'x'], {})).toBe(undefined);
});
