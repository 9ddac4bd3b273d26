/** The bytes of a document that was sent in base64. */
export function documentOf(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}
