export { generatePassword, type PasswordRules } from './generate';
export { type SecretSpec, type SecretsOptions, SecretsService } from './secrets-service';
