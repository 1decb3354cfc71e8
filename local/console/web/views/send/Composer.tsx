import { type KeyboardEvent, useId } from 'react';
import type { GatewayInfo } from '../../../types';
import { useData } from '../../context';
import { requestCommand } from '../../logic/command';
import { prettyJson } from '../../logic/format';
import { type Checked, type FieldName, type MessageForm, newId } from '../../logic/message';
import { CopyButton } from '../../ui/CopyButton';
import { Icon } from '../../ui/Icon';
import { InputChoice, type InputChoiceProps } from './InputChoice';
import { TextField } from './TextField';

interface ComposerProps {
  readonly form: MessageForm;
  readonly checked: Checked;
  readonly gateway: GatewayInfo;
  readonly owner: { readonly user: string; readonly tenant: string };
  onChange(change: Partial<MessageForm>): void;
  onFill: InputChoiceProps['onFill'];
  onSend(): void;
}

/** Input fields for a message. Each field is checked while the user types. */
export function Composer({ form, checked, gateway, owner, onChange, onFill, onSend }: ComposerProps) {
  const problem = (field: FieldName) => (checked.ok ? undefined : checked.problems[field]);
  const { kind } = form;
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    onSend();
  };
  return (
    <form
      className="stack"
      onKeyDown={onKey}
      onSubmit={(event) => {
        event.preventDefault();
        onSend();
      }}
    >
      {kind === 'request' && (
        <RequestFields form={form} gateway={gateway} problem={problem} onChange={onChange} onFill={onFill} />
      )}
      {kind === 'attach' && (
        <div className="fields">
          <TextField label="Id" value={form.id} problem={problem('id')} onChange={(id) => onChange({ id })} />
          <TextField
            label="From offset"
            value={form.offset}
            problem={problem('offset')}
            onChange={(offset) => onChange({ offset })}
          />
        </div>
      )}
      {kind === 'ping' && <p className="hint">Checks the connection to the router and back.</p>}
      {kind === 'raw' && (
        <Editor
          label="Text of the frame"
          value={form.raw}
          problem={problem('raw')}
          onChange={(raw) => onChange({ raw })}
        />
      )}
      <div className="form-actions">
        <button type="submit" className="button primary" disabled={!checked.ok}>
          <Icon name="send" />
          <span>Send</span>
          <kbd>Ctrl ↵</kbd>
        </button>
        {kind === 'request' && (
          <CopyButton
            text={requestCommand({ ...ownerOptions(gateway, owner), ...form, url: gateway.url })}
            label="Copy as a command line"
          >
            Copy as command
          </CopyButton>
        )}
        {checked.ok && <CopyButton text={checked.text} label="Copy the message" />}
      </div>
    </form>
  );
}

/** Returns the arguments for the command. Visitors have no tenant, and custom authorizers have their own tokens. */
function ownerOptions({ auth }: GatewayInfo, { user, tenant }: ComposerProps['owner']) {
  return { user: auth === 'issuer' || auth === 'visitor' ? user : '', tenant: auth === 'issuer' ? tenant : '' };
}

interface RequestFieldsProps {
  readonly form: MessageForm;
  readonly gateway: GatewayInfo;
  problem(field: FieldName): string | undefined;
  onChange(change: Partial<MessageForm>): void;
  onFill: InputChoiceProps['onFill'];
}

function RequestFields({ form, gateway, problem, onChange, onFill }: RequestFieldsProps) {
  const { samples } = useData();
  // the actions of another API are known only after a request for each of them
  const actions = [...new Set([...Object.keys(gateway.actions), ...samples.map(({ action }) => action)])].sort();
  const list = useId();
  return (
    <>
      <div className="fields">
        <TextField
          label="Action"
          value={form.action}
          problem={problem('action')}
          list={list}
          onChange={(action) => onChange({ action })}
        />
        <datalist id={list}>
          {actions.map((action) => (
            <option key={action} value={action}>
              {gateway.actions[action]}
            </option>
          ))}
        </datalist>
        <TextField label="Id" value={form.id} problem={problem('id')} onChange={(id) => onChange({ id })}>
          <button
            type="button"
            className="button icon-only"
            onClick={() => onChange({ id: newId() })}
            title="Another id"
          >
            <Icon name="repeat" />
            <span className="unseen">Another id</span>
          </button>
        </TextField>
      </div>
      <InputChoice form={form} onChange={onChange} onFill={onFill} />
      <Editor label="Input" value={form.input} problem={problem('input')} onChange={(input) => onChange({ input })} />
    </>
  );
}

interface EditorProps {
  readonly label: string;
  readonly value: string;
  readonly problem: string | undefined;
  onChange(value: string): void;
}

const MIN_ROWS = 6;
const MAX_ROWS = 20;

/** Input field for JSON, which is checked while the user types. */
function Editor({ label, value, problem, onChange }: EditorProps) {
  const id = useId();
  const rows = Math.min(MAX_ROWS, Math.max(MIN_ROWS, value.split('\n').length + 1));
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{label}</label>
        <button type="button" className="button small" onClick={() => onChange(prettyJson(value))}>
          Format
        </button>
      </div>
      <textarea
        id={id}
        rows={rows}
        spellCheck={false}
        autoComplete="off"
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-problem`}
        onChange={(event) => onChange(event.target.value)}
      />
      <p className="field-problem" id={`${id}-problem`} aria-live="polite">
        {problem ?? ' '}
      </p>
    </div>
  );
}
