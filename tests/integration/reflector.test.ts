/** The reflector against a real TLS server that does everything an API server and the network between may do. */
import { describe, expect, it } from 'vitest';
import { createBackoff } from '../../watcher/loops/backoff.ts';
import { type FakeApiServer, type Fault } from '../api-server/server.ts';
import { aWhile, viewThing, watchThings } from '../api-server/watched.ts';
import { waitFor } from '../wait-for.ts';

const three = (server: FakeApiServer) => {
  for (const name of ['a', 'b', 'c']) server.put(name, { note: '1' });
};

/** So long that a test which needs this wait fails. */
const never = () => createBackoff(600_000, 600_000);

describe('a list', () => {
  it('is read page by page to the end before the reflector calls itself synced', async () => {
    const seven = (server: FakeApiServer) => {
      for (let n = 0; n < 7; n += 1) server.put(`thing-${n}`);
    };
    const { server, reflector, same } = await watchThings({ server: { pageSize: 3 }, before: seven });
    await reflector.synced;
    expect(reflector.items()).toHaveLength(7);
    const lists = server.requests.filter(({ kind }) => kind === 'list');
    expect(lists.map(({ query }) => query.get('continue'))).toEqual([null, '107:3', '107:6']);
    expect(lists.map(({ query }) => query.get('limit'))).toEqual(['500', '500', '500']);
    await same();
  });

  it('proves life only from when it began', async () => {
    let handledMs = 0;
    const beforeMs = Date.now();
    const { reflector } = await watchThings({
      before: three,
      over: {
        onChange: async () => {
          await aWhile();
          handledMs = Date.now();
        },
      },
    });
    expect(reflector.aliveMs()).toBe(0);
    await reflector.synced;
    expect(reflector.aliveMs()).toBeGreaterThanOrEqual(beforeMs);
    expect(reflector.aliveMs()).toBeLessThan(handledMs - 300);
  });

  it('is begun again when the token of the next page has expired, and reports nothing twice', async () => {
    const { server, reflector, changes, same } = await watchThings({
      server: { pageSize: 2 },
      before: (fake) => {
        three(fake);
        fake.faults.push({ on: 'list', does: { status: 200, body: pageWithToken(fake) } });
        fake.faults.push({ on: 'list', does: { status: 410 } });
      },
    });
    await reflector.synced;
    await same();
    expect(server.requests.slice(0, 4).map(({ query }) => query.get('continue'))).toEqual([
      null,
      'expired',
      null,
      '103:2',
    ]);
    expect(changes.toSorted()).toEqual(['a: - → 1', 'b: - → 1', 'c: - → 1']);
  });

  it('leaves out an object that cannot be read, says so, and keeps the others', async () => {
    const { reflector, warnings } = await watchThings({
      before: three,
      over: {
        view: (object) => {
          const view = viewThing(object);
          if (view?.name === 'b') throw new Error('what is this?');
          return view;
        },
      },
    });
    await reflector.synced;
    expect(reflector.items().map(({ name }) => name)).toEqual(['a', 'c']);
    expect(warnings.join()).toContain('what is this?');
  });
});

function pageWithToken(server: FakeApiServer): string {
  return JSON.stringify({ metadata: { resourceVersion: '103', continue: 'expired' }, items: server.objects() });
}

describe('a watch', () => {
  it('reports what was added, modified and deleted, each with what was before', async () => {
    const { server, reflector, changes, same } = await watchThings({ before: three });
    await reflector.synced;
    changes.length = 0;
    server.put('d', { note: '1' });
    server.put('a', { note: '2' });
    server.remove('b');
    server.remove('d');
    await same();
    // The last words of a deleted object come before its end.
    expect(changes).toEqual(['d: - → 1', 'a: 1 → 2', 'b: 1 → 1', 'b: 1 → -', 'd: 1 → 1', 'd: 1 → -']);
    expect(reflector.get('uid-a')?.note).toBe('2');
    expect(reflector.get('uid-b')).toBeUndefined();
  });

  it('asks for bookmarks and for an end within a minute, so that a lost connection is found by then', async () => {
    const { server, count } = await watchThings();
    await waitFor('the watch', async () => count('watch') === 1);
    const { query } = server.requests.at(-1)!;
    expect(query.get('allowWatchBookmarks')).toBe('true');
    expect(Number(query.get('timeoutSeconds'))).toBeGreaterThanOrEqual(40);
    expect(Number(query.get('timeoutSeconds'))).toBeLessThan(55);
  });

  it('that ends ten times in good order goes on from the last version, without a list and without a wait', async () => {
    const { server, same, count, waits } = await watchThings({ before: three, over: { backoff: never() } });
    for (let round = 0; round < 10; round += 1) {
      await waitFor('the next watch', async () => server.openWatches() === 1);
      server.put('a', { note: `round ${round}` });
      await same();
      server.endWatches();
      server.put('b', { note: `while away ${round}` });
    }
    await same();
    expect(count('list')).toBe(1);
    expect(count('watch')).toBe(11);
    expect(waits).toEqual([]);
    const from = server.requests
      .filter(({ kind }) => kind === 'watch')
      .map(({ query }) => query.get('resourceVersion'));
    expect(from).toEqual(['103', '104', '106', '108', '110', '112', '114', '116', '118', '120', '122']);
  });

  it('goes on from a bookmark, so that compaction of what happened elsewhere costs no list', async () => {
    const { server, reflector, same, count } = await watchThings({ before: three });
    await reflector.synced;
    await waitFor('the watch', async () => server.openWatches() === 1);
    server.compact();
    const beforeMs = reflector.aliveMs();
    await aWhile();
    server.bookmark();
    await waitFor('the proof of life', async () => reflector.aliveMs() > beforeMs + 100);
    server.endWatches();
    await waitFor('the next watch', async () => count('watch') === 2 && server.openWatches() === 1);
    server.put('a', { note: '2' });
    await same();
    expect(count('list')).toBe(1);
  });

  it('that is ended as soon as it began, again and again, is asked for with growing waits', async () => {
    const { server, reflector, count } = await watchThings({ over: { backoff: createBackoff(40, 10_000, () => 0) } });
    await reflector.synced;
    await waitFor('five watches', async () => {
      server.endWatches();
      return count('watch') >= 5;
    });
    const at = server.requests.filter(({ kind }) => kind === 'watch').map(({ atMs }) => atMs);
    const gaps = at.slice(1).map((ms, n) => ms - at[n]!);
    for (const [n, wait] of [40, 80, 160, 320].entries()) expect(gaps[n]).toBeGreaterThanOrEqual(wait - 2);
    expect(count('list')).toBe(1);
  });
});

describe.each(['answer', 'event'] as const)('a version that is too old (410 as %s)', (form) => {
  it('means list again at once and report the differences only', async () => {
    const { server, changes, same, count } = await watchThings({ before: three, over: { backoff: never() } });
    server.goneAs.form = form;
    await waitFor('the watch', async () => server.openWatches() === 1);
    server.put('c', { note: 'good times' });
    await same();
    changes.length = 0;
    server.endWatches();
    server.put('a', { note: '2' });
    server.remove('b');
    server.put('d', { note: '1' });
    server.remove('d');
    server.compact();
    await same();
    expect(changes).toEqual(['a: 1 → 2', 'b: 1 → -']);
    expect(count('list')).toBe(2);
    await waitFor('the watch', async () => server.openWatches() === 1);
    server.put('c', { note: '2' });
    await same();
  });
});

it('a 410 that comes again and again is not answered by one list after the other', async () => {
  const { server, reflector, count, waits } = await watchThings();
  await waitFor('the watch', async () => server.openWatches() === 1);
  await reflector.synced;
  for (let n = 0; n < 4; n += 1) server.faults.push({ on: 'watch', does: { status: 410 } });
  server.put('a'); // good times begin
  server.endWatches();
  await waitFor('five lists', async () => count('list') === 5);
  expect(waits).toHaveLength(3);
});

describe('the same name with a new uid', () => {
  it('is a deletion and an addition on the watch', async () => {
    const { server, reflector, changes, same } = await watchThings({ before: three });
    await reflector.synced;
    changes.length = 0;
    server.put('b', { uid: 'another', note: 'new' });
    await same();
    expect(changes).toEqual(['b: 1 → 1', 'b: 1 → -', 'b: - → new']);
  });

  it('is an addition and a deletion when found by a list', async () => {
    const { server, changes, same } = await watchThings({ before: three });
    await waitFor('the watch', async () => server.openWatches() === 1);
    changes.length = 0;
    server.endWatches();
    server.put('b', { uid: 'another', note: 'new' });
    server.compact();
    await same();
    expect(changes.toSorted()).toEqual(['b: - → new', 'b: 1 → -']);
  });
});

describe('a connection', () => {
  it('that is cut in the middle of a line is taken up before that line, without a list', async () => {
    const { server, changes, same, count } = await watchThings({ before: three });
    await waitFor('the watch', async () => server.openWatches() === 1);
    changes.length = 0;
    server.put('a', { note: '2' });
    await same();
    await server.sendRaw('{"type":"MODIFIED","object":{"metadata":{"uid":"uid-b","na', 'cut');
    server.put('b', { note: '2' });
    server.remove('c');
    await same();
    expect(changes).toEqual(['a: 1 → 2', 'b: 1 → 2', 'c: 1 → 1', 'c: 1 → -']);
    expect(count('list')).toBe(1);
  });

  it('that is cut while a list is read leads to a new list', async () => {
    const cut = (server: FakeApiServer) => {
      three(server);
      server.faults.push({ on: 'list', does: 'cut' }, { on: 'list', does: 'cut' });
    };
    const { reflector, same, waits } = await watchThings({ before: cut });
    await reflector.synced;
    await same();
    expect(waits).toEqual([undefined, undefined]);
  });

  it('on which a watch is silent for too long is given up, and nothing of the meantime is lost', async () => {
    const { server, reflector, same, count, warnings } = await watchThings({ over: { silenceLimitMs: 80 } });
    await reflector.synced;
    await waitFor('the third watch', async () => count('watch') >= 3);
    expect(warnings.join()).toContain('Nothing was received for 80 ms.');
    expect(count('list')).toBe(1);
    server.put('a');
    await same();
  });

  it('on which a list stops in the middle is given up, and the list read again', async () => {
    const { reflector, same, count } = await watchThings({
      silenceLimitMs: 80,
      before: (server) => {
        three(server);
        server.faults.push({ on: 'list', does: 'stall' }, { on: 'list', does: 'hang' });
      },
    });
    await reflector.synced;
    await same();
    expect(count('list')).toBe(3);
  });

  it('is kept for the next request: forty lists and watches need no more than two', async () => {
    const { server, same, count } = await watchThings({ before: three });
    for (let round = 0; round < 20; round += 1) {
      await waitFor('the watch', async () => server.openWatches() === 1);
      server.put('a', { note: `${round}` });
      await same();
      server.endWatches();
      server.compact();
      await waitFor('the list', async () => count('list') === round + 2);
    }
    expect(server.requests.length).toBeGreaterThan(40);
    expect(server.connections()).toBeLessThanOrEqual(2);
  });
});

describe('an answer that is an error', () => {
  const faults: [string, Fault['does']][] = [
    ['500', { status: 500 }],
    ['503 without a word', { status: 503, body: '' }],
    ['401', { status: 401 }],
    ['403', { status: 403 }],
    ['a page of a proxy', { status: 200, body: '<html>Just a moment</html>' }],
    ['a JSON of something else', { status: 200, body: '{"hello":"world"}\n' }],
  ];
  describe.each(['list', 'watch'] as const)('to a %s', (on) => {
    it.each(faults)('(%s) is survived five times', async (_, does) => {
      const { server, reflector, same, waits, warnings } = await watchThings({
        before: (fake) => {
          three(fake);
          for (let n = 0; n < 5; n += 1) fake.faults.push({ on, does });
        },
      });
      await reflector.synced;
      await waitFor('the watch', async () => server.openWatches() === 1);
      server.put('a', { note: '2' });
      await same();
      expect(waits).toHaveLength(5);
      expect(warnings).toHaveLength(5);
    });
  });

  it('is answered by ever longer waits although the lists in between are good', async () => {
    const { server, count } = await watchThings({
      before: (fake) => {
        for (let n = 0; n < 4; n += 1) fake.faults.push({ on: 'watch', does: { status: 500 } });
      },
      over: { backoff: createBackoff(40, 10_000, () => 0) },
    });
    await waitFor('the fifth watch', async () => server.openWatches() === 1);
    const at = server.requests.filter(({ kind }) => kind === 'watch').map(({ atMs }) => atMs);
    const gaps = at.slice(1).map((ms, n) => ms - at[n]!);
    for (const [n, wait] of [40, 80, 160, 320].entries()) expect(gaps[n]).toBeGreaterThanOrEqual(wait - 2);
    expect(count('list')).toBe(5);
  });

  it.each(['list', 'watch'] as const)('429 to a %s is waited for as long as Retry-After says', async (on) => {
    const { server, reflector, same, waits, count } = await watchThings({
      before: (fake) => {
        three(fake);
        fake.faults.push({ on, does: { status: 429, headers: { 'retry-after': '7' } } });
      },
    });
    await reflector.synced;
    await waitFor('the watch', async () => server.openWatches() === 1);
    server.put('a', { note: '2' });
    await same();
    expect(waits).toEqual([7000]);
    // A server with too much to do is not asked for a list because of it.
    expect(count('list')).toBe(on === 'list' ? 2 : 1);
  });
});

describe('a line that is no event', () => {
  it.each(['no JSON', '{"type":"SURPRISE","object":{}}', '{"type":"ADDED"}', 'null', '{"type":"ADDED","object":null}'])(
    '(%s) is reported, and what it may have been is found by a list',
    async (line) => {
      const { server, warnings, changes, same, count } = await watchThings({ before: three });
      await waitFor('the watch', async () => server.openWatches() === 1);
      changes.length = 0;
      await server.sendRaw(`${line}\n`);
      await waitFor('the list', async () => count('list') === 2);
      await waitFor('the watch', async () => server.openWatches() === 1);
      server.put('a', { note: '2' });
      await same();
      expect(changes).toEqual(['a: 1 → 2']);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain('no event');
    },
  );

  it('empty lines between events are nothing', async () => {
    const { server, same, warnings } = await watchThings({ before: three });
    await waitFor('the watch', async () => server.openWatches() === 1);
    await server.sendRaw('\n\n');
    server.put('a', { note: '2' });
    await same();
    expect(warnings).toEqual([]);
  });
});

it('an event that arrives byte by byte, with letters of several bytes, is one event', async () => {
  const { server, reflector } = await watchThings({ before: three });
  await waitFor('the watch', async () => server.openWatches() === 1);
  const metadata = { uid: 'uid-z', name: 'z', resourceVersion: '900' };
  const line = `${JSON.stringify({ type: 'ADDED', object: { metadata, note: 'größer → 🙂' } })}\n`;
  for (const byte of Buffer.from(line)) await server.sendRaw(Buffer.from([byte]));
  await waitFor('the event', async () => reflector.get('uid-z'));
  expect(reflector.get('uid-z')?.note).toBe('größer → 🙂');
});

describe('the handler of changes', () => {
  it('that throws ends neither the list nor the stream', async () => {
    const { server, reflector, same, warnings, count } = await watchThings({
      before: three,
      over: {
        onChange: async () => {
          throw new Error('not today');
        },
      },
    });
    await reflector.synced;
    server.put('a', { note: '2' });
    server.remove('b');
    await same();
    expect(warnings.filter((line) => line.includes('not today'))).toHaveLength(6);
    expect(count('list')).toBe(1);
    expect(count('watch')).toBe(1);
  });

  it('sees one change at a time, in order, and while it is busy the server keeps the rest', async () => {
    const seen: string[] = [];
    const gate = Promise.withResolvers<void>();
    let atOnce = 0;
    const { server, reflector, same, count } = await watchThings({
      over: {
        silenceLimitMs: 300,
        onChange: async (_, now) => {
          atOnce += 1;
          expect(atOnce).toBe(1);
          await gate.promise;
          seen.push(now?.note.slice(0, 5) ?? '');
          atOnce -= 1;
        },
      },
    });
    await reflector.synced;
    await waitFor('the watch', async () => server.openWatches() === 1);
    const large = 'x'.repeat(1_000_000);
    for (let n = 0; n < 40; n += 1) server.put('a', { note: `${String(n).padStart(5, '0')}${large}` });
    await aWhile();
    await aWhile();
    await aWhile();
    expect(server.undeliveredBytes()).toBeGreaterThan(10_000_000);
    expect(seen).toEqual([]);
    gate.resolve();
    await same();
    expect(seen).toEqual(Array.from({ length: 40 }, (_, n) => String(n).padStart(5, '0')));
    // Being busy for longer than the limit of silence is no silence of the server.
    expect(count('watch')).toBe(1);
  });

  it('that was busy gets old news, which proves no life of now', async () => {
    const gate = Promise.withResolvers<void>();
    const handled: number[] = [];
    const { server, reflector, same } = await watchThings({
      over: {
        onChange: async () => {
          if (handled.length === 0) await gate.promise;
          handled.push(Date.now());
          if (handled.length === 2) await aWhile();
        },
      },
    });
    await reflector.synced;
    await waitFor('the watch', async () => server.openWatches() === 1);
    await aWhile();
    const busyFromMs = Date.now();
    for (const name of ['a', 'b', 'c']) server.put(name);
    await aWhile();
    await aWhile();
    gate.resolve();
    await same();
    expect(handled).toHaveLength(3);
    expect(reflector.aliveMs()).toBeLessThan(busyFromMs + 100);
    await aWhile();
    server.bookmark();
    await waitFor('the proof of life', async () => reflector.aliveMs() > handled[2]!);
  });
});

it('what is sent at once after a connection was away proves no life of now', async () => {
  const { server, reflector, same } = await watchThings({ before: three });
  await waitFor('the watch', async () => server.openWatches() === 1);
  const beforeMs = reflector.aliveMs();
  await aWhile();
  server.endWatches();
  server.put('a', { note: '2' });
  server.put('b', { note: '2' });
  await same();
  expect(reflector.aliveMs()).toBe(beforeMs);
});

describe('abort', () => {
  it('ends the watch and everything that waits, and resolves done', async () => {
    const { server, reflector, abort } = await watchThings({ before: three });
    await waitFor('the watch', async () => server.openWatches() === 1);
    abort();
    await reflector.done;
    await waitFor('the end of the watch', async () => server.openWatches() === 0);
    const { length } = server.requests;
    await aWhile();
    expect(server.requests).toHaveLength(length);
  });

  it('ends a long wait', async () => {
    const { reflector, abort, warnings } = await watchThings({
      before: (server) => server.faults.push({ on: 'list', does: { status: 500 } }),
      over: { backoff: never() },
    });
    await waitFor('the failure', async () => warnings.length === 1);
    abort();
    await reflector.done;
  });

  it('ends a list that never comes', async () => {
    const { server, reflector, abort } = await watchThings({
      before: (fake) => fake.faults.push({ on: 'list', does: 'hang' }),
    });
    await waitFor('the request', async () => server.requests.length === 1);
    abort();
    await reflector.done;
    expect(reflector.items()).toEqual([]);
  });

  it('waits for the change that is being handed over', async () => {
    const gate = Promise.withResolvers<void>();
    let isHandled = false;
    const { reflector, changes, abort } = await watchThings({
      before: (server) => server.put('a'),
      over: {
        onChange: async () => {
          await gate.promise;
          isHandled = true;
        },
      },
    });
    await waitFor('the change', async () => changes.length === 1);
    abort();
    await aWhile();
    gate.resolve();
    await reflector.done;
    expect(isHandled).toBe(true);
  });
});

it('whatever happens in whatever order, in the end the reflector has what the server has', async () => {
  const { server, same, reflector } = await watchThings({ before: three, server: { pageSize: 3 } });
  await reflector.synced;
  let seed = 7;
  const pick = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  const misfortunes = [
    () => server.endWatches(),
    () => server.compact(),
    () => void server.sendRaw('{"type":"MODI', 'cut'),
    () => void server.sendRaw('nonsense\n'),
    () => server.faults.push({ on: 'watch', does: { status: 500 } }),
    () => server.faults.push({ on: 'list', does: 'cut' }),
    () => server.faults.push({ on: 'list', does: { status: 429, headers: { 'retry-after': '1' } } }),
    () => server.bookmark(),
  ];
  for (let step = 0; step < 400; step += 1) {
    const name = `thing-${pick(12)}`;
    if (pick(4) === 0) server.remove(name);
    else if (pick(6) === 0) server.put(name, { uid: `uid-${step}`, note: `${step}` });
    else server.put(name, { note: `${step}` });
    if (pick(5) === 0) misfortunes[pick(misfortunes.length)]?.();
    if (pick(8) === 0) await new Promise((resolve) => setTimeout(resolve, pick(15)));
  }
  server.put('the last', { note: 'change' });
  await same();
});
