/** What comes along with a message. */
export interface MessageContext {
  /** Aborts when the component is to end: a processor that can stop early does so then. */
  readonly signal: AbortSignal;
  /** What the sender put beside the payload, such as `traceparent`. Not to be trusted. */
  readonly headers: Readonly<Record<string, unknown>>;
}

/** One message as a queue gave it out. It is settled once, by `ack` or `nack`; what comes after that changes nothing. */
export interface Message<Body = unknown> {
  readonly context: MessageContext;
  /** Where it came from: the name of a queue or topic. */
  readonly source: string;
  readonly payload: Buffer;
  /** The payload as what it means. @throws whatever is wrong with it. */
  decode(): Body;
  /** It has been dealt with. */
  ack(): Promise<void> | void;
  /** It has not: what becomes of it then is the consumer's choice, most often that it comes again. */
  nack(): Promise<void> | void;
}
