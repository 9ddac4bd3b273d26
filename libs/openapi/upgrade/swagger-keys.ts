/**
 * Keys that the converter fails on: it calls each object's `hasOwnProperty`, and writes each key as a part of a URL, which
 * half of a surrogate pair cannot be. They travel under other names.
 */
export class HiddenKeys {
  private readonly originals = new Map<string, string>();

  hide(root: object): void {
    this.rename(root, (key) => (isFatal(key) ? this.alias(key) : undefined));
  }

  restore(root: object): void {
    if (this.originals.size > 0) this.rename(root, (key) => this.originals.get(key));
  }

  private alias(key: string): string {
    const alias = `\ue068${this.originals.size}`;
    this.originals.set(alias, key);
    return alias;
  }

  private rename(node: object, nameOf: (key: string) => string | undefined): void {
    for (const [key, value] of Object.entries(node) as [string, unknown][]) {
      const name = nameOf(key);
      if (name !== undefined) {
        Reflect.deleteProperty(node, key);
        Reflect.set(node, name, value);
      }
      if (typeof value === 'object' && value !== null) this.rename(value, nameOf);
    }
  }
}

function isFatal(key: string): boolean {
  return key === 'hasOwnProperty' || /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(key);
}
