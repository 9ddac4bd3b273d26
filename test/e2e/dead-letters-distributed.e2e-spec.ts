import { connect } from 'amqplib';
import { describeWithServer } from '../setup/real-servers.js';
import { describeDeadLetters } from './dead-letters.js';
import { isolated, startDistributed } from './deployment.js';

const servers = ['MONGODB_URI', 'RABBITMQ_URL', 'REDIS_URL', 'S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

describeWithServer(servers, 'on real servers', (env) => {
  const own = { ...env, ...(env.MONGODB_URI && isolated(env)) };
  const sendText = async (text: string): Promise<void> => {
    const model = await connect(own.RABBITMQ_URL ?? '');
    const channel = await model.createConfirmChannel();
    channel.sendToQueue(`${own.RABBITMQ_PREFIX ?? ''}.spec`, Buffer.from(text), { persistent: true });
    await channel.waitForConfirms();
    await model.close();
  };
  describeDeadLetters('dead letters, with api, two workers and apidoc apart', () => startDistributed(own), sendText);
});
