/** Replaces the SDK's credential chain in the bundles. The chain is not needed, because Lambda passes credentials in environment variables. */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
