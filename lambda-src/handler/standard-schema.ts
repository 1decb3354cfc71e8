/**
 * The Standard Schema interface (version 1), which zod, valibot, arktype and others implement.
 *
 * It is defined here, so that the types of this module need no other package.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The input before validation, as a client sends it. */
export type InferInput<S> = S extends StandardSchema<infer Input, unknown> ? Input : unknown;
/** The input after defaults and transformations, as the handler receives it. */
export type InferOutput<S> = S extends StandardSchema<unknown, infer Output> ? Output : unknown;
