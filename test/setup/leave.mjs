/**
 * Jest's last act. Once nothing is left to wait for, the process leaves by itself: the orderly way out of Node.js also
 * tears down native modules, and has been seen to spin there for ever. A handle that a test leaves open still keeps
 * the process, and so shows.
 */
export default function leave() {
  process.once('beforeExit', () => process.exit());
}
