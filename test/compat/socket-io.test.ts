/** socket.io with its redis adapter: two servers whose clients talk to each other through pub/sub. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdapter, createShardedAdapter } from '@socket.io/redis-adapter';
import { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Application, reasonToSkip } from '../support/application.js';

type AdapterFactory = Parameters<Server['adapter']>[0];
type Adapters = (app: Application) => Promise<AdapterFactory>;

const adapters: Readonly<Record<string, Adapters>> = {
  'channels and patterns, through ioredis': async (app) =>
    createAdapter(app.ioredis(), app.ioredis(), { requestsTimeout: 5000 }),
  'channels and patterns, through node-redis': async (app) =>
    createAdapter(await app.nodeRedis(), await app.nodeRedis(), { requestsTimeout: 5000 }),
  'shard channels': async (app) =>
    createShardedAdapter(await app.nodeRedis(), await app.nodeRedis()),
};

function received(client: Socket, event: string): Promise<unknown> {
  return new Promise((resolve) => client.once(event, resolve));
}

/** What is published takes place some time. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(10);
}

describe.skipIf(reasonToSkip !== undefined)('socket.io', () => {
  describe.each(Object.entries(adapters))('%s', (_, makeAdapter) => {
    let app: Application;
    let servers: Server[];
    let clients: Socket[];

    beforeAll(async () => {
      app = await Application.open();
      servers = [await serve(), await serve()];
      clients = await Promise.all(servers.map(join));
      const count = (): Promise<number> | undefined => servers[0]?.of('/').adapter.serverCount();
      await until(async () => (await count()) === 2);
    });
    afterAll(() => app.close());

    async function serve(): Promise<Server> {
      const http = createServer();
      const server = new Server(http, { adapter: await makeAdapter(app) });
      server.on('connection', (socket) => {
        socket.on('join', async (room: string, done: () => void) => {
          await socket.join(room);
          done();
        });
      });
      await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
      return app.closing(server, (open) => open.close());
    }

    async function join(server: Server): Promise<Socket> {
      const { port } = server.httpServer.address() as AddressInfo;
      const client = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
      app.closing(client, (open) => open.close());
      await received(client, 'connect');
      return client;
    }

    it('broadcasts to the clients of all servers', async () => {
      const all = Promise.all(clients.map((client) => received(client, 'news')));
      servers[0]?.emit('news', { text: 'é', bytes: Buffer.from([0, 255]) });
      for (const news of await all) expect(news).toMatchObject({ text: 'é' });
    });

    it('sends to a room wherever its members are', async () => {
      await clients[1]?.emitWithAck('join', 'room');
      const inRoom = received(clients[1] as Socket, 'hello');
      const others = received(clients[0] as Socket, 'end');
      let stray = 0;
      clients[0]?.on('hello', () => stray++);
      servers[0]?.to('room').emit('hello', 'you');
      expect(await inRoom).toBe('you');
      servers[1]?.emit('end', 1);
      await others;
      expect(stray).toBe(0);
    });

    it('knows the sockets of all servers, and moves them', async () => {
      const sockets = (await servers[0]?.fetchSockets()) ?? [];
      expect(sockets.map(({ id }) => id).sort()).toEqual(clients.map(({ id }) => id).sort());
      servers[0]?.socketsJoin('everybody');
      const room = servers[1]?.in('everybody');
      await until(async () => (await room?.fetchSockets())?.length === 2);
      const all = Promise.all(clients.map((client) => received(client, 'all')));
      servers[0]?.to('everybody').emit('all', 1);
      expect(await all).toEqual([1, 1]);
    });

    it('asks the other servers and hears their answers', async () => {
      servers[1]?.on('sum', (a: number, b: number, answer: (sum: number) => void) => answer(a + b));
      expect(await servers[0]?.serverSideEmitWithAck('sum', 2, 3)).toEqual([5]);
    });
  });
});
