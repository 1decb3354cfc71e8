import { prettyJson } from '../../logic/format';
import { type MessageForm, type MessageKind, NO_INPUT, newId } from '../../logic/message';

export const KINDS: readonly { value: MessageKind; label: string }[] = [
  { value: 'request', label: 'Request' },
  { value: 'attach', label: 'Attach' },
  { value: 'ping', label: 'Ping' },
  { value: 'raw', label: 'Raw text' },
];

/** Values from a link, or those of a first request. */
export function firstForm(params: Readonly<Record<string, string>>, firstAction = ''): MessageForm {
  const { kind, action = firstAction, id = '', input } = params;
  return {
    kind: KINDS.find(({ value }) => value === kind)?.value ?? 'request',
    action,
    // a request that is sent again is another one
    id: kind === 'attach' ? id : newId(),
    input: input ? prettyJson(input) : NO_INPUT,
    offset: '0',
    raw: '{\n  "type": "ping"\n}',
  };
}
