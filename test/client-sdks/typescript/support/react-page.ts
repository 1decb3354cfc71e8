import { JSDOM } from 'jsdom';
import { act, type ReactElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';

const { window } = new JSDOM();
let root: Root | undefined;
let container: HTMLElement;

/**
 * Gives each test of a `describe` block a page for React components. The hooks of the block run before those of the file, so components are removed
 * before their client is closed.
 */
export function usePage(): void {
  beforeAll(() => {
    Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true });
  });
  beforeEach(() => {
    container = window.document.createElement('div');
    root = createRoot(container);
  });
  afterEach(async () => {
    await remove();
    await stopped();
  });
  afterAll(() => window.close());
}

export const show = (element: ReactElement) => act(async () => root?.render(element));

export const remove = () => act(async () => root?.unmount());

export const html = (): string => container.innerHTML;

/** Waits until the stores of a removed component have stopped: a store waits for one task, and then the request that it shows waits for another one. */
export async function stopped(): Promise<void> {
  for (let task = 0; task < 2; task++) await new Promise((resolve) => setTimeout(resolve, 1));
}
