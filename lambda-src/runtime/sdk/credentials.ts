/** Replaces the SDK's credential chain in the bundles, because Lambda provides credentials in environment variables. */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
