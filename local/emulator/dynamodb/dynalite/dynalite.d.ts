/**
 * Types of the internal modules of dynalite 4.0.0 that the emulator uses. Dynalite has no types and no `exports` map,
 * and its version is pinned.
 */

declare module 'dynalite/db' {
  const db: import('./shapes').DynaliteDb;
  export = db;
}
declare module 'dynalite/validations' {
  const validations: import('./shapes').DynaliteValidations;
  export = validations;
}
declare module 'dynalite/validations/*' {
  const schema: import('./shapes').RequestSchema;
  export = schema;
}
declare module 'dynalite/actions/*' {
  const action: import('./shapes').DynaliteAction;
  export = action;
}
