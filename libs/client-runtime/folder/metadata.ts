import { escapeUnseen } from './source-text.js';

export interface ServiceMetadata {
  readonly traceId: string;
  readonly name: string;
  /** `2006-01-02T15:04:05.000Z` */
  readonly updatedAt: string;
}

/** The text of `service.metadata.yaml`. */
export function metadataYaml({ traceId, name, updatedAt }: ServiceMetadata): string {
  return `trace_id: ${scalar(traceId)}\nname: ${scalar(name)}\nupdated_at: ${quoted(updatedAt)}\n`;
}

/** Words that YAML 1.1 or 1.2 readers take for something else than a text. */
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n|nan|inf)$/i;
const NUMBER = /^[-+]?[.\d][\d_,.:eExXoObBa-fA-F+-]*$/;

/** A text that YAML reads back as that text: plain where that is safe. https://yaml.org/spec/1.2.2/#733-plain-style */
function scalar(text: string): string {
  const plain =
    /^[A-Za-z0-9][A-Za-z0-9_.-]*(?: [A-Za-z0-9_.-]+)*$/.test(text) && !WORDS.test(text) && !NUMBER.test(text);
  return plain ? text : quoted(text);
}

/** YAML's double-quoted style takes JSON's escapes. */
function quoted(text: string): string {
  return escapeUnseen(JSON.stringify(text));
}
