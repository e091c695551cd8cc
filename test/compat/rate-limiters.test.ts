/** rate-limiter-flexible: points that are counted by a script, for a time, by many at once. */

import { setTimeout as sleep } from 'node:timers/promises';
import { RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Application, reasonToSkip } from '../support/application.js';

describe.skipIf(reasonToSkip !== undefined)('rate-limiter-flexible', () => {
  let app: Application;
  beforeAll(async () => {
    app = await Application.open();
  });
  afterAll(() => app.close());

  const clients = {
    ioredis: async () => ({ storeClient: app.ioredis() }),
    'node-redis': async () => ({ storeClient: await app.nodeRedis(), useRedisPackage: true }),
  };

  describe.each(Object.entries(clients))('through %s', (keyPrefix, open) => {
    async function limiter(points: number, duration: number, blockDuration = 0) {
      return new RateLimiterRedis({
        ...(await open()),
        keyPrefix,
        points,
        duration,
        blockDuration,
      });
    }

    it('lets so many pass of those who come at once', async () => {
      const subject = await limiter(5, 60);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 12 }, () => subject.consume('crowd')),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
      const now = (await subject.get('crowd')) as RateLimiterRes;
      expect(now).toMatchObject({ consumedPoints: 12, remainingPoints: 0 });
      expect(now.msBeforeNext).toBeGreaterThan(50_000);
    });

    it('forgets after its time', async () => {
      const subject = await limiter(1, 1);
      await subject.consume('k');
      await expect(subject.consume('k')).rejects.toMatchObject({ remainingPoints: 0 });
      await sleep(1100);
      expect((await subject.consume('k')).consumedPoints).toBe(1);
    });

    it('blocks who came too often, gives points back, and deletes', async () => {
      const subject = await limiter(2, 1, 60);
      await subject.consume('guest', 2);
      const refusal = await subject.consume('guest').catch((reason: RateLimiterRes) => reason);
      expect(refusal.msBeforeNext).toBeGreaterThan(50_000);
      expect(await subject.delete('guest')).toBe(true);
      await subject.penalty('guest', 3);
      expect((await subject.reward('guest', 2)).consumedPoints).toBe(1);
    });
  });
});
