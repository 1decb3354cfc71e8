export { type Issuer, type IssuerOptions, type IssuerSpec, startIssuer, type TokenClaims } from './issuer';
