import type { StreamerError } from '../wire/errors';

/**
 * A value that changes, with the interface that user-interface libraries read: React's `useSyncExternalStore`, Svelte's store contract and Vue's
 * `shallowRef` need only these two functions.
 */
export interface ReadableStore<View> {
  /**
   * Calls the listener after each change of the view. Returns a function that removes the listener.
   *
   * A store works as long as it has listeners. When the last listener is removed, the store ends its subscriptions, but requests continue on the
   * server.
   */
  readonly subscribe: (listener: () => void) => () => void;
  /** Returns the current view. It is the same object until the next change. */
  readonly getSnapshot: () => View;
}

/**
 * Base of the stores.
 *
 * Changes are collected until the current task has handled its frame, so that a frame with a hundred events causes one change of the view.
 */
export abstract class Store<View extends object> implements ReadableStore<View> {
  private readonly callbacks = new Set<() => void>();
  private draft: View | undefined;
  protected isActive = false;

  constructor(private view: View) {}

  readonly getSnapshot = (): View => this.view;

  readonly subscribe = (listener: () => void): (() => void) => {
    // The same function may listen twice, so each call has an entry of its own.
    const entry = () => listener();
    this.callbacks.add(entry);
    if (!this.isActive) this.open();
    return () => {
      this.callbacks.delete(entry);
      // React removes the listeners of a component and adds them again at once, for example in StrictMode.
      if (this.callbacks.size === 0) setTimeout(() => this.leaveIfUnused());
    };
  };

  /** Called when the store gets its first listener. If it throws, `failed` is called. */
  protected abstract activate(): void;

  /** Called when the last listener has been removed. */
  protected abstract deactivate(): void;

  /** Shows an error of `activate`, such as that of an invalid topic. */
  protected abstract failed(error: StreamerError): void;

  /** The view with all changes, also with those that the listeners do not know yet. */
  protected get latest(): View {
    return this.draft ?? this.view;
  }

  /** Whether there are changes that the listeners do not know yet. */
  protected get isChanging(): boolean {
    return this.draft !== undefined;
  }

  protected change(change: Partial<View>): void {
    if (!this.draft) queueMicrotask(() => this.flush());
    this.draft = { ...this.latest, ...change };
  }

  private open(): void {
    this.isActive = true;
    try {
      this.activate();
    } catch (error) {
      this.failed(error as StreamerError);
    }
  }

  private flush(): void {
    if (!this.draft) return;
    this.view = this.draft;
    this.draft = undefined;
    for (const listener of [...this.callbacks]) listener();
  }

  private leaveIfUnused(): void {
    if (this.callbacks.size > 0 || !this.isActive) return;
    this.isActive = false;
    this.deactivate();
  }
}

/** Functions of the application that are called with each value. */
export class Listeners<Value> {
  private readonly all = new Set<(value: Value) => unknown>();

  /** Returns a function that removes the listener. */
  add(listener: (value: Value) => unknown): () => void {
    const entry = (value: Value) => listener(value);
    this.all.add(entry);
    return () => void this.all.delete(entry);
  }

  call(value: Value): void {
    for (const listener of [...this.all]) listener(value);
  }
}

/** Marks the rejection of a promise as handled. A caller that ignores the promise, such as a button, causes no `unhandledrejection`. */
export function watched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
