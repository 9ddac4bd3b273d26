import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { credentialsSchema } from './credentials.js';
import { headerMap, headerParameters } from './header-map.js';
import { checkedBody } from './validation.js';

function fault(headers: z.ZodType, name: string, value: unknown): string | null {
  return faultOf(z.object({ headers }), { headers: { [name]: value } });
}

function faultOf(schema: z.ZodType, value: unknown): string | null {
  try {
    checkedBody(schema, value);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('headers of a call', () => {
  const OF_THE_CONNECTION = [
    ...['Host', 'HOST', 'Connection', 'Keep-Alive', 'TE', 'Trailer', 'Transfer-Encoding', 'Upgrade', 'Expect'],
    ...['Content-Length', 'HTTP2-Settings', 'Proxy-Authorization', 'Proxy-Connection', 'Proxy-Anything'],
  ];
  test.each(OF_THE_CONNECTION)('that the connection makes are refused by name: %s', (name) => {
    const sentence = `Expected headers.${name} to be absent: the connection itself makes this header, got `;
    expect(fault(headerMap, name, '1')).toContain(sentence);
    expect(fault(headerParameters, name, ['1'])).toContain(sentence);
  });

  test.each(['a\r\nX: 1', 'a\nb', 'a\rb', 'a\u0000b', 'a\u007fb', 'a\u010db', 'a\u560ab', '日'])(
    'that could end early are refused by name: %j',
    (value) => {
      expect(fault(headerMap, 'X-Bad', value)).toMatch(/^Expected headers\.X-Bad to be a header value: no line breaks/);
      const credentials = { key: { value } };
      expect(faultOf(z.object({ credentials: credentialsSchema }), { credentials })).toContain('credentials.key');
    },
  );

  test.each([
    ['Authorization: Bearer s3cr3t', 'a string of 28 characters'],
    ['X Y', 'a string of 3 characters'],
    ['', 'an empty string'],
  ])('whose names are none are refused without a word of them: %j', (name, got) => {
    const sentence = `Expected the names in headers to be those of headers (letters, digits and !#$%&'*+-.^_\`|~), got ${got}.`;
    expect(fault(headerMap, name, '1')).toBe(sentence);
    expect(fault(headerMap, name, 1)).toBe(sentence);
    expect(fault(headerParameters, name, ['1'])).toBe(sentence);
  });

  test('that come twice are refused by name', () => {
    const headers = { 'X-One': '1', 'x-one': '2' };
    expect(faultOf(z.object({ headers: headerMap }), { headers })).toBe(
      'Expected headers.x-one to be given once: it is there as "X-One" too, and header names have no case, got a string of 1 character.',
    );
  });

  test.each(['X-Host', 'Forwarded', 'Content-Type', 'Authorization', 'Cookie', 'Accept-Encoding'])(
    'may be %s',
    (name) => {
      expect(fault(headerMap, name, 'ü')).toBeNull();
    },
  );

  test('of the connection may be taken back', () => {
    expect(fault(headerParameters, 'Host', null)).toBeNull();
  });
});
