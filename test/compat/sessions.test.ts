/** express-session with connect-redis: sessions that last as long as they are told to, whichever process serves them. */

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Application, reasonToSkip } from '../support/application.js';

type Middleware = (request: object, response: object, next: (error?: unknown) => void) => void;

interface Visits {
  session: session.Session & { visits?: number };
  sessionID: string;
  url?: string;
}

describe.skipIf(reasonToSkip !== undefined)('connect-redis', () => {
  let app: Application;
  let store: RedisStore;

  beforeAll(async () => {
    app = await Application.open();
    store = new RedisStore({ client: await app.nodeRedis(), prefix: 'sess:' });
  });
  afterAll(() => app.close());

  /** A web server that counts visits, and forgets them at /leave. */
  async function serve(maxAge: number): Promise<string> {
    const options = { store, secret: 'a secret', resave: false, saveUninitialized: false };
    const middleware = session({ ...options, cookie: { maxAge } }) as unknown as Middleware;
    const handle: RequestListener = (request, response) => {
      middleware(request, response, () => {
        const visitor = request as unknown as Visits;
        if (visitor.url === '/leave') {
          visitor.session.destroy(() => response.end('bye'));
          return;
        }
        visitor.session.visits = (visitor.session.visits ?? 0) + 1;
        response.end(String(visitor.session.visits));
      });
    };
    const web = app.closing(createServer(handle), (open) => open.close());
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  }

  async function visit(url: string, cookie?: string) {
    const response = await fetch(url, cookie === undefined ? {} : { headers: { cookie } });
    const set = response.headers.get('set-cookie')?.split(';')[0];
    return { text: await response.text(), cookie: set ?? cookie };
  }

  it('keeps a session across requests and web servers, and apart from others', async () => {
    const [first, second] = [await serve(60_000), await serve(60_000)];
    const ann = await visit(first);
    expect(ann.text).toBe('1');
    expect((await visit(second, ann.cookie)).text).toBe('2');
    expect((await visit(first, ann.cookie)).text).toBe('3');
    expect((await visit(first)).text).toBe('1');
    expect(await store.length()).toBe(2);
    const ids = await store.ids();
    expect(new Set(ids).size).toBe(2);
    expect((await store.all()).map(({ visits }: { visits: number }) => visits).sort()).toEqual([
      1, 3,
    ]);
  });

  it('ends a session when it is left', async () => {
    const url = await serve(60_000);
    const { cookie } = await visit(url);
    expect((await visit(`${url}/leave`, cookie)).text).toBe('bye');
    expect((await visit(url, cookie)).text).toBe('1');
  });

  it('lets a session expire', async () => {
    const url = await serve(1000);
    const { cookie } = await visit(url);
    expect((await visit(url, cookie)).text).toBe('2');
    await sleep(2100);
    expect((await visit(url, cookie)).text).toBe('1');
  });

  it('clears all', async () => {
    await visit(await serve(60_000));
    await store.clear();
    expect(await store.length()).toBe(0);
  });
});
