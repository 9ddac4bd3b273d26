import { describe, expect, it } from '@jest/globals';
import { withoutCredentials } from './address.js';

describe('withoutCredentials', () => {
  it.each([
    ['amqp://guest:guest@rabbitmq:5672/', 'amqp://rabbitmq:5672/'],
    ['amqp://rabbitmq:5672/vhost', 'amqp://rabbitmq:5672/vhost'],
    ['amqp://user:p@ss:w0rd@rabbitmq/', 'amqp://rabbitmq/'],
    ['redis://:secret@[::1]:6379/0', 'redis://[::1]:6379/0'],
    ['mongodb+srv://u:p@a:1,b:2/db?authSource=admin&password=x', 'mongodb+srv://a:1,b:2/db'],
    ['mongodb://mongodb:27017', 'mongodb://mongodb:27017'],
    ['http://host/path/user@example', 'http://host/path/user@example'],
  ])('prints %s as %s', (url, printed) => {
    expect(withoutCredentials(url)).toBe(printed);
  });
});
