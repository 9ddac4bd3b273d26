import { SystemClock } from '../../clock/index.js';
import { runMessageBusConformance, sampleEncryption } from '#testing';
import { describeWithServer } from '../../../../test/setup/real-servers.js';
import { RabbitBus } from './rabbit-bus.js';
import { Broker } from './broker.test-kit.js';

describeWithServer(['RABBITMQ_URL'], 'RabbitBus', ({ RABBITMQ_URL: url = '' }) => {
  runMessageBusConformance('RabbitBus', 'between-processes', async () => {
    const clock = new SystemClock();
    const encryption = sampleEncryption();
    const broker = await Broker.connect(url);
    const buses: RabbitBus[] = [];
    const open = async (): Promise<RabbitBus> => {
      const bus = new RabbitBus({ url, clock, encryption, prefix: broker.prefix, firstRetryMs: 20, maxFailures: 3 });
      buses.push(bus);
      bus.start();
      await bus.keeper.connected();
      return bus;
    };
    return {
      bus: await open(),
      wire: { another: open, sendText: (type, text) => broker.send(type, text) },
      pass: async () => undefined,
      now: () => performance.now(),
      deadLetters: () => broker.deadLetters(),
      close: async () => {
        await Promise.all(buses.map((bus) => bus.close()));
      },
      dispose: () => broker.dispose(),
    };
  });
});
