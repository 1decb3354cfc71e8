export type { Naming } from './attributes';
export { AssemblyError } from './errors';
export { INERT } from './inert';
export { type Assembly, loadAssembly } from './load-assembly';
export { physicalName, stableId } from './physical-names';
export { SUPPORTED } from './support';
export type { Resource } from './types';
