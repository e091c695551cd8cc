/** What Node has of WebAssembly, as far as it is used here: the types of Node leave it to those of browsers. */

declare namespace WebAssembly {
  type ImportValue = (...values: never[]) => unknown;
  type Imports = Record<string, Record<string, ImportValue>>;

  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }

  interface Table {
    get(index: number): unknown;
    set(index: number, value: unknown): void;
    grow(by: number): number;
  }

  class Module {
    constructor(bytes: Uint8Array);
    static imports(module: Module): readonly { readonly module: string; readonly name: string }[];
  }

  class Instance {
    constructor(module: Module, imports: Imports);
    readonly exports: Record<string, unknown>;
  }
}
