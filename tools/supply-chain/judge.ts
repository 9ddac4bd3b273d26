/** A known vulnerability that stays for want of a release that mends it, because it cannot be reached here. */
export interface Acceptance {
  readonly name: string;
  /** The locked version, and no other. */
  readonly version: string;
  /** The release that mends it: whatever another one mends is not accepted by this. */
  readonly mendedBy: string;
  readonly advisory: string;
  /** Why it cannot be reached. */
  readonly reason: string;
  /** The tests that fail when that is no longer so. */
  readonly keptBy: readonly { readonly file: string; readonly test: string }[];
}

/** What is used of the report of `npm audit --json`, of npm 7 or newer. */
export interface AuditReport {
  readonly vulnerabilities: Readonly<Record<string, AuditEntry>>;
}

interface AuditEntry {
  readonly name: string;
  readonly severity: string;
  /** Advisories, and the names of packages that it depends on and that have some. */
  readonly via: readonly (Advisory | string)[];
  /** The folders that it is installed in. */
  readonly nodes: readonly string[];
}

interface Advisory {
  readonly title: string;
  readonly url: string;
  readonly severity: string;
  readonly range: string;
}

/** A package of the lock file. */
export interface Locked {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

const BAD = new Set(['high', 'critical']);

/** Judges a report: whatever is high or critical is a fault, unless it is accepted. Both in sentences. */
export function judge(
  report: AuditReport,
  accepted: readonly Acceptance[],
  locked: readonly Locked[],
): { readonly faults: string[]; readonly borne: string[] } {
  const versions = new Map(locked.map(({ folder, version }) => [folder, version]));
  const faults: string[] = [];
  const borne: string[] = [];
  for (const { name, severity, via, nodes } of Object.values(report.vulnerabilities)) {
    const at = [...new Set(nodes.map((folder) => versions.get(folder) ?? 'an unknown version'))];
    const isBorne = ({ range }: Advisory) =>
      at.length > 0 && at.every((version) => accepted.some((each) => isOf(each, { name, version, range })));
    for (const cause of via) {
      if (typeof cause === 'string' || !BAD.has(cause.severity)) continue;
      const sentence = `${name} ${at.join(', ')} (${cause.range}): ${cause.severity}, ${cause.title}, ${cause.url}`;
      (isBorne(cause) ? borne : faults).push(sentence);
    }
    // What it depends on has an entry of its own.
    const isTold = via.some((cause) =>
      typeof cause === 'string' ? report.vulnerabilities[cause] !== undefined : BAD.has(cause.severity),
    );
    if (BAD.has(severity) && !isTold) faults.push(`${name} ${at.join(', ')}: ${severity}, for no reason that is told`);
  }
  return { faults, borne };
}

/** What is accepted of another version than the locked one, in sentences: it is to be judged again, or to go. */
export function outdated(accepted: readonly Acceptance[], locked: readonly Locked[]): string[] {
  return accepted.flatMap(({ name, version, mendedBy }) => {
    const here = new Set(locked.filter((each) => each.name === name).map((each) => each.version));
    if (here.size === 1 && here.has(version)) return [];
    const got = here.size === 0 ? 'none' : [...here].join(', ');
    return [`Expected ${name} ${version} to be locked, of which what ${mendedBy} mends is accepted, got ${got}.`];
  });
}

function isOf(each: Acceptance, found: { name: string; version: string; range: string }): boolean {
  return each.name === found.name && each.version === found.version && each.mendedBy === endOf(found.range);
}

/** The first version behind a range such as `>=9.0.0 <=11.6.5` or `<11.6.6`; undefined where it has no such end. */
function endOf(range: string): string | undefined {
  const [, orEqual, start, patch] = /<(=?)\s*(\d+\.\d+\.)(\d+)$/.exec(range.trim()) ?? [];
  return start === undefined ? undefined : `${start}${Number(patch) + (orEqual === '=' ? 1 : 0)}`;
}
