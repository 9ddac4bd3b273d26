// npm run bench [-- NAME OPTIONS]: measures one thing, each beside what it is judged by, in one run. Without a name: calls.
const BENCHES = ['calls', 'documents', 'due', 'large-answer', 'list', 'store'];

const [first = 'calls', ...others] = process.argv.slice(2);
const isNamed = !first.startsWith('-');
const name = isNamed ? first : 'calls';
if (BENCHES.includes(name)) {
  const file = new URL(`./${name}.mjs`, import.meta.url);
  process.argv = [process.argv[0], file.pathname, ...(isNamed ? others : process.argv.slice(2))];
  await import(file);
} else {
  console.error(`Expected one of ${BENCHES.join(', ')}, got ${JSON.stringify(name)}.`);
  process.exitCode = 1;
}
