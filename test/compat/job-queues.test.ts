/** BullMQ: jobs, in order and by priority, delayed, repeated, retried, limited in rate, and flows of them. */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  FlowProducer,
  type Job,
  type Processor,
  Queue,
  QueueEvents,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Application, reasonToSkip } from '../support/application.js';

describe.skipIf(reasonToSkip !== undefined)('BullMQ', () => {
  let app: Application;
  beforeAll(async () => {
    app = await Application.open();
  });
  afterAll(() => app.close());

  function connection() {
    const { host, port } = app.server;
    return { host, port, maxRetriesPerRequest: null };
  }

  function openQueue(name: string): Queue {
    return app.closing(new Queue(name, { connection: connection() }), (queue) => queue.close());
  }

  async function openEvents(name: string): Promise<QueueEvents> {
    const events = new QueueEvents(name, { connection: connection() });
    await events.waitUntilReady();
    return app.closing(events, (open) => open.close());
  }

  function work(name: string, run: Processor, options: Partial<WorkerOptions> = {}): Worker {
    const worker = new Worker(name, run, { connection: connection(), ...options });
    return app.closing(worker, (open) => open.close(true));
  }

  it('runs jobs in order, and those of higher priority first', async () => {
    const queue = openQueue('order');
    for (let i = 0; i < 5; i++) await queue.add('plain', { i });
    await queue.add('later', { i: 9 }, { priority: 10 });
    await queue.add('sooner', { i: 8 }, { priority: 1 });
    const events = await openEvents('order');
    const done: number[] = [];
    const last = (await queue.getJobs(['prioritized'])).find(({ name }) => name === 'later');
    work('order', async (job: Job) => done.push(job.data.i));
    await last?.waitUntilFinished(events);
    expect(done).toEqual([0, 1, 2, 3, 4, 8, 9]);
    expect(await queue.getJobCounts('completed', 'waiting', 'failed')).toEqual({
      completed: 7,
      waiting: 0,
      failed: 0,
    });
  });

  it('returns what a job returns, shares jobs among workers, and runs each once', async () => {
    const queue = openQueue('many');
    const events = await openEvents('many');
    const runs = new Map<string, number>();
    const run = async (job: Job): Promise<number> => {
      runs.set(String(job.id), (runs.get(String(job.id)) ?? 0) + 1);
      return job.data.n * 2;
    };
    for (let i = 0; i < 3; i++) work('many', run, { concurrency: 5 });
    const data = Array.from({ length: 60 }, (_, n) => ({ name: 'double', data: { n } }));
    const jobs = await queue.addBulk(data);
    const results = await Promise.all(jobs.map((job) => job.waitUntilFinished(events)));
    expect(results).toEqual(data.map(({ data: { n } }) => n * 2));
    expect([...runs.values()]).toEqual(Array(60).fill(1));
  });

  it('runs a delayed job when its time has come', async () => {
    const queue = openQueue('delayed');
    const events = await openEvents('delayed');
    work('delayed', async () => Date.now());
    const start = Date.now();
    const job = await queue.add('x', {}, { delay: 500 });
    expect(await job.isDelayed()).toBe(true);
    expect((await job.waitUntilFinished(events)) - start).toBeGreaterThanOrEqual(495);
  });

  it('tries again what has failed, later each time, and keeps what fails for good', async () => {
    const queue = openQueue('retries');
    const events = await openEvents('retries');
    work('retries', async (job: Job) => {
      if (job.name === 'hopeless' || job.attemptsMade < 2) throw new Error('not yet');
      return 'at last';
    });
    const options = { attempts: 3, backoff: { type: 'exponential', delay: 20 } };
    const job = await queue.add('hopeful', {}, options);
    expect(await job.waitUntilFinished(events)).toBe('at last');
    const failing = await queue.add('hopeless', {}, options);
    await expect(failing.waitUntilFinished(events)).rejects.toThrow('not yet');
    expect(await queue.getFailedCount()).toBe(1);
    expect((await queue.getFailed())[0]?.attemptsMade).toBe(3);
  });

  it('repeats', async () => {
    const queue = openQueue('repeated');
    const times: number[] = [];
    work('repeated', async () => times.push(Date.now()));
    await queue.upsertJobScheduler('tick', { every: 100, limit: 4 }, { name: 'tick' });
    expect((await queue.getJobSchedulers()).map(({ key }) => key)).toEqual(['tick']);
    while (times.length < 4) await sleep(20);
    await queue.removeJobScheduler('tick');
    expect(await queue.getJobSchedulers()).toEqual([]);
  });

  it('keeps to a rate', async () => {
    const queue = openQueue('limited');
    const events = await openEvents('limited');
    const jobs = await queue.addBulk(Array.from({ length: 6 }, () => ({ name: 'x', data: {} })));
    const start = Date.now();
    work('limited', async () => undefined, { limiter: { max: 2, duration: 300 } });
    await Promise.all(jobs.map((job) => job.waitUntilFinished(events)));
    expect(Date.now() - start).toBeGreaterThanOrEqual(590);
  });

  it('runs a parent when all its children have', async () => {
    const flows = app.closing(new FlowProducer({ connection: connection() }), (open) =>
      open.close(),
    );
    const events = await openEvents('parents');
    work('children', async (job: Job) => job.data.n);
    work('parents', async (job: Job) => {
      const values: number[] = Object.values(await job.getChildrenValues());
      return values.reduce((sum, value) => sum + value, 0);
    });
    const children = [1, 2, 3].map((n) => ({ name: 'part', queueName: 'children', data: { n } }));
    const { job } = await flows.add({ name: 'sum', queueName: 'parents', children });
    expect(await job.waitUntilFinished(events)).toBe(6);
  });

  it('stops while it is paused, and empties', async () => {
    const queue = openQueue('paused');
    const done: string[] = [];
    work('paused', async (job: Job) => done.push(job.name));
    await queue.pause();
    await queue.add('one', {});
    await sleep(200);
    expect(done).toEqual([]);
    await queue.resume();
    while (done.length < 1) await sleep(20);
    await queue.obliterate({ force: true });
    expect(await queue.getJobCounts()).toMatchObject({ completed: 0, waiting: 0 });
  });
});
