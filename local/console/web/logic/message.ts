import { limits, patterns } from '../../../../protocol/constants.json';
import { jsonProblem } from './json-problem';

/** Input of a form before the user has edited it. */
export const NO_INPUT = '{\n  \n}';

export type MessageKind = 'request' | 'attach' | 'ping' | 'raw';

/** Values of the form. */
export interface MessageForm {
  readonly kind: MessageKind;
  readonly action: string;
  readonly id: string;
  /** Input as a JSON string; an empty string means no input. */
  readonly input: string;
  readonly offset: string;
  /** Whole message of a form with the kind `raw`. */
  readonly raw: string;
}

export type FieldName = 'action' | 'id' | 'input' | 'offset' | 'raw';

export type Checked =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problems: Readonly<Partial<Record<FieldName, string>>> };

const ID = new RegExp(patterns.requestId);
const NAME = new RegExp(patterns.name);

/**
 * Returns the message of the form, or its problem. A raw message only needs to be JSON. A developer can thus send
 * invalid messages and see the server's answer.
 */
export function checkMessage(form: MessageForm): Checked {
  const problems: Partial<Record<FieldName, string>> = {};
  const note = (field: FieldName, problem: string | undefined) => {
    if (problem !== undefined) problems[field] = problem;
  };
  const { kind } = form;
  if (kind === 'raw') note('raw', jsonProblem(form.raw));
  if (kind === 'request') note('action', NAME.test(form.action) ? undefined : nameProblem(form.action));
  if (kind === 'request' || kind === 'attach') note('id', ID.test(form.id) ? undefined : idProblem(form.id));
  if (kind === 'request' && form.input.trim() !== '') note('input', jsonProblem(form.input));
  if (kind === 'attach' && !/^\d+$/.test(form.offset)) note('offset', 'a whole number from 0');
  if (Object.keys(problems).length > 0) return { ok: false, problems };
  const text = messageText(form);
  const size = new TextEncoder().encode(text).length;
  if (size <= limits.clientFrameBytes) return { ok: true, text };
  const field: FieldName = kind === 'raw' ? 'raw' : 'input';
  return {
    ok: false,
    problems: { [field]: `${size} bytes; the maximum size of a frame is ${limits.clientFrameBytes}` },
  };
}

function messageText({ kind, action, id, input, offset, raw }: MessageForm): string {
  if (kind === 'raw') return raw;
  if (kind === 'ping') return JSON.stringify({ type: 'ping' });
  if (kind === 'attach') return JSON.stringify({ type: 'attach', id, offset: Number(offset) });
  const given = input.trim() === '' ? {} : { input: JSON.parse(input) as unknown };
  return JSON.stringify({ type: 'request', id, action, ...given });
}

function nameProblem(name: string): string {
  return name === '' ? 'which action?' : 'begins with a letter; then letters, digits, and _ . -';
}

function idProblem(id: string): string {
  if (id === '') return 'a request needs an id';
  return id.length > limits.requestIdChars
    ? `at most ${limits.requestIdChars} characters`
    : 'letters, digits, - and _ only';
}

const ID_CHARS = 10;

/** Returns a random id that is easy to read aloud. */
export function newId(random: () => number = Math.random): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  return Array.from({ length: ID_CHARS }, () => letters[Math.floor(random() * letters.length)]).join('');
}
