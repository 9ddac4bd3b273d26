/** One backend and how it is closed. */
export interface Opened<T> {
  readonly port: T;
  readonly close: () => Promise<void>;
}
