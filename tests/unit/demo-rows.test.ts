import { expect, it } from 'vitest';
import { plainRows } from '../../deploy/local/demo/rows.ts';

function aRows() {
  const stop = new AbortController();
  let said = '';
  const rows = plainRows((text) => {
    said += text;
  }, stop.signal);
  return { rows, stop, said: () => said };
}

it('writes whole lines without any control code, in the order in which things happen', async () => {
  const { rows, said } = aRows();
  await rows.show('Kubernetes', async (progress) => {
    progress.step('Downloading etcd, once');
    progress.detail('20 MB');
    progress.done('Kubernetes answers');
  });
  expect(said()).toBe('Kubernetes ...\nDownloading etcd, once ...\n  20 MB\nKubernetes answers\n');
});

it('gives what the work gives, and fails as it fails', async () => {
  const { rows } = aRows();
  expect(await rows.show('a', async () => 42)).toBe(42);
  await expect(rows.show('b', async () => Promise.reject(new Error('no etcd')))).rejects.toThrow('no etcd');
});

it('does not wait for work that never ends once the user wants to stop, and begins none after', async () => {
  const { rows, stop, said } = aRows();
  const shown = rows.show('a', () => new Promise(() => undefined));
  stop.abort(new Error('stopped'));
  await expect(shown).rejects.toThrow('stopped');
  await expect(rows.show('b', () => new Promise(() => undefined))).rejects.toThrow('stopped');
  expect(said()).toBe('a ...\n');
});
