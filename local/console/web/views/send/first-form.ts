import { prettyJson } from '../../logic/format';
import { type MessageForm, type MessageKind, NO_INPUT, newId } from '../../logic/message';

export const KINDS: readonly { value: MessageKind; label: string }[] = [
  { value: 'request', label: 'Request' },
  { value: 'attach', label: 'Attach' },
  { value: 'ping', label: 'Ping' },
  { value: 'raw', label: 'Raw text' },
];

/** Returns the form's values from a link. Without a link, it returns the values for a new request. */
export function firstForm(params: Readonly<Record<string, string>>, firstAction = ''): MessageForm {
  const { kind, action = firstAction, id = '', input } = params;
  return {
    kind: KINDS.find(({ value }) => value === kind)?.value ?? 'request',
    action,
    // a request that is sent again gets a new id
    id: kind === 'attach' ? id : newId(),
    input: input ? prettyJson(input) : NO_INPUT,
    offset: '0',
    raw: '{\n  "type": "ping"\n}',
  };
}
