/**
 * The folder rule: who may import whom, and which packages belong where. Read by `npm run check`.
 * A row allows value imports (`from`, `may`) and, apart, imports of types only (`types`).
 */
const rows = [
  { from: '^workflows/contract/names\\.ts$', may: [], types: [] },
  { from: '^workflows/contract/prompt(\\.ts$|/)', may: ['^workflows/contract/', 'handlebars'], types: [] },
  { from: '^workflows/contract/(?!names\\.ts|prompt)', may: ['^workflows/contract/', 'zod'], types: [] },
  {
    from: '^workflows/(?!contract/)',
    may: ['^workflows/(?!contract/)', '^workflows/contract/names\\.ts$', '@temporalio/workflow', '@temporalio/common'],
    types: ['^workflows/contract/', '^activities/'],
  },
  {
    from: '^activities/',
    may: [
      '^activities/',
      '^workflows/contract/',
      '@temporalio/activity',
      '@temporalio/common',
      'node-fetch',
      'uuid',
      'zod',
      'node:',
    ],
    types: [],
  },
  {
    from: '^watcher/detectors/',
    may: ['^watcher/detectors/', '^workflows/contract/'],
    types: ['^watcher/pod-view\\.ts$'],
  },
  { from: '^watcher/match\\.ts$', may: ['^workflows/contract/'], types: ['^watcher/'] },
  {
    from: '^watcher/(?!detectors/|match\\.ts$)',
    may: [
      '^watcher/',
      '^workflows/contract/',
      '@kubernetes/client-node',
      '@temporalio/client',
      '@temporalio/common',
      '@temporalio/envconfig',
      '@temporalio/proto',
      'pino',
      'uuid',
      'zod',
      'node:',
    ],
    types: ['^workflows/'],
  },
  {
    from: '^workers/',
    may: [
      '^workers/',
      '^activities/',
      '^workflows/contract/',
      '@temporalio/worker',
      '@temporalio/envconfig',
      '@temporalio/common',
      'pino',
      'zod',
      'node:',
    ],
    types: [],
  },
  {
    from: '^deploy/(generate-crd\\.ts|crd/)',
    may: ['^deploy/crd/', '^workflows/contract/', 'zod', 'yaml', 'node:'],
    types: [],
  },
  {
    from: '^deploy/local/',
    may: [
      '^deploy/local/',
      '^workflows/contract/',
      '@temporalio/client',
      '@temporalio/testing',
      '@temporalio/envconfig',
      'listr2',
      'yaml',
      'zod',
      'node:',
    ],
    types: [],
  },
];

/** `^folder/` patterns stay as they are, `node:` means every built-in module, a bare word is a package. */
const target = (word) => {
  if (word.startsWith('^')) return word;
  if (word === 'node:') return '^(node:)?[a-z_/]+$';
  return `^node_modules/(@types/)?${word}/`;
};

const ruleOf = ({ from, may, types }, n) => [
  {
    name: `folder-rule-${n}`,
    comment: `Value imports allowed here: ${may.join(' ') || 'none'}.`,
    severity: 'error',
    from: { path: from },
    to: { pathNot: may.map(target), dependencyTypesNot: ['type-only'] },
  },
  {
    name: `folder-rule-${n}-types`,
    comment: `Type imports allowed here: ${[...may, ...types].join(' ') || 'none'}.`,
    severity: 'error',
    from: { path: from },
    to: { pathNot: [...may, ...types].map(target), dependencyTypes: ['type-only'] },
  },
];

module.exports = {
  forbidden: [
    ...rows.flatMap(ruleOf),
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'nobody-imports-an-entry-folder',
      severity: 'error',
      from: { path: '^(workflows|activities|watcher)/' },
      to: { path: '^(workers|deploy|tests)/' },
    },
  ],
  options: {
    parser: 'swc', // the classic compiler interface that the default needs is gone from TypeScript 7
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
