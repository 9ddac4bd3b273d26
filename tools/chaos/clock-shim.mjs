// Loaded into a process of Callboard (--import): SIGUSR2 sets its clock back by an hour, for all that it runs.
const SystemDate = Date;
const HOUR_MS = 3_600_000;
let offsetMs = 0;

globalThis.Date = class extends SystemDate {
  constructor(...given) {
    if (given.length === 0) super(SystemDate.now() + offsetMs);
    else super(...given);
  }

  static now() {
    return SystemDate.now() + offsetMs;
  }
};

process.on('SIGUSR2', () => {
  offsetMs -= HOUR_MS;
});
