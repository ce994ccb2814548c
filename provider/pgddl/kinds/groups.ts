/** How long a group that was read speaks for its members: a refresh reads hundreds of them within it. */
const freshMs = 2_000;

/** Objects that are read together, so that a refresh costs a query a group and not a query an object. */
export class Groups<Live> {
  readonly #read = new Map<
    string,
    { readonly at: number; readonly members: Promise<ReadonlyMap<string, Live>> }
  >();

  /** @param read called unless the group was read a moment ago */
  of(name: string, read: () => Promise<ReadonlyMap<string, Live>>): Promise<ReadonlyMap<string, Live>> {
    const known = this.#read.get(name);
    if (known && Date.now() - known.at < freshMs) return known.members;
    const members = read();
    this.#read.set(name, { at: Date.now(), members });
    // A failure is the first reader's to tell; the next one tries again.
    members.catch(() => this.#read.delete(name));
    return members;
  }

  /** To be called before anything changes. */
  forget(): void {
    this.#read.clear();
  }
}
