import { useId } from 'react';
import type { AuthKind } from '../../../types';
import { api } from '../../api';
import { useStored } from '../../hooks';
import { visitorSecret } from '../../logic/visitor';

export interface IdentityValues {
  readonly user: string;
  readonly tenant: string;
  /** Token that the developer has pasted. The browser never stores it. */
  readonly token: string;
}

export interface Identity {
  readonly values: IdentityValues;
  set(change: Partial<IdentityValues>): void;
}

let pasted = '';

/** Returns the identity with which the developer connects: the identity from the link, otherwise the last identity. */
export function useIdentity(params: Readonly<Record<string, string>>): Identity {
  const [user, setUser] = useStored('user', params.user ?? 'local-user');
  const [tenant, setTenant] = useStored('tenant', params.tenant ?? 'local-tenant');
  const [, touch] = useStored('identity', '');
  return {
    values: { user: params.user ?? user, tenant: params.tenant ?? tenant, token: pasted },
    set: (change) => {
      if (change.user !== undefined) setUser(change.user);
      if (change.tenant !== undefined) setTenant(change.tenant);
      if (change.token !== undefined) {
        pasted = change.token;
        touch(String(pasted.length));
      }
    },
  };
}

/**
 * Returns the owner of the connection, and a token if the API needs one.
 *
 * @throws Error if the issuer refuses to issue a token, or if the user has not pasted a token that the API needs
 */
export async function identityOf(
  auth: AuthKind,
  { user, tenant, token }: IdentityValues,
  tokenPath: string | undefined,
): Promise<{ token: string | undefined; who: string }> {
  if (auth === 'none') return { token: undefined, who: 'anybody' };
  if (token !== '') return { token, who: 'the owner of the token' };
  if (auth === 'visitor') return { token: await visitorSecret(user), who: `the visitor ${user}` };
  if (auth === 'token' || tokenPath === undefined) throw new Error('This API has a custom authorizer: paste a token.');
  const issued = await api.token(tokenPath, { sub: user, ...(tenant !== '' && { tenant }) });
  return { token: issued.token, who: tenant === '' ? user : `${user} of ${tenant}` };
}

const HINTS: Record<AuthKind, string> = {
  issuer: "The run's own issuer signs a token for this user.",
  visitor: 'Each visitor has a secret. Here it is derived from the name, so it is always the same.',
  token: 'The API has a custom authorizer: paste a token that it accepts.',
  none: 'The API accepts every client.',
};

export function IdentityFields({ auth, identity }: { readonly auth: AuthKind; readonly identity: Identity }) {
  const { values, set } = identity;
  return (
    <>
      <p className="hint">{HINTS[auth]}</p>
      {auth !== 'none' && (
        <div className="fields">
          {auth !== 'token' && (
            <Field
              label={auth === 'visitor' ? 'Visitor' : 'User'}
              value={values.user}
              onChange={(user) => set({ user })}
            />
          )}
          {auth === 'issuer' && <Field label="Tenant" value={values.tenant} onChange={(tenant) => set({ tenant })} />}
          <Field
            label={auth === 'token' ? 'Token' : 'or a token'}
            value={values.token}
            onChange={(token) => set({ token: token.trim() })}
            secret
          />
        </div>
      )}
    </>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly secret?: boolean;
  onChange(value: string): void;
}

function Field({ label, value, secret = false, onChange }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type={secret ? 'password' : 'text'}
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
