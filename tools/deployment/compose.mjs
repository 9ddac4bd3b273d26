// What must hold of docker-compose.yaml.
import { randomBytes } from 'node:crypto';
import { readCompose } from './reader.mjs';

const PASSWORD = 'API_SCHEDULER_AUTH_PASSWORD';
const KEY = 'CALLBOARD_ENCRYPTION_KEY';
const OPERATOR = { [PASSWORD]: 'a password of our own', [KEY]: randomBytes(32).toString('base64') };
const SERVICES = ['api', 'apidoc', 'minio', 'mongodb', 'rabbitmq', 'redis', 'worker'];
const OURS = ['api', 'apidoc', 'worker'];

/**
 * Reads docker-compose.yaml as an operator would and checks what it amounts to.
 * @param {object} dockerfile as `readDockerfile` gives it
 * @param {(holds: unknown, claim: string) => void} expect
 * @returns {object} the services, with a password and a key of one's own
 */
export function checkCompose(dockerfile, expect) {
  for (const name of [PASSWORD, KEY]) {
    const said = refusal({ ...OPERATOR, [name]: '' });
    expect(said.includes(name), `without ${name} nothing starts, and the message names it`);
  }
  const { services, volumes = {} } = readCompose(OPERATOR);
  expect(Object.keys(services).sort().join() === SERVICES.join(), `the services are ${SERVICES.join(', ')}`);

  const stages = new Map(dockerfile.stages.map((stage) => [stage.name, stage]));
  const isChecked = (name) =>
    services[name].healthcheck?.test !== undefined ||
    stages.get(services[name].build?.target)?.instructions.some((each) => each.name === 'HEALTHCHECK');
  for (const [name, service] of Object.entries(services)) {
    expect(isChecked(name), `${name} has a health check`);
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(condition === 'service_healthy' && isChecked(other), `${name} waits until ${other} is healthy`);
    }
    for (const volume of service.volumes ?? []) {
      expect(volume.type === 'volume' && volume.source in volumes, `${name} keeps ${volume.target} in a named volume`);
    }
    expect(service.container_name === undefined, `${name} has no fixed name, so that it can be scaled`);
  }
  for (const name of OURS) checkConfined(name, services[name], stages, expect);
  for (const name of SERVICES.filter((each) => !['api', 'apidoc'].includes(each))) {
    const loopback = (services[name].ports ?? []).every((port) => port.host_ip === '127.0.0.1');
    expect(loopback, `${name} can be reached from this machine only`);
  }
  checkPorts(services, expect);
  return services;
}

/** What a container of ours may do: nothing that it does not need. */
function checkConfined(name, service, stages, expect) {
  const { read_only: readOnly, cap_drop: dropped, cap_add: added = [], build, tmpfs = [], pids_limit: pids } = service;
  expect(
    readOnly && String(dropped) === 'ALL' && added.length === 0,
    `${name} runs on a read-only file system, without capabilities`,
  );
  expect(service.security_opt?.includes('no-new-privileges:true'), `${name} cannot gain privileges`);
  const isBare = (mount) =>
    ['noexec', 'nosuid', 'nodev'].every((option) => mount.includes(option)) && /size=\d/.test(mount);
  expect(
    tmpfs.length > 0 && tmpfs.every(isBare),
    `${name} can start nothing that it has written to /tmp, which has a size`,
  );
  expect(pids > 0, `${name} has a limit of processes`);
  const isShared =
    service.privileged || service.network_mode || service.pid || service.ipc || service.user || service.devices;
  expect(!isShared, `${name} shares nothing with the machine but its ports, and runs as the image's user`);
  expect(stages.has(build?.target), `${name} is built from a target of the Dockerfile`);
}

function checkPorts(services, expect) {
  expect(unique(portsOf(services)), 'no two services want one port of the machine');
  const scaled = readCompose({ ...OPERATOR, WORKER_PORTS: '18081-18083' }).services;
  expect(portsOf({ worker: scaled.worker }).length === 3, 'WORKER_PORTS=18081-18083 gives three workers a port each');
  expect(unique(portsOf(scaled)), 'the ports of three workers are clear of all others');
  const moved = readCompose({ ...OPERATOR, API_PORT: '9090', WORKER_PORT: '9091', APIDOC_PORT: '9092' }).services;
  const published = OURS.map((name) => portsOf({ [name]: moved[name] }));
  expect(String(published) === '9090,9092,9091', 'API_PORT, WORKER_PORT and APIDOC_PORT move the ports of the machine');
}

/** The ports of the machine, ranges written out. */
function portsOf(services) {
  return Object.values(services)
    .flatMap((service) => service.ports ?? [])
    .flatMap(({ published }) => {
      const [first, last = first] = published.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

function unique(values) {
  return new Set(values).size === values.length;
}

function refusal(variables) {
  try {
    readCompose(variables);
    return '';
  } catch (error) {
    return error.message;
  }
}
