/**
 * The metrics of Temporal's SDK: where its exporter listens, on loopback only, and what it says.
 *
 * The exporter is the SDK's own server, which can neither choose its port nor give its text to this process.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { MetricsExporterConfig } from '@temporalio/worker';

const host = '127.0.0.1';
/** It is the same process: what does not answer in this time, does not answer. */
const limitMs = 2000;

export async function openSdkMetrics() {
  const bindAddress = `${host}:${await freePort()}`;
  return {
    exporter: {
      prometheus: { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true },
    } satisfies MetricsExporterConfig,
    text: async () => {
      const response = await fetch(`http://${bindAddress}/metrics`, { signal: AbortSignal.timeout(limitMs) });
      if (!response.ok) throw new Error(`The metrics of the SDK were answered ${response.status}.`);
      return response.text();
    },
  };
}

/** A connection that the listening side closes first keeps the port from being given out again for a while. */
async function freePort(): Promise<number> {
  const server = createServer((socket) => socket.end());
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`No port of ${host} could be had.`);
  await once(connect(address.port, host).resume(), 'close');
  server.close();
  await once(server, 'close');
  return address.port;
}
