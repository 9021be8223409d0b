/** What the Dockerfile promises, read from its text: no engine is needed for that. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { copiedPaths, readDockerfile } from '../../read-dockerfile.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const Manifest = z.object({
  version: z.string(),
  description: z.string(),
  license: z.string(),
  optionalDependencies: z.record(z.string(), z.string()),
});
const manifest = Manifest.parse(JSON.parse(read('package.json')));
const instructions = readDockerfile();
const final = Math.max(...instructions.map(({ stage }) => stage));
const all = (word: string, stage?: number) =>
  instructions
    .filter((each) => each.word === word && (stage === undefined || each.stage === stage))
    .map(({ argument }) => argument);
const inFinal = (word: string) => all(word, final);

describe('the base image', () => {
  it('is one exact Node on one Debian release, the same for both stages and the same as is tested with', () => {
    const [base] = all('ARG', -1);
    expect(base).toMatch(/^NODE_IMAGE=node:\d+\.\d+\.\d+-(bookworm|trixie)-slim$/);
    const version = /node:([\d.]+)-/.exec(base ?? '')?.[1];
    expect(new Set(Object.values(manifest.optionalDependencies))).toEqual(new Set([version]));
    expect(all('FROM').map((from) => from.split(' ')[0])).toEqual(['${NODE_IMAGE}', '${NODE_IMAGE}']);
  });
});

describe('the build stage', () => {
  it('installs what the lock file says, without running install scripts, builds, and keeps what production needs', () => {
    expect(all('RUN', 0)).toEqual([
      'npm ci --ignore-scripts',
      'npm run --silent build',
      expect.stringMatching(/^npm prune --omit=dev --omit=optional /),
    ]);
  });

  it('copies what it names, never the whole folder, and every folder that is compiled', () => {
    expect(all('ADD')).toEqual([]);
    expect(copiedPaths().filter((path) => /^[./]+$|\*/.test(path))).toEqual([]);
    for (const folder of ['runtime', 'workflows', 'activities', 'codec', 'workers', 'watcher'])
      expect(copiedPaths()).toContain(folder);
  });

  it('is given by .dockerignore exactly what it copies', () => {
    const lines = read('.dockerignore').split('\n');
    const rules = lines.filter((line) => line !== '' && !line.startsWith('#'));
    expect(rules[0]).toBe('*');
    expect(rules.slice(1).toSorted()).toEqual([...new Set(copiedPaths())].map((path) => `!${path}`).toSorted());
  });
});

describe('the image', () => {
  it('runs the worker as a number that is not root, with Node as the first process and no script before it', () => {
    expect(inFinal('USER')).toEqual(['65532:65532']);
    expect(inFinal('ENTRYPOINT')).toEqual(['[]']);
    expect(inFinal('CMD')).toEqual(['["node", "workers/main.js"]']);
    expect(inFinal('WORKDIR')).toEqual(['/app']);
  });

  it('changes nothing after it has given up root', () => {
    const words = instructions.filter(({ stage }) => stage === final).map(({ word }) => word);
    expect(words.slice(words.indexOf('USER') + 1).filter((word) => ['RUN', 'COPY', 'ADD'].includes(word))).toEqual([]);
  });

  it('has curl and the well-known certificates, no package lists, and no package manager for JavaScript', () => {
    const [run = '', ...more] = inFinal('RUN');
    expect(more).toEqual([]);
    expect(run).toContain('apt-get install --yes --no-install-recommends ca-certificates curl ');
    for (const gone of ['/var/lib/apt/lists/*', '/usr/local/lib/node_modules', '/usr/local/bin/npm'])
      expect(run.split(/\s+/)).toContain(gone);
  });

  it('takes bundles and packages from the build stage, and nothing of the sources', () => {
    expect(inFinal('COPY')).toEqual([
      'LICENSE package.json ./',
      '--from=build /build/node_modules node_modules',
      '--from=build /build/dist ./',
    ]);
  });

  it('knows production, UTC and a home that cannot be written', () => {
    expect(inFinal('ENV')).toContain('NODE_ENV=production TZ=UTC HOME=/app');
  });

  it('says in its labels what package.json says', () => {
    const [labels = ''] = inFinal('LABEL');
    expect(inFinal('ARG')).toContain(`VERSION=${manifest.version}`);
    expect(labels).toContain(`org.opencontainers.image.description="${manifest.description}"`);
    expect(labels).toContain(`org.opencontainers.image.licenses="${manifest.license}"`);
    for (const name of ['title', 'version', 'revision'])
      expect(labels).toMatch(new RegExp(`org\\.opencontainers\\.image\\.${name}="[^"]+"`));
  });
});
