/** What PFSELFTEST tests: the registers of both forms, and the error of the estimate. */

import { emptyHyperloglog, raise, registerOf } from './bytes.js';
import { estimate } from './estimate.js';
import { histogramOf, toDense } from './registers.js';

const CHECKPOINTS = [10, 100, 1000, 10_000, 100_000];
const MOST_SPARSE = 3000;
/** Four times the standard error of 16384 registers: 1.04 / sqrt(16384). */
const ERROR = 4 * 0.008_125;

/** What is wrong; undefined if nothing is. */
export function selfTest(): string | undefined {
  let bytes = emptyHyperloglog();
  let dense = toDense(bytes);
  let added = 0;
  for (const checkpoint of CHECKPOINTS) {
    for (; added < checkpoint; added++) {
      const { index, rank } = registerOf(`element ${added}`);
      bytes = raise(bytes, index, rank, MOST_SPARSE) ?? bytes;
      dense = raise(dense, index, rank, 0) ?? dense;
    }
    const found = estimate(histogramOf(bytes));
    if (found !== estimate(histogramOf(dense))) return 'dense/sparse disagree';
    const error = Math.abs(Number(found) - added);
    if (error > Math.ceil(added * ERROR)) return `Too big error. card:${added} abserr:${error}`;
  }
  return undefined;
}
