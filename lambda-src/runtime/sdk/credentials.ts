/** Stands in for the SDK's credential chain in the bundles: Lambda gives credentials by the environment. */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
