/** The double of Kagent also runs as a process, for demos and for tests that kill processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { diagnosePrompt } from '../kagent-double/diagnose-prompt.ts';
import { waitFor } from '../wait-for.ts';

describe('the process of the double', () => {
  it('prints where it listens, is steered from outside, and ends when asked to', async () => {
    const main = fileURLToPath(new URL('../kagent-double/main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, '--any-agent', '--run-seconds', '0.01', '--release', '0.9.12']);
    const [line] = z.tuple([z.instanceof(Buffer)]).parse(await once(child.stdout, 'data'));
    const { url, adminUrl } = z.object({ url: z.string(), adminUrl: z.string() }).parse(JSON.parse(line.toString()));
    const post = (path: string, body = '') => fetch(`${adminUrl}/_fake/${path}`, { method: 'POST', body });
    await post('controller/stop');
    await waitFor('it to be away', () =>
      fetch(`${url}/health`).then(
        () => false,
        () => true,
      ),
    );
    await post('controller/start?windowMs=0');
    expect(await (await fetch(`${url}/version`)).json()).toMatchObject({ kagent_version: '0.9.12' });
    expect((await post('script', '[{"fault":{"kind":"nonsense"}}]')).status).toBe(400);
    expect((await post('agent/kagent/memory-analyzer/kill')).status).toBe(200);
    expect((await post('database/down')).status).toBe(200);
    expect(await (await fetch(`${adminUrl}/_fake/requests`)).json()).toMatchObject([{ path: '/version' }]);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it.each([
    ['Pod web-1 was OOMKilled', /memory.*limit.*kubectl top/],
    ['Pod web-1 is in CrashLoopBackOff', /exits shortly.*kubectl logs --previous/],
    ['Pod web-1 is Unschedulable', /No node can take.*kubectl describe/],
    ['Something else', /nothing unusual.*kubectl get events/],
  ])('has a diagnosis for %s', (prompt, words) => expect(diagnosePrompt(prompt)).toMatch(words));
});
