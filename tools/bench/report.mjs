// How the benchmarks print.
/** A title above figures. */
export function title(text) {
  console.log(`\n${text}`);
}

/** One figure. */
export function figure(what, value) {
  console.log(`  ${what.padEnd(64)} ${value}`);
}

/** One figure beside what it has to be; the exit code tells whether all were met. */
export function bar(what, value, isMet, wanted) {
  figure(what, `${value}   ${isMet ? 'met' : 'NOT MET'}: ${wanted}`);
  if (!isMet) process.exitCode = 1;
}

export function skipped(what, why) {
  figure(what, `left out: ${why}`);
}

export function ms(value) {
  return `${value.toFixed(1)} ms`;
}

export function perSecond(value) {
  return `${Math.round(value)} a second`;
}
