import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../native-free-bench/random.js';
import { buildBatch, encodeRequest, fillKeys } from '../../native-free-bench/request-batch.js';

describe('request batches', () => {
  it('encodes a request', () => {
    expect(encodeRequest(['SET', 'k', ''])).toBe('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n');
  });

  it('writes a new number into every mark', () => {
    const command = { arguments: ['GET', 'key:__rand_int__'], weight: 1 };
    const batch = buildBatch([command], 2, seededRandom(1));
    let key = 7;
    fillKeys(batch, () => key++);
    fillKeys(batch, () => key++ * 1000);
    expect(batch.bytes.toString()).toBe(
      encodeRequest(['GET', 'key:000000009000']) + encodeRequest(['GET', 'key:000000010000']),
    );
  });

  it('draws commands by weight', () => {
    const commands = [
      { arguments: ['GET'], weight: 0.9 },
      { arguments: ['SET'], weight: 0.1 },
    ];
    const text = buildBatch(commands, 10_000, seededRandom(3)).bytes.toString();
    const reads = text.split('GET').length - 1;
    expect(reads).toBeGreaterThan(8_800);
    expect(reads).toBeLessThan(9_200);
  });

  it('never draws a command of no weight', () => {
    const commands = [
      { arguments: ['GET'], weight: 1 },
      { arguments: ['SET'], weight: 0 },
    ];
    expect(buildBatch(commands, 1000, seededRandom(5)).bytes.toString()).not.toContain('SET');
  });
});
