import { decodeMessage, encodeMessage } from '#core';
import type { Message } from '#core';
import type { Encryption, Place } from '#encryption';

/** The data of a message where it leaves this process. */
interface SealedData {
  readonly sealed: string;
}

function placeOf({ traceId }: Message): Place {
  return { project: '', kind: 'message', id: traceId };
}

/** The message with its data encrypted; data that already is, as in a letter that could not be read, stays so. */
export function sealMessage(message: Message, encryption: Encryption): Message {
  const { data } = message;
  if (data === undefined || isSealed(data)) return message;
  const sealed = encryption.encryptText(placeOf(message), message.type, JSON.stringify(data));
  return { ...message, data: { sealed } satisfies SealedData };
}

/** The message that `sealMessage` was given. @throws Permanent as `Encryption.decrypt` and `Encryption.plain` do. */
export function openMessage(message: Message, encryption: Encryption): Message {
  const { data } = message;
  if (data === undefined) return message;
  if (isSealed(data)) {
    return { ...message, data: JSON.parse(encryption.decryptText(placeOf(message), message.type, data.sealed)) };
  }
  encryption.plain(placeOf(message), message.type);
  return message;
}

/** The text of a message with its data as they were given; of what cannot be read, the text as it is. */
export function openText(text: string, encryption: Encryption): string {
  try {
    const message = decodeMessage(text);
    return isSealed(message.data) ? encodeMessage(openMessage(message, encryption)) : text;
  } catch {
    return text;
  }
}

function isSealed(data: unknown): data is SealedData {
  return typeof data === 'object' && data !== null && typeof (data as Partial<SealedData>).sealed === 'string';
}
