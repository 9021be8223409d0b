/**
 * The folder rule: who may import whom, and which packages belong where. Read by `npm run check`.
 *
 * A row allows value imports (`may`) and, apart, imports of types only (`types`); `node:` stands for Node's own modules,
 * a bare word for a package. Every file outside tests falls under exactly one row; tests may import everything.
 */
const runtime = '^runtime/';
const temporalPrivate = '^runtime/temporal-private\\.ts$';
const contract = '^workflows/contract/';

const rows = [
  {
    name: 'runtime',
    from: '^runtime/(?!temporal-private\\.ts$)',
    may: [
      '@prometheus-io/client',
      runtime,
      '^workflows/contract/plain/duration\\.ts$',
      '@temporalio/envconfig',
      'zod',
      'node:',
    ],
  },
  { name: 'temporal-private', from: temporalPrivate, may: ['@temporalio/client', '@temporalio/common'] },
  // What the workflow sandbox can run, too.
  {
    name: 'contract-plain',
    from: '^workflows/contract/plain/',
    may: ['^workflows/contract/plain/'],
    types: [contract],
  },
  { name: 'contract-prompt', from: '^workflows/contract/prompt(\\.ts$|/)', may: [contract, 'handlebars'] },
  {
    name: 'contract',
    from: '^workflows/contract/(?!plain/|prompt(\\.ts$|/))',
    may: [contract, 'zod'],
  },
  {
    name: 'workflows',
    from: '^workflows/(?!contract/)',
    may: ['^workflows/(?!contract/)', '^workflows/contract/plain/', '@temporalio/workflow', '@temporalio/common'],
    types: [contract, '^activities/'],
  },
  {
    name: 'activities',
    from: '^activities/',
    may: ['^activities/', contract, '@temporalio/activity', '@temporalio/common', 'node-fetch', 'uuid', 'zod', 'node:'],
  },
  {
    name: 'views',
    from: '^watcher/views/',
    may: ['^watcher/views/', '^workflows/contract/plain/rfc3339\\.ts$', 'zod', 'node:'],
  },
  {
    name: 'detectors',
    from: '^watcher/detectors/',
    may: ['^watcher/detectors/', contract],
    types: ['^watcher/views/'],
  },
  {
    name: 'matching',
    from: '^watcher/matching/(?!match\\.ts$)',
    may: ['^watcher/matching/(?!match\\.ts$)', contract, '@bufbuild/cel'],
  },
  { name: 'match', from: '^watcher/matching/match\\.ts$', may: [contract], types: ['^watcher/'] },
  {
    name: 'tracking',
    from: '^watcher/tracking/',
    may: [
      '^watcher/tracking/',
      '^watcher/detectors/',
      '^watcher/matching/(match|allowance)\\.ts$',
      contract,
      'tinyqueue',
    ],
    types: ['^watcher/'],
  },
  {
    name: 'dry-run',
    from: '^watcher/dry-run/',
    may: ['^watcher/', contract, 'yaml', 'zod', 'node:'],
  },
  {
    name: 'watcher',
    from: '^watcher/(?!views/|detectors/|matching/|tracking/|dry-run/)',
    may: [
      '^watcher/',
      runtime,
      '^codec/(?!server/)',
      contract,
      '@kubernetes/client-node',
      '@prometheus-io/client',
      '@temporalio/client',
      '@temporalio/common',
      '@temporalio/proto',
      'pino',
      'uuid',
      'zod',
      'node:',
    ],
    types: ['^workflows/'],
  },
  {
    name: 'workers',
    from: '^workers/',
    may: [
      '^workers/',
      '^activities/',
      runtime,
      '^codec/(?!server/)',
      contract,
      '@prometheus-io/client',
      '@temporalio/worker',
      '@temporalio/client',
      '@temporalio/common',
      'pino',
      'zod',
      'node:',
    ],
  },
  {
    name: 'codec-failures',
    from: '^codec/failure-converter\\.ts$',
    may: ['@temporalio/common'],
  },
  {
    name: 'codec',
    from: '^codec/(?!failure-converter\\.ts$|server/)',
    may: ['^codec/(?!server/)', runtime, '@temporalio/common', '@temporalio/proto', 'node:'],
  },
  {
    name: 'codec-server',
    from: '^codec/server/',
    may: ['^codec/', runtime, '@temporalio/common', '@temporalio/proto', 'pino', 'zod', 'node:'],
  },
  {
    name: 'crd',
    from: '^deploy/(generate-crd\\.ts$|crd/)',
    may: ['^deploy/crd/', '^workflows/contract/hook(-status)?\\.ts$', 'zod', 'yaml', 'node:'],
  },
  {
    name: 'local',
    from: '^deploy/local/',
    may: [
      '^deploy/local/',
      '^watcher/executions/',
      contract,
      '@temporalio/client',
      '@temporalio/testing',
      '@temporalio/envconfig',
      'listr2',
      'yaml',
      'zod',
      'node:',
    ],
  },
];

const isPackage = (word) => !word.startsWith('^') && word !== 'node:';
const target = (word) => (isPackage(word) ? `^node_modules/(@types/)?${word}/` : word);
const targets = (words) => words.filter((word) => word !== 'node:').map(target);
const nodeItself = (words) => (words.includes('node:') ? ['core'] : []);

const ruleOf = ({ name, from, may, types = [] }) => [
  {
    name: `${name}-imports`,
    comment: `Value imports allowed here: ${may.join(' ') || 'none'}.`,
    severity: 'error',
    from: { path: from },
    to: { pathNot: targets(may), dependencyTypesNot: ['type-only', ...nodeItself(may)] },
  },
  {
    name: `${name}-type-imports`,
    comment: `Type imports allowed here: ${[...may, ...types].join(' ') || 'none'}.`,
    severity: 'error',
    from: { path: from },
    to: { pathNot: targets([...may, ...types]), dependencyTypes: ['type-only'], dependencyTypesNot: nodeItself(may) },
  },
];

module.exports = {
  forbidden: [
    ...rows.flatMap(ruleOf),
    {
      name: 'a-row-for-every-file',
      comment: 'A file outside all rows would be free of the folder rule; give its folder a row.',
      severity: 'error',
      from: { pathNot: [...rows.map(({ from }) => from), '^tests/'] },
      to: {},
    },
    {
      name: 'private-paths-of-temporal',
      comment:
        'Any release of the SDK may change its private files: what we use of them stands in one file, with a test.',
      severity: 'error',
      from: { path: rows.map(({ from }) => from), pathNot: temporalPrivate },
      to: { path: '^node_modules/@temporalio/[^/]+/lib/(?!index\\.(js|d\\.ts)$)' },
    },
    {
      name: 'nothing-unresolved',
      comment: 'What cannot be found cannot be checked by the other rules.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    parser: 'swc', // the classic compiler interface that the default needs is gone from TypeScript 7
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
