/** A store under test. */
export interface StoreHarness<Store> {
  /** Empty at first. */
  readonly store: Store;
  /** A second store on the same data, as another worker has it; the same object where only one can be. */
  readonly other: Store;
  close(): Promise<void>;
}

/** Makes a fresh harness; called before each test. */
export type MakeStore<Store> = () => Promise<StoreHarness<Store>>;
