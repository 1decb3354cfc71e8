/** Stores the state of a run in a folder. */
export { Blobs } from './blobs';
export { StateError } from './errors';
export { checkUnlocked } from './lock';
export { isAlive, ownIdentity, type ProcessIdentity, parseIdentity } from './process-identity';
export { RunState, type RunStateOptions } from './run-state';
export type { StateSlot } from './slot';
