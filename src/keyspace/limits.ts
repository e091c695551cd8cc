/** What a transaction may not exceed. */

/** The transaction is undone, and its request gets an error. */
export class CommandTooLarge extends Error {
  constructor(limit: number) {
    super(`the transaction would hold more than max_transaction_size (${limit} bytes) in memory`);
    this.name = 'CommandTooLarge';
  }
}
