/** node-redis's JSON commands against DiskDB, in RESP2 and in RESP3. */

import { createClient } from 'redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { missing, type Server, startServer, subject } from '../support/server.js';

describe.skipIf(missing(subject()) !== undefined)('node-redis and JSON', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer(subject(), { cacheSize: '32MB' });
  });
  afterAll(() => server.stop());

  describe.each([2, 3] as const)('RESP%i', (RESP) => {
    const open = () => createClient({ socket: { port: server.port }, RESP });
    let client: ReturnType<typeof open>;
    beforeAll(async () => {
      client = open();
      await client.connect();
    });
    beforeEach(() => client.flushAll());
    afterAll(() => client.close());

    const bike = {
      model: 'Jigger',
      price: 270.5,
      tags: ['kids', 'é😀'],
      stock: { nyc: 3, sfo: 0 },
    };

    it('sets and gets', async () => {
      expect(await client.json.set('bike', '$', bike)).toBe('OK');
      expect(await client.json.get('bike')).toEqual(bike);
      expect(await client.json.get('bike', { path: '$.tags' })).toEqual([bike.tags]);
      expect(await client.json.get('bike', { path: ['$.model', '$..nyc'] })).toEqual({
        '$.model': ['Jigger'],
        '$..nyc': [3],
      });
      expect(await client.json.get('none')).toBeNull();
      expect(await client.json.set('bike', '$.price', 1, { condition: 'NX' })).toBeNull();
      expect(await client.json.set('bike', '$.new', null, { condition: 'NX' })).toBe('OK');
      expect(await client.json.merge('bike', '$', { new: null, price: 300 })).toBe('OK');
      const many = [
        { key: 'a', path: '$', value: [1] },
        { key: 'bike', path: '$.model', value: 'Solar' },
      ];
      expect(await client.json.mSet(many)).toBe('OK');
      expect(await client.json.mGet(['a', 'bike', 'none'], '$')).toEqual([
        [[1]],
        [{ ...bike, price: 300, model: 'Solar' }],
        null,
      ]);
    });

    it('asks and changes', async () => {
      await client.json.set('bike', '$', bike);
      const types = await client.json.type('bike', { path: '$.*' });
      expect(types).toEqual(['string', 'number', 'array', 'object']);
      expect(await client.json.numIncrBy('bike', '$.stock.*', 2)).toEqual([5, 2]);
      expect(await client.json.numMultBy('bike', '$.price', 2)).toEqual([541]);
      expect(await client.json.strAppend('bike', '!', { path: '$.model' })).toEqual([7]);
      expect(await client.json.strLen('bike', { path: '$.model' })).toEqual([7]);
      expect(await client.json.objKeys('bike', { path: '$.stock' })).toEqual([['nyc', 'sfo']]);
      expect(await client.json.objLen('bike', { path: '$.stock' })).toEqual([2]);
      await client.json.set('bike', '$.sold', false);
      expect(await client.json.toggle('bike', '$.sold')).toEqual([1]);
      expect(await client.json.clear('bike', { path: '$.stock' })).toBe(1);
      expect(await client.json.debugMemory('bike')).toBeGreaterThan(0);
      expect(await client.json.del('bike', { path: '$.tags' })).toBe(1);
      expect(await client.json.forget('bike')).toBe(1);
    });

    it('works on arrays', async () => {
      await client.json.set('list', '$', [1, 2, 3]);
      expect(await client.json.arrAppend('list', '$', 4, { five: 5 })).toEqual([5]);
      expect(await client.json.arrInsert('list', '$', 0, 'zero')).toEqual([6]);
      expect(await client.json.arrIndex('list', '$', 3)).toEqual([3]);
      expect(await client.json.arrPop('list')).toEqual({ five: 5 });
      expect(await client.json.arrPop('list', { path: '$', index: 0 })).toEqual(['zero']);
      expect(await client.json.arrTrim('list', '$', 1, 2)).toEqual([2]);
      expect(await client.json.arrLen('list', { path: '$' })).toEqual([2]);
      expect(await client.json.get('list')).toEqual([2, 3]);
    });

    it('reports errors', async () => {
      await client.set('string', 'x');
      await expect(client.json.get('string')).rejects.toThrow('Existing key has wrong Redis type');
      await expect(client.json.numIncrBy('none', '$', 1)).rejects.toThrow("key that doesn't exist");
      await expect(client.json.get('string', { path: '$[' })).rejects.toThrow('Error occurred');
    });

    it('keeps a document of megabytes', async () => {
      const large = Array.from({ length: 30_000 }, (_, id) => ({ id, name: `name of ${id}` }));
      expect(await client.json.set('large', '$', large)).toBe('OK');
      expect(await client.json.set('large', '$[15000].name', 'another')).toBe('OK');
      expect(await client.json.get('large', { path: '$[15000]' })).toEqual([
        { id: 15_000, name: 'another' },
      ]);
      expect(await client.json.arrAppend('large', '$', 'end')).toEqual([30_001]);
      expect(await client.json.get('large', { path: '$[-1]' })).toEqual(['end']);
      expect((await client.json.get('large')) as unknown[]).toHaveLength(30_001);
    });
  });
});
