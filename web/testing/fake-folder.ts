/** A folder as Chromium's dialogue gives it, in memory. Names are told apart exactly; some are refused, as a browser does. */
type Entry = FakeFolder | FakeFile;

export class FakeFile {
  readonly kind = 'file';
  bytes = new Uint8Array();
  readonly name: string;
  readonly #refuses: (bytes: number) => DOMException | null;

  constructor(name: string, refuses: (bytes: number) => DOMException | null) {
    this.name = name;
    this.#refuses = refuses;
  }

  async createWritable() {
    const parts: Uint8Array[] = [];
    return {
      write: async (part: Uint8Array): Promise<void> => {
        const refused = this.#refuses(part.length);
        if (refused !== null) throw refused;
        parts.push(part);
      },
      close: async (): Promise<void> =>
        void (this.bytes = Uint8Array.from(parts.flatMap((part) => [...part]))),
      abort: async (): Promise<void> => void (parts.length = 0),
    };
  }
}

export class FakeFolder {
  readonly kind = 'directory';
  readonly entries = new Map<string, Entry>();
  readonly name: string;
  readonly refuses: (bytes: number) => DOMException | null;

  /** `refuses`: what writing so many bytes is answered with; null: they are written. */
  constructor(name = 'picked', refuses: (bytes: number) => DOMException | null = () => null) {
    this.name = name;
    this.refuses = refuses;
  }

  get handle(): FileSystemDirectoryHandle {
    return this as unknown as FileSystemDirectoryHandle;
  }

  /** Every file with its size, and every folder in which nothing lies. */
  get tree(): string[] {
    const lines = [...this.entries].flatMap(([name, entry]) => {
      if (entry.kind === 'file') return [`${name} ${entry.bytes.length}`];
      return entry.entries.size === 0 ? [`${name}/`] : entry.tree.map((line) => `${name}/${line}`);
    });
    return lines.sort();
  }

  file(...path: string[]): Uint8Array | null {
    const [name = '', ...more] = path;
    const entry = this.entries.get(name);
    if (entry?.kind === 'directory') return entry.file(...more);
    return more.length === 0 ? (entry?.bytes ?? null) : null;
  }

  async getDirectoryHandle(name: string, { create = false } = {}): Promise<FakeFolder> {
    return this.#open(name, create, 'directory', () => new FakeFolder(name, this.refuses)) as FakeFolder;
  }

  async getFileHandle(name: string, { create = false } = {}): Promise<FakeFile> {
    return this.#open(name, create, 'file', () => new FakeFile(name, this.refuses)) as FakeFile;
  }

  async removeEntry(name: string): Promise<void> {
    this.entries.delete(name);
  }

  #open(name: string, create: boolean, kind: Entry['kind'], make: () => Entry): Entry {
    if (name.endsWith('.lnk')) throw new TypeError('Name is not allowed.');
    const known = this.entries.get(name);
    if (known === undefined && !create) throw new DOMException('', 'NotFoundError');
    if (known !== undefined && known.kind !== kind) throw new DOMException('', 'TypeMismatchError');
    const entry = known ?? make();
    this.entries.set(name, entry);
    return entry;
  }
}
