import { setMaxListeners } from 'node:events';

/** What was started and has to be ended, the last one first, however the run goes. */
export class Ending {
  undos = [];
  abort = new AbortController();

  constructor() {
    setMaxListeners(0, this.abort.signal);
    for (const signal of ['SIGINT', 'SIGTERM']) {
      process.on(signal, () => this.abort.abort(new Error(`Stopped by ${signal}.`)));
    }
  }

  /** Stops the run. */
  fail = (error) => {
    this.abort.abort(error);
  };

  /** Aborts when the run is to stop. */
  get signal() {
    return this.abort.signal;
  }

  add = (undo) => {
    this.undos.push(undo);
  };

  /** How much has been started so far. */
  get mark() {
    return this.undos.length;
  }

  /** Ends all that was started since a mark; what cannot be ended is told and does not keep the rest. */
  async run(say, mark = 0) {
    for (const undo of this.undos.splice(mark).reverse()) {
      try {
        await undo();
      } catch (error) {
        say(`could not be ended: ${error.message}`);
        process.exitCode = 1;
      }
    }
  }
}
