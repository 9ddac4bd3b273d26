import { maskUserinfo, maskValues } from '#core';
import type { Principal } from '#core';

/** Who may see the values of headers that were given with a Spec or a process. */
export class HeaderView {
  constructor(private readonly mode: 'plain' | 'masked') {}

  /** Whether it may: those who could also change them, unless nobody may. */
  isOpenTo({ scopes }: Pick<Principal, 'scopes'>): boolean {
    return this.mode === 'plain' && (scopes.has('manage') || scopes.has('admin'));
  }

  /** Headers or cookies as they are shown. */
  values<T>(caller: Pick<Principal, 'scopes'>, values: Readonly<Record<string, T>>): Record<string, T | string> {
    return this.isOpenTo(caller) ? { ...values } : maskValues(values);
  }

  /** An address, which may hold a user and a password. */
  address(caller: Pick<Principal, 'scopes'>, url: string): string {
    return this.isOpenTo(caller) ? url : maskUserinfo(url);
  }
}
