/** Which files of a package are of use to Node in the image. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isShipped, targetOf } from '../../../deploy/image/package-files.ts';

const linux = { os: 'linux', cpu: 'x64' };
const arm = { os: 'linux', cpu: 'arm64' };
const core = '@temporalio/core-bridge';

describe('isShipped', () => {
  it.each([
    ['lib/index.js', true],
    ['lib/test/run.js', true],
    ['test.js', true],
    ['schema.json', true],
    ['lib/mappings.wasm', true],
    ['LICENSE', true],
    ['LICENSE.md', true],
    ['ThirdPartyNotices.txt', true],
    ['README.md', false],
    ['index.d.ts', false],
    ['src/index.ts', false],
    ['index.d.cts', false],
    ['lib/index.js.map', false],
    ['test/run.js', false],
    ['tests/LICENSE', false],
    ['lib/run.spec.js', false],
    ['prebuilds/win32-x64/fs.bare', false],
    ['.github/workflows/ci.yml', false],
    ['.npmignore', false],
    ['node_modules/other/index.js', false],
  ])('%s: %s', (path, shipped) => {
    expect(isShipped('some-package', path, linux)).toBe(shipped);
  });

  it('keeps the binary of the platform and no other', () => {
    const path = (target: string) => `releases/${target}/index.node`;
    const targets = ['x86_64-unknown-linux-gnu', 'aarch64-unknown-linux-gnu', 'aarch64-apple-darwin'];
    expect(targets.filter((target) => isShipped(core, path(target), linux))).toEqual(['x86_64-unknown-linux-gnu']);
    expect(targets.filter((target) => isShipped(core, path(target), arm))).toEqual(['aarch64-unknown-linux-gnu']);
  });

  it('leaves out what the core is built from, in that package only', () => {
    for (const path of ['sdk-core/arch_docs/diagram.svg', 'src/native.js', 'Cargo.lock', 'scripts/build.js']) {
      expect(isShipped(core, path, linux)).toBe(false);
      expect(isShipped('other', path, linux)).toBe(true);
    }
    for (const path of ['index.js', 'common.js', 'lib/errors.js', 'package.json'])
      expect(isShipped(core, path, linux)).toBe(true);
  });

  it('keeps every JavaScript file that is not in a folder of its own at the top', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    fc.assert(
      fc.property(fc.array(name, { maxLength: 4 }), name, (folders, file) => {
        expect(isShipped('other', ['lib', ...folders, `${file}.js`].join('/'), linux)).toBe(true);
      }),
    );
  });
});

it('a platform for which there is no binary is refused by name', () => {
  expect(() => targetOf({ os: 'linux', cpu: 'riscv64' })).toThrow(
    "Temporal's core has no binary for linux on riscv64.",
  );
});
