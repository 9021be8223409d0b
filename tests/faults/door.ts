/**
 * A way to a server that can be closed: what goes through is cut, and nobody gets in, until it is opened again.
 *
 * Between the product and Temporal or the API server, so that one installation loses a server that
 * the others keep.
 */
import { connect, createServer, type Socket } from 'node:net';

export interface Door {
  port: number;
  /** Cuts every connection, and every new one. */
  shut: () => void;
  open: () => void;
  close: () => Promise<void>;
}

export async function createDoor(to: { host: string; port: number }): Promise<Door> {
  const inside = new Set<Socket>();
  let isOpen = true;
  const server = createServer((socket) => {
    if (!isOpen) {
      socket.destroy();
      return;
    }
    const behind = connect(to.port, to.host);
    for (const end of [socket, behind]) {
      inside.add(end);
      end.on('error', () => undefined);
      end.on('close', () => {
        inside.delete(end);
        socket.destroy();
        behind.destroy();
      });
    }
    socket.pipe(behind).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The door has no port.');
  const cut = () => {
    for (const end of inside) end.destroy();
  };
  return {
    port: address.port,
    shut: () => {
      isOpen = false;
      cut();
    },
    open: () => {
      isOpen = true;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}
