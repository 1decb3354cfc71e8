import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useLayoutEffect,
  useState,
} from 'react';
import type { UntypedActions } from '..';
import { StreamerStores } from '../store';
import { ClientHolder, type ClientSource } from './client-holder';

const Context = createContext<StreamerStores | undefined>(undefined);

/** Props of a `StreamerProvider`: a client, or the URL and the options of one. */
export type StreamerProviderProps<Actions extends object = UntypedActions> = ClientSource<Actions> & {
  readonly children?: ReactNode;
};

/** Identifies the client. Another client or another URL starts with new stores. */
const identityOf = (source: ClientSource): unknown => ('client' in source ? source.client : source.url);

/** Effect that runs before the effects of the children. React warns about it during rendering on a server. */
const useEarlyEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect;

/** Gives its children a client. */
export function StreamerProvider({ children, ...source }: StreamerProviderProps): ReactElement {
  const held = useKept([identityOf(source as ClientSource)], () => {
    const holder = new ClientHolder(source as ClientSource);
    return { holder, stores: new StreamerStores(holder.client) };
  });
  useEffect(() => held.holder.update(source as ClientSource));
  useEarlyEffect(() => held.holder.retain(), [held]);
  return createElement(Context.Provider, { value: held.stores }, children);
}

/** @throws Error outside a provider */
export function useStores(): StreamerStores {
  const stores = useContext(Context);
  if (!stores) throw new Error('The hooks of Streamer work only inside a <StreamerProvider>.');
  return stores;
}

/** Keeps a value as long as the keys stay the same. React may drop the value of `useMemo`, but not a state. */
export function useKept<Value>(keys: readonly unknown[], create: () => Value): Value {
  const [kept, setKept] = useState(() => ({ keys, value: create() }));
  if (keys.every((key, index) => Object.is(key, kept.keys[index]))) return kept.value;
  const next = { keys, value: create() };
  setKept(next);
  return next.value;
}
