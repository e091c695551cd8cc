import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatedFiles } from '../../../src/base/simulated-files.js';
import { decodeSegmentHeader, encodeSegmentHeader } from '../../../src/storage/log/frame.js';
import { isBad, SegmentReader } from '../../../src/storage/log/segment.js';
import { verifySegment } from '../../../src/storage/log/verify.js';
import { WriteAheadLog } from '../../../src/storage/log/wal.js';
import { DIRECTORY, transaction } from '../harness.js';

const HEADER = {
  segment: 42,
  baseLsn: 2 ** 40 + 1,
  salt: 0xfedcba98,
  runId: 'ab'.repeat(20),
  epoch: 3,
};
const START = { segment: 1, nextLsn: 1, state: 'state', unfolded: [] };

function newLog(files: SimulatedFiles, spillBytes: number): WriteAheadLog {
  files.makeDirectorySync(`${DIRECTORY}/wal`);
  const clock = { now: () => 1_700_000_000_000, monotonic: () => 0 };
  const options = { files, directory: DIRECTORY, clock, runId: HEADER.runId, epoch: 1 };
  return new WriteAheadLog({ ...options, enabled: true, spillBytes }, START);
}

describe('a segment header', () => {
  it('comes back as it was written', () => {
    expect(decodeSegmentHeader(encodeSegmentHeader(HEADER))).toEqual(HEADER);
  });

  it('is none with any byte changed', () => {
    const bytes = encodeSegmentHeader(HEADER);
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(decodeSegmentHeader(damaged)).toBeUndefined();
    }
  });

  it('may be of the format before, and of no later one', () => {
    const ofFormat = (format: number): Buffer => {
      const bytes = encodeSegmentHeader(HEADER);
      bytes.writeUInt16BE(format, 8);
      bytes.writeUInt32BE(crc32(bytes.subarray(0, 60)), 60);
      return bytes;
    };
    expect(decodeSegmentHeader(ofFormat(1))).toEqual(HEADER);
    expect(decodeSegmentHeader(ofFormat(2))).toEqual(HEADER);
    const refused = expect.objectContaining({ code: 'FORMAT_UNKNOWN' });
    expect(() => decodeSegmentHeader(ofFormat(3))).toThrow(refused);
  });
});

describe('a segment', () => {
  const groups = fc.array(
    fc.array(fc.dictionary(text(20), fc.option(text(200), { nil: undefined }), { maxKeys: 5 }), {
      maxLength: 4,
    }),
    { maxLength: 6 },
  );

  it('is read back as written, whatever the groups and wherever they were split', () => {
    fc.assert(
      fc.property(groups, fc.integer({ min: 1, max: 400 }), (written, spillBytes) => {
        const files = new SimulatedFiles();
        const log = newLog(files, spillBytes);
        for (const group of written) {
          for (const pairs of group) transaction(log, pairs);
          log.flush();
        }
        const reader = new SegmentReader(files, DIRECTORY, 1);
        const report = verifySegment(reader);
        const changes = written.flat().reduce((sum, pairs) => sum + Object.keys(pairs).length, 0);
        expect(report).toMatchObject({ bad: undefined, lastLsn: changes, validEnd: log.size });
        expect(log.nextLsn).toBe(changes + 1);
      }),
    );
  });

  it('is recognized as damaged with any byte behind the header changed', () => {
    const files = new SimulatedFiles();
    const log = newLog(files, 1000);
    transaction(log, { ma: '1', mb: undefined });
    log.flush();
    const path = `${DIRECTORY}/wal/0000000001.wal`;
    for (let at = 64; at < log.size; at++) {
      files.flip(path, at, 0x04);
      expect(verifySegment(new SegmentReader(files, DIRECTORY, 1)).bad).toBeDefined();
      files.flip(path, at, 0x04);
    }
  });

  it('does not take a frame inside a value for one of its own', () => {
    const files = new SimulatedFiles();
    const log = newLog(files, 1 << 20);
    transaction(log, { ma: '1' });
    log.flush();
    const first = new SegmentReader(files, DIRECTORY, 1);
    first.next();
    const frame = first.next();
    if (!frame || isBad(frame)) throw new Error('no frame');
    // The same bytes as a value: the CRC starts from this segment's salt, which another's does not.
    const other = new SimulatedFiles();
    const second = newLog(other, 1 << 20);
    transaction(second, { mb: frame.bytes.toString('latin1') });
    second.flush();
    const reader = new SegmentReader(other, DIRECTORY, 1);
    const at = reader.find(frame.bytes.subarray(0, 4), 130) ?? 0;
    expect(at).toBeGreaterThan(0);
    reader.offset = at;
    expect(reader.next()).toMatchObject({ bad: expect.stringContaining('checksum') });
  });
});

function text(maxLength: number): fc.Arbitrary<string> {
  return fc
    .uint8Array({ minLength: 1, maxLength })
    .map((bytes) => `m${Buffer.from(bytes).toString('latin1')}`);
}
