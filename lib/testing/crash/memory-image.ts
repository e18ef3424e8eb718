/** What a disk holds: folders of names, and the bytes that the names stand for. */
export interface MemoryImage {
  /** By folder's number, the numbers that its names stand for. */
  readonly folders: ReadonlyMap<number, ReadonlyMap<string, number>>;
  /** By file's number. */
  readonly files: ReadonlyMap<number, Uint8Array>;
}

/** The number of the folder `/`. */
export const ROOT = 1;

export const emptyImage: MemoryImage = { folders: new Map([[ROOT, new Map()]]), files: new Map() };

/** What happened to a disk, in order; `file` and `folder` are numbers. */
export type DiskOperation =
  | { readonly type: 'create'; readonly folder: number; readonly name: string; readonly file: number }
  | { readonly type: 'mkdir'; readonly folder: number; readonly name: string; readonly made: number }
  | {
      readonly type: 'rename';
      readonly folder: number;
      readonly from: string;
      readonly to: string;
      readonly file: number;
    }
  | { readonly type: 'unlink'; readonly folder: number; readonly name: string }
  | { readonly type: 'write'; readonly file: number; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: 'sync'; readonly file: number }
  /** A sync that failed: what was not durable before will never be for sure, not even by a later sync. */
  | { readonly type: 'lose'; readonly file: number }
  | { readonly type: 'syncDir'; readonly folder: number }
  /** What the program under test said it had reached, such as an acknowledged save. */
  | { readonly type: 'note'; readonly note: unknown };

/** A changeable copy of an image. */
export class Disk implements MemoryImage {
  readonly folders: Map<number, Map<string, number>>;
  readonly files: Map<number, Uint8Array>;

  constructor(image: MemoryImage) {
    this.folders = new Map([...image.folders].map(([folder, names]) => [folder, new Map(names)]));
    this.files = new Map(image.files);
  }

  /** Does what an operation does; one whose forerunner was lost does what is left of it. */
  apply(operation: DiskOperation): void {
    switch (operation.type) {
      case 'create':
        this.#names(operation.folder).set(operation.name, operation.file);
        this.#write(operation.file, 0, new Uint8Array());
        break;
      case 'mkdir':
        this.#names(operation.folder).set(operation.name, operation.made);
        this.#names(operation.made);
        break;
      case 'rename': {
        const names = this.#names(operation.folder);
        if (names.get(operation.from) === operation.file) names.delete(operation.from);
        names.set(operation.to, operation.file);
        if (!this.folders.has(operation.file)) this.#write(operation.file, 0, new Uint8Array());
        break;
      }
      case 'unlink':
        this.#names(operation.folder).delete(operation.name);
        break;
      case 'write':
        this.#write(operation.file, operation.offset, operation.bytes);
        break;
      case 'sync':
      case 'lose':
      case 'syncDir':
      case 'note':
        break;
      default:
        operation satisfies never;
    }
  }

  #names(folder: number): Map<string, number> {
    const names = this.folders.get(folder) ?? new Map<string, number>();
    this.folders.set(folder, names);
    return names;
  }

  #write(file: number, offset: number, bytes: Uint8Array): void {
    const before = this.files.get(file) ?? new Uint8Array();
    const after = new Uint8Array(Math.max(before.length, offset + bytes.length));
    after.set(before);
    after.set(bytes, offset);
    this.files.set(file, after);
  }
}

/** A text that is the same for two images if and only if a program sees the same in both. */
export function imageKey(image: MemoryImage, folder = ROOT): string {
  const names = [...(image.folders.get(folder) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = names.map(([name, number]) => {
    const inside = image.folders.has(number) ? imageKey(image, number) : binary(image.files.get(number));
    return `${JSON.stringify(name)}:${inside}`;
  });
  return `{${parts.join(',')}}`;
}

function binary(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : JSON.stringify(String.fromCharCode(...bytes));
}
