/**
 * The headers of one call: the Spec's defaults, replaced by the process's own wherever the names are equal without
 * regard to case (RFC 9110 section 5.1). A replaced header keeps its place and takes the process's spelling.
 */
export function mergeHeaders(
  spec: Readonly<Record<string, string>>,
  process: Readonly<Record<string, string>> | null,
): Record<string, string> {
  const merged = new Map<string, [string, string]>();
  for (const [name, value] of Object.entries(spec)) merged.set(name.toLowerCase(), [name, value]);
  for (const [name, value] of Object.entries(process ?? {})) merged.set(name.toLowerCase(), [name, value]);
  return Object.fromEntries(merged.values());
}
